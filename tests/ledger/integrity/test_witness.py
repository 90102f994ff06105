"""4.1.17: a letter that a recipient kept proves the acts before it: who takes back the end of the chain, or makes it
anew, cannot take back the letter."""

from __future__ import annotations

import json
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox_worker.ledger.act_chain import CHAINED, hash_act
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.witnesses import HEADER
from tests.ledger.integrity.life import Life
from tests.support.journals import unguarded


@pytest.fixture
def kept(life: Life) -> Path:
    """An answer as its recipient has it: servers put their own headers before it."""
    [letter, *_] = sorted(life.home.glob("outbox/pending/*/receipts/*.eml"))
    place = life.forms.parent / f"{life.home.parent.name}.eml"
    place.write_bytes(b"Received: from a by b; Mon, 5 Oct 2026 10:00:00 +0500\r\n" + letter.read_bytes())
    return place


def verified(life: Life, *witnesses: Path) -> tuple[int, list[str]]:
    words = [word for one in witnesses for word in ("--witness", one)]
    ran = life.run("audit", "verify", *words, "--json")
    return ran.code, json.loads(ran.out)["problems"]


def test_every_letter_names_the_last_act_and_agrees_with_the_chain(life: Life, kept: Path, tmp_path: Path) -> None:
    letters = sorted(life.home.glob("outbox/pending/*/receipts/*.eml"))
    assert len(letters) == 3 and all(message_from_bytes(one.read_bytes())[HEADER] for one in letters)
    pasted = tmp_path / "headers.txt"
    number, digest = str(message_from_bytes(kept.read_bytes())[HEADER]).split()
    pasted.write_text(f"Subject: x\n{HEADER}: {number} {digest}\n", "utf-8")
    assert verified(life, kept, pasted) == (0, [])
    assert life.run("audit", "verify", "--witness", life.home / "config.yaml").code == 2
    assert life.run("audit", "verify", "--witness", tmp_path / "none.eml").code == 2


@pytest.mark.parametrize("changed", ["end", "whole"])
def test_a_chain_cut_short_or_made_anew_is_told_by_a_letter_alone(changed: str, life: Life, kept: Path) -> None:
    number = int(str(message_from_bytes(kept.read_bytes())[HEADER]).split()[0])
    journal = open_journal(life.journal)
    (life.home / "ledger" / "audit-anchors.jsonl").unlink()
    with journal.database.engine.begin() as connection, unguarded(connection):
        if changed == "end":
            connection.execute(text("delete from acts where number >= :number"), {"number": number})
        connection.execute(text("delete from acts where act = 'anchor'"))
        connection.execute(text("update acts set who = 'nobody' where number = 1"))
        last, place = "", 0
        for row in connection.execute(text("select * from acts order by number")).mappings().all():
            old, place = row["number"], place + 1
            act = {**{name: row[name] for name in CHAINED}, "number": place}
            last = hash_act(last, act)
            values = {"hash": last, "place": place, "old": old}
            connection.execute(text("update acts set hash = :hash, number = :place where number = :old"), values)
        connection.execute(text("update journal_state set last_act = :last"), {"last": last})
    journal.database.dispose()
    inside, outside = verified(life)[1], verified(life, kept)
    assert not any(str(kept) in line for line in inside)
    assert outside[0] == 1 and [line for line in outside[1] if str(kept) in line], outside


def test_an_export_that_was_kept_proves_the_chain_and_itself(life: Life, tmp_path: Path) -> None:
    """4.1.17: what the auditor stored is proven line by line, and tells which of the two was changed."""
    kept = tmp_path / "acts.jsonl"
    lines = life.run("audit", "export").out.splitlines()
    kept.write_text("\n".join(lines), "utf-8")
    assert len(lines) > 6 and verified(life, kept) == (0, [])
    kept.write_text("\n".join(lines[3:]), "utf-8")
    assert verified(life, kept) == (0, []), "an export that begins later"
    for changed, said in {
        "\n".join([*lines[:3], *lines[4:]]): "has act 5 where act 4 should be",
        "\n".join([*lines[:3], lines[4], lines[3], *lines[5:]]): "has act 5 where act 4 should be",
        "\n".join(lines).replace(json.loads(lines[2])["at"], "2020-01-01T00:00:00+05:00", 1): "does not say of act",
        "\n".join(lines[:1]).replace('"who": "', '"who": "x'): "does not say of act 1",
    }.items():
        kept.write_text(changed, "utf-8")
        code, problems = verified(life, kept)
        assert code == 1 and said in problems[0], (said, problems)


def test_an_export_that_was_cut_off_is_told_with_the_line_and_still_compared(life: Life, tmp_path: Path) -> None:
    """A mail program that keeps the first so many bytes; a note with another line's end in it is no cut."""
    kept = tmp_path / "acts.jsonl"
    assert life.run("incident", "open", "утечка\u2028двух строк", "--about", "IW-000001").code == 0
    text = life.run("audit", "export").out
    kept.write_text(text, "utf-8")
    assert verified(life, kept) == (0, [])
    lines = text.split("\n")
    forged = lines[0].replace('"who": "', '"who": "x')
    kept.write_text("\n".join([forged, *lines[1:3], lines[3][:40]]), "utf-8")
    code, problems = verified(life, kept)
    assert code == 1 and problems[0] == f"{kept} is no export from line 4 on: the file was cut off or changed"
    assert any("does not say of act 1 what was exported" in one for one in problems[1:]), problems


def test_acts_that_an_export_holds_and_the_journal_lost_are_told_once(life: Life, tmp_path: Path) -> None:
    kept = tmp_path / "acts.jsonl"
    kept.write_text(life.run("audit", "export").out, "utf-8")
    last = json.loads(kept.read_text("utf-8").splitlines()[-1])
    journal = open_journal(life.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text("delete from acts where number = :number"), {"number": last["number"]})
    journal.database.dispose()
    code, problems = verified(life, kept)
    assert code == 1 and [one for one in problems if kept.name in one] == [
        f"act {last['number']}, which {kept} names, is not there: the last one is {last['number'] - 1}"
    ]
