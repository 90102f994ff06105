"""An arrival that cannot be decided by a fault of ours stops nothing else, at no entry. It is set aside as `failed`,
and decided when the fault is mended. By the command line, with the journal in SQLite and in PostgreSQL.

The fault: a fact file of Customer A's lost its second half, so no form of A's of that kind can be decided.
"""

from __future__ import annotations

import email
import email.policy
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faults.journals import BEFORE, BOTH, LATER, TARIFF, House, recalculation
from tests.support.office import bin_of, customer, payment
from tests.support.papers import SCAN
from tests.support.service import ServiceProcess

POSTED = {"accepted", "deferred"}  # which of them, tells the day on which the test runs
PAPER = ("--documents", "бумага, 20.08.2026")


def _outcomes(told: list[Mapping[str, Any]]) -> list[str]:
    return [arrival["outcome"] for arrival in told]


def _of_a(house: House, amount: str = "-6") -> Path:
    return house.mail(house.form("recalculations", recalculation(amount)))


def _of_b(house: House, amount: str = "-6") -> Path:
    return house.mail(house.form("recalculations", recalculation(amount, "2001"), by="B"), by="B")


def _held(house: House) -> str:
    """A letter of A's whose two forms wait for documents: its number."""
    forms = house.form("tariffs", TARIFF), house.form("recalculations", recalculation("7"))
    [told] = house.ingest(house.mail(*forms, name="held"))
    assert [form["outcome"] for form in told["submissions"]] == ["held", "held"]
    return str(told["arrival"])


@BOTH
def test_ingest_decides_the_others_and_prints_all(house: House) -> None:
    place = 1
    files = [_of_b(house, "-6"), _of_b(house, "-7")]
    files.insert(place, _of_a(house))
    damage = house.damage()
    told = house.ingest(*files, code=1)
    expected = ["accepted", "accepted"]
    expected.insert(place, "failed")
    assert _outcomes(told) == expected
    failed = told[place]
    [why] = failed["findings"]
    assert (failed["submissions"], failed["sender"]) == ([], "office@a.example")
    assert why["code"] == "arrival.failed" and f"retry {failed['arrival']}" in why["remedy"] and why["message_kk"]
    damage.mend()
    [again] = house.told("retry", failed["arrival"])
    assert (again["outcome"], again["arrival"], again["findings"]) == ("accepted", failed["arrival"], [])
    assert again["received_at"] == failed["received_at"]


def test_ingest_for_people_says_the_same(house: House) -> None:
    house.damage()
    ran = house.run("ingest", _of_b(house), _of_a(house), "--mailbox", "korrektirovki", "--received-at", BEFORE)
    assert ran.code == 1 and "принято" in ran.out and "наша неполадка" in ran.out
    assert ran.err.count("\n") == 1 and "inbox-worker retry IW-000006" in ran.err


def test_the_same_file_given_again_is_the_same_arrival(house: House) -> None:
    damage, letter = house.damage(), _of_a(house)
    [first] = house.ingest(letter, code=1)
    [second] = house.ingest(letter, at=LATER, code=1)
    damage.mend()
    [third] = house.ingest(letter, at="2026-09-20T10:00:00")
    assert (first["arrival"], first["received_at"]) == (third["arrival"], third["received_at"])
    assert _outcomes([second, third]) == ["failed", "accepted"]


def test_a_dry_run_says_so_and_keeps_nothing(house: House) -> None:
    house.damage()
    files = _of_a(house), _of_b(house)
    ran = house.run("ingest", *files, "--mailbox", "korrektirovki", "--received-at", BEFORE, "--dry-run", "--json")
    assert _outcomes(json.loads(ran.out)["arrivals"]) == ["failed", "accepted"]
    assert house.run("retry", "--all", "--json").out == json.dumps({"arrivals": []}, indent=2) + "\n"
    assert house.run("retry", "--all").out.startswith("Решать было нечего\n"), "no table without rows"


