"""Commands that move money or decisions say first what they would do (`--dry-run`), and then how to take it back."""

from __future__ import annotations

import pytest
from trust_centre import Centre

from tests.support.office import bin_of, payment
from tests.support.papers import SCAN

HEAD = {"name": "Ә. Г.", "role": "Директор", "changed_on": "18.08.2026", "minutes": "№ 4 от 17.08.2026",
        "appointment": "№ 11-к от 18.08.2026"}  # fmt: skip


def state(centre: Centre) -> list[tuple[object, ...]]:
    """All that a command could have written."""
    tables = ("acts", "submissions", "findings", "fact_files", "months", "closes", "tasks")
    return [centre.rows(f"select count(*) from {name}")[0] for name in tables]


def test_release_and_confirm_say_what_they_would_decide(centre: Centre) -> None:
    form = centre.form("representative", HEAD)["submissions"][0]["submission"]
    was = state(centre)
    [tried] = centre.json("release", form, "--documents", "бумага", "--dry-run")["arrivals"]
    assert tried["arrival"] == "IW-000003" and [one["submission"] for one in tried["submissions"]] == [form]
    assert tried["submissions"][0]["outcome"] == "held", "it waits for a confirmation, too"
    shown = centre.run("confirm", form, "--by", "звонок", "--dry-run", "--lang", "en").out
    assert form.rpartition("-")[0] in shown and "taken back" not in shown
    assert state(centre) == was
    assert "is no day" in centre.run("release", form, "--documents", "бумага, 32.08.2026", "--dry-run", code=2).err
    assert "taken back" not in centre.run("confirm", form, "--by", "звонок", "--lang", "en").out, (
        "nothing is posted yet"
    )
    [tried] = centre.json("release", form, "--documents", "бумага", "--dry-run")["arrivals"]
    done = centre.run("release", form, "--documents", "бумага", "--lang", "en").out
    assert tried["submissions"][0]["outcome"] == "accepted" and "taken back by no command" in done


def test_admission_says_what_the_letter_would_come_to_and_that_nothing_takes_it_back(centre: Centre) -> None:
    more = {
        "account": "1001",
        "service": "maintenance",
        "past_month": "07.2026",
        "amount": "100",
        "basis": "Акт от 12.07.2026",
    }
    letter = centre.mail("stranger", centre.book("recalculations", [more], "A"), SCAN)["arrival"]
    was, written = state(centre), sorted(centre.home.rglob("*"))
    admit = ("admit", letter, "--as-customer", bin_of("A"), "--by", "звонок")
    [tried] = centre.json(*admit, "--dry-run")["arrivals"]
    assert (tried["arrival"], tried["outcome"]) == (letter, "accepted")
    assert "sender.admitted" in {one["code"] for one in tried["findings"]}
    assert "taken back" not in centre.run(*admit, "--dry-run", "--lang", "en").out
    assert state(centre) == was and sorted(centre.home.rglob("*")) == written
    assert "is not in quarantine" in centre.run("admit", "IW-000001", "--dry-run", code=2).err
    done = centre.run(*admit, "--lang", "en").out
    assert "taken back by no command" in done and letter in done


def test_reopening_says_what_it_would_do_and_how_it_is_taken_back(centre: Centre) -> None:
    closed = centre.run("close", "2026-09", "--lang", "en").out
    assert "To take it back: reopen 2026-09" in closed
    was = state(centre)
    tried = centre.run("reopen", "2026-09", "--reason", "ошибка", "--dry-run", "--lang", "en").out
    assert "would be open again" in tried and state(centre) == was
    assert "only the last" in centre.run("reopen", "2026-10", "--reason", "ошибка", "--dry-run", code=1).err
    done = centre.run("reopen", "2026-09", "--reason", "ошибка", "--lang", "en").out
    assert "To take it back: close 2026-09" in done
    assert "take it back" not in centre.run("close", "2026-09", "--dry-run", "--lang", "en").out


@pytest.mark.slow
def test_a_return_and_an_assignment_say_what_they_would_do_and_that_nothing_takes_them_back(centre: Centre) -> None:
    centre.load("bank_register", payment("7777", "500"), payment("8888", "5", number="2"))
    first, second = (one["id"] for one in centre.json("bank", "suspense", "list")["payments"])
    was = state(centre)
    told = centre.run("bank", "suspense", "return", first, "--by", "поручение 17", "--dry-run", "--lang", "en").out
    assert f"{first}: 500,00 would be returned to bank CASPKZKA" in told.replace("\xa0", " ") and state(centre) == was
    assert centre.json("bank", "suspense", "return", first, "--by", "поручение 17", "--dry-run")["submission"] == ""
    done = centre.run("bank", "suspense", "return", first, "--by", "поручение 17", "--lang", "en").out
    assert "No command takes it back" in done
    assert "waits no more" in centre.run("bank", "suspense", "return", first, "--by", "17", "--dry-run", code=2).err
    assigned = ("bank", "suspense", "assign", second, "--account", "1001", "--by", "звонок", "--lang", "en")
    assert "No command takes it back: a reversal" in centre.run(*assigned).out