def test_forms_of_one_letter_do_not_stop_each_other(house: House) -> None:
    """What could be decided is posted once; what is left is decided by `retry`."""
    damage = house.damage()
    forms = house.form("recalculations", recalculation("-6")), house.form("directory_corrections", _NAME)
    [told] = house.ingest(house.mail(*forms), code=1)
    assert told["outcome"] == "failed"
    assert [(form["form"], form["outcome"]) for form in told["submissions"]] == [("directory_corrections", "accepted")]
    damage.mend()
    [again] = house.told("retry", told["arrival"])
    assert [form["outcome"] for form in again["submissions"]] == ["accepted", "accepted"]
    assert again["submissions"][1] == told["submissions"][0]


_NAME = {"account": "1001", "indicator": "Площадь", "was": "10", "becomes": "12", "from_date": "01.09.2026"}


@BOTH
def test_load_prints_what_it_took_before_the_fault(house: House) -> None:
    customers = house.book("customers", [customer("A"), customer("B"), customer("C")])
    damage = house.damage("directory")
    bank = house.book("bank_register", [payment("1001", "100")], Количество=1, Сумма=100)
    told = house.told("load", bank, customers, code=1)
    assert [(arrival["source"][:4], arrival["outcome"]) for arrival in told] == [
        ("cust", "accepted"),
        ("bank", "failed"),
    ]
    damage.mend()
    assert _outcomes(house.told("retry", "--all")) == ["accepted"]


@BOTH
def test_release_leaves_held_what_it_cannot_release(house: House) -> None:
    number = _held(house)
    damage = house.damage()
    [told] = house.told("release", number, *PAPER, code=1)
    assert [form["outcome"] for form in told["submissions"]] == ["accepted", "held"]
    damage.mend()
    [told] = house.told("release", number, *PAPER)
    assert "held" not in [form["outcome"] for form in told["submissions"]]


def test_a_damaged_archive_is_no_rejection_of_the_customers(house: House) -> None:
    number = _held(house)
    files = (house.folder / "archive").rglob("*")
    [raw] = [path for path in files if b"Message-ID: <held@a.example>" in _bytes(path)]
    whole = raw.read_bytes()
    raw.write_bytes(whole.replace(b"UEsDB", b"UEsDC"))
    [told] = house.told("release", number, *PAPER, code=1)
    assert [form["outcome"] for form in told["submissions"]] == ["held", "held"]
    raw.write_bytes(whole)
    [told] = house.told("release", number, *PAPER)
    assert [form["outcome"] for form in told["submissions"]] == ["accepted", "accepted"]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@BOTH
def test_a_reply_releases_what_it_can_and_the_rest_when_it_is_retried(house: House) -> None:
    number = _held(house)
    damage = house.damage()
    [reply] = house.ingest(house.mail(SCAN, references="<held@a.example>"), at=LATER, code=1)
    assert reply["outcome"] == "failed"
    assert [form["form"] for form in reply["submissions"]] == ["tariffs"]
    damage.mend()
    [reply] = house.told("retry", reply["arrival"])
    assert [form["submission"] for form in reply["submissions"]] == [f"{number}-1", f"{number}-2"]
    assert [form["outcome"] for form in reply["submissions"]] == ["accepted", "accepted"]


@BOTH
def test_an_admitted_letter_keeps_staffs_word(house: House) -> None:
    """6.2.7: it fails, the register changes, the fault is mended: it still is of the Customer whom staff named."""
    stranger = house.mail(house.form("recalculations", recalculation("-6")), sender="x@elsewhere.example")
    [told] = house.ingest(stranger)
    assert told["outcome"] == "quarantined"
    damage = house.damage()
    [told] = house.told("admit", told["arrival"], "--as-customer", bin_of("A"), "--by", "Сауле", code=1)
    assert told["outcome"] == "failed"
    assert house.run("load", house.book("customers", [customer("A", emails="new@a.example")])).code == 0
    damage.mend()
    [told] = house.told("retry", told["arrival"])
    assert (told["outcome"], told["submissions"][0]["customer"]) == ("accepted", bin_of("A"))
    assert [finding["code"] for finding in told["findings"]] == ["sender.admitted"]


def test_the_sender_hears_that_a_person_will_look_and_then_the_decision(house: House) -> None:
    """Law 7. An answer that has not left is not sent any more when the decision is there."""
    damage = house.damage()
    [told] = house.ingest(_of_a(house), code=1)
    house.run("once")
    [written] = (house.folder / "archive" / "letters").glob(f"{told['arrival'].lower()}.*")
    words = email.message_from_bytes(written.read_bytes(), policy=email.policy.default).get_body(("plain",))
    assert words and "посмотрит сотрудник" in words.get_content() and "қызметкер қарайды" in words.get_content()
    assert "Arrow" not in words.get_content(), "what broke is nothing for the sender"
    house.told("retry", told["arrival"], code=1)
    assert [one["state"] for one in _deliveries(house, told)] == ["review"], "he hears it once"
    damage.mend()
    house.told("retry", told["arrival"])
    assert [one["state"] for one in _deliveries(house, told)] == ["dropped", "review"]


def _deliveries(house: House, told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Answers to an arrival."""
    every = json.loads(house.run("deliveries", "--all", "--json").out)["deliveries"]
    return [one for one in every if one["arrival"] == told["arrival"]]


@pytest.mark.slow
@BOTH
def test_once_decides_the_others_in_every_pass(house: House) -> None:
    _quick(house)
    damage, drop = house.damage(), house.folder / "inbox" / "korrektirovki"
    drop.mkdir(parents=True, exist_ok=True)
    shutil.move(_of_a(house), drop / "a.eml")
    codes = []
    for number in range(3):
        shutil.move(_of_b(house, f"-{7 + number}"), drop / f"{number}.eml")
        codes.append(house.run("once").code)
        assert not (drop / f"{number}.eml").exists()
    assert codes == [0, 0, 1]
    assert sorted(path.name for path in (drop / "failed").iterdir()) == ["IW-000005 a.eml", "IW-000005 a.eml.why.txt"]
    damage.mend()
    assert set(_outcomes(house.told("retry", "IW-000005"))) < POSTED
    assert not list((drop / "failed").iterdir()) and list(drop.glob("taken/*/IW-000005 a.eml"))


def test_the_service_goes_on_and_says_what_waits(house: House) -> None:
    _quick(house)
    damage, drop = house.damage(), house.folder / "inbox" / "korrektirovki"
    drop.mkdir(parents=True, exist_ok=True)
    shutil.move(_of_a(house), drop / "a.eml")
    with ServiceProcess(house.folder) as service:
        service.problem(lambda line: "set aside" in line and "IW-000005" in line)
        shutil.move(_of_b(house), drop / "b.eml")
        service.line(lambda line: "IW-000006" in line and any(outcome in line for outcome in POSTED))
        service.problem(lambda line: "arrivals failed" in line)
        told = house.run("health", "--lang", "en").out
        assert "failed 1 (IW-000005: inbox-worker retry)" in told
        damage.mend()
        assert set(_outcomes(house.told("retry", "--all"))) < POSTED


def _quick(house: House) -> None:
    config = house.folder / "config.yaml"
    text = config.read_text("utf-8").replace("quiet_seconds: 2 ", "quiet_seconds: 0.05 ")
    config.write_text(text.replace("scan_seconds: 15 ", "scan_seconds: 0.5 "), "utf-8")


def test_retry_takes_only_what_waits(house: House) -> None:
    for wrong, why in (
        (["IW-000001"], "it is accepted"),
        (["IW-000099"], "no arrival"),
        (["x"], "no number"),
        ([], "--all"),
    ):
        ran = house.run("retry", *wrong)
        assert ran.code == 2 and ran.err.count("\n") == 1 and why in ran.err


def test_letters_that_cannot_be_stored_get_no_numbers(house: House) -> None:
    """Their bytes have no place in the archive: no number is missing, and they can be given again."""
    letters = [_of_a(house), _of_b(house)]
    month = house.folder / "archive" / "2026" / "08"
    month.rename(away := month.with_name("away"))
    month.write_bytes(b"")
    ran = house.run("ingest", *letters, "--mailbox", "korrektirovki", "--received-at", BEFORE)
    assert ran.code == 1 and ran.out == "" and str(month) in ran.err
    month.unlink()
    away.rename(month)
    again = house.ingest(*letters)
    assert [(told["arrival"], told["outcome"]) for told in again] == [
        ("IW-000005", "accepted"),
        ("IW-000006", "accepted"),
    ]
