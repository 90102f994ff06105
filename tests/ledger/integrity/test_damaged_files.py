"""A file that the journal names is the truth only with its hash: a difference names the file, says what to do, and ends
that job. It never becomes the sender's mistake, and never changes a figure unnoticed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook

from inbox_worker.ledger.journal import open_journal
from tests.ledger.integrity.life import MONTH, Life, damage
from tests.support.journals import unguarded

NEXT = "2026-10"
FACT = "ledger/facts/*/2026-09/recalculations-*.parquet"
CLOSE = "ledger/closes/2026-09/lines.parquet"


def refused(life: Life, path: Path, *arguments: str | Path) -> None:
    """The command ends with one line that names the file and the remedy."""
    ran = life.run(*arguments)
    assert ran.code == 1 and len(ran.err.splitlines()) == 1, (arguments, ran.err)
    assert str(path) in ran.err and "restore it from the backup" in ran.err and "check --deep" in ran.err


def proof_check(life: Life, path: Path) -> None:
    deep = life.run("check", "--deep")
    assert deep.code == 1 and path.relative_to(life.home).as_posix() in deep.out, deep.out


def test_a_changed_fact_enters_no_figure(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    path = life.one(FACT)
    was = damage(path)
    for command in (("draft", MONTH), ("close", MONTH), ("documents", MONTH, "--kind", "bill_rows")):
        refused(life, path, *command)
    refused(life, path, "ingest", life.forms / "later.eml", "--mailbox", "korrektirovki")
    proof_check(life, path)
    said = life.run("explain", "IW-000003-1")
    assert said.code == 0 and "ПОВРЕЖДЁН ИЛИ УТРАЧЕН" in said.out
    path.write_bytes(was)
    assert life.run("close", MONTH).code == 0 and life.run("check", "--deep").code == 0


def test_a_fact_that_is_gone_is_named(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    path = life.one(FACT)
    path.unlink()
    refused(life, path, "draft", MONTH)
    shallow = life.run("check")
    assert shallow.code == 1 and path.relative_to(life.home).as_posix() in shallow.out


def test_a_changed_close_enters_no_figure(life: Life) -> None:
    path = life.one(CLOSE)
    damage(path)
    for command in (("draft", NEXT), ("documents", MONTH, "--kind", "turnover"), ("ledger", "books", MONTH)):
        refused(life, path, *command)
    proof_check(life, path)
    document = life.one("outbox/*/2026-09/*/turnover-*.xlsx")
    said = life.run("explain", document)
    assert said.code == 0 and "ПОВРЕЖДЁН ИЛИ УТРАЧЕН: ledger/closes/2026-09/lines.parquet" in said.out


def test_a_reopened_close_that_was_changed_is_not_thrown_away(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    path = life.one(CLOSE)
    changed = damage(path)
    refused(life, path.parent, "close", MONTH)
    path.write_bytes(changed)
    assert life.run("close", MONTH).code == 0
    assert (life.home / "ledger" / "closes" / f"{MONTH}.1" / "lines.parquet").read_bytes() == changed


def test_a_damaged_letter_is_not_the_senders_mistake(life: Life) -> None:
    """The held form stays held; the same letter again brings back its bytes."""
    held = "IW-000005"
    path = archived(life, held)
    was = damage(path)
    refused(life, path, "release", held, "--documents", "бумага, 20.08.2026")
    proof_check(life, path)
    said = life.run("explain", f"{held}-1")
    assert said.code == 0 and "ПОВРЕЖДЁН ИЛИ УТРАЧЕН" in said.out and "ждёт: документов" in said.out
    life.ingested("plus.eml")
    assert path.read_bytes() == was
    assert life.run("release", held, "--documents", "бумага, 20.08.2026").code == 0


@pytest.mark.slow
def test_an_undecided_arrival_with_a_damaged_letter_stops_nobody(life: Life) -> None:
    """Ours, so it gets no outcome of the sender's, and the next letter is decided."""
    whole = life.copy(life.home.with_name("whole"))
    passed = whole.ingest("later.eml", last=0).steps
    commits = [step for step, name in enumerate(passed, 1) if name == "after commit"]
    stored = commits[1]  # the first is the act of the command
    assert life.ingest("later.eml", last=stored).killed
    path = archived(life, "IW-000007")
    was = damage(path)
    drop = life.home / "inbox" / "korrektirovki"
    (drop / "latest.eml").write_bytes((life.forms / "latest.eml").read_bytes())
    ran = life.run("once")
    assert str(path) in ran.err and "IW-000008 korrektirovki/latest.eml" in ran.out, ran
    assert "ещё не решено" in life.run("explain", "IW-000007").out
    path.write_bytes(was)
    assert "IW-000007 korrektirovki/later.eml" in life.run("once").out


def archived(life: Life, identifier: str) -> Path:
    """Where an arrival's bytes lie, by what `explain` says."""
    said = life.run("explain", identifier).out
    [told] = [line for line in said.splitlines() if "исходный файл: archive/" in line]
    return life.home / told.partition("исходный файл: ")[2].partition(" ")[0]


def test_a_changed_answer_does_not_go_out(life: Life) -> None:
    """A duplicate would repeat the first answer with its marked workbook."""
    path = life.one("archive/answers/*.xlsx")
    was = damage(path)
    proof_check(life, path)
    again = life.ingested("broken.eml")
    assert again["outcome"] == "rejected", "bytes of a rejected form are decided anew, with an answer of their own"
    assert life.one("outbox/pending/*/receipts/*.eml"), "the first answers wait for review"
    path.write_bytes(was)
    assert life.run("check", "--deep").code == 0


def test_a_changed_letter_of_ours_is_named(life: Life) -> None:
    path = life.one("archive/letters/*.eml")
    damage(path)
    proof_check(life, path)


@pytest.mark.quick("sqlite-approved")
@pytest.mark.parametrize("state", ["approved", "sent"])
def test_a_changed_document_is_named(state: str, life: Life) -> None:
    """What people amend in `approved` is taken up by the next look, with a note; before that it is told."""
    if state == "sent":
        assert life.run("outbox", "send", "--all").code == 0, "into the exchange folder"
    path = life.one(f"outbox/{state}/2026-09/*/turnover-*.xlsx")
    was = damage(path)
    proof_check(life, path)
    if state == "approved":
        path.write_bytes(was)
        book = load_workbook(path)
        book.worksheets[0].cell(1, 1).value = "Проверено"
        book.save(path)
        os.utime(path, (0, 0))  # it has stood still for long
        assert life.run("outbox", "list").code == 0
        deep = life.run("check", "--deep")
        assert deep.code == 0 and "amended by hand" in deep.out and path.name in deep.out


def test_numbers_without_a_gap(life: Life) -> None:
    """A letter that the journal lost is told by its number."""
    opened = open_journal(life.journal)
    with opened.transaction() as connection, unguarded(connection):
        connection.exec_driver_sql("delete from findings where arrival = 4")
        connection.exec_driver_sql("delete from submissions where arrival = 4")
        connection.exec_driver_sql("delete from arrivals where number = 4")
    opened.database.dispose()
    said = life.run("check")
    assert said.code == 1 and "gap in the numbers of arrivals: IW-000004" in said.out


def test_changed_rules_and_settings_are_told_and_are_no_mistake(life: Life) -> None:
    assert "changed since the last decision" not in life.run("check").out
    for file, text in (("rules/calendar.yaml", "# a note\n"), ("config.yaml", "\nmetrics: {port: 9464}\n")):
        path = life.home / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    said = life.run("check")
    assert said.code == 0 and "всё в порядке" in said.out
    assert "rules have changed since the last decision: IW-000006-1" in said.out
    assert "config.yaml has changed since the last decision" in said.out


def test_everything_named_has_its_hash(life: Life) -> None:
    """A byte turned in each kind of file is found, all at once."""
    kinds = ("ledger/facts/**/*.parquet", "ledger/closes/**/*.parquet", "archive/2026/**/*", "archive/answers/*",
             "archive/letters/*", "outbox/approved/2026-09/*/*.xlsx")  # fmt: skip
    files = [path for kind in kinds for path in sorted(life.home.glob(kind)) if path.is_file()]
    assert len(files) > 15
    for number, path in enumerate(files):
        damage(path, (number * 7919) % path.stat().st_size)
    said = life.run("check", "--deep")
    assert said.code == 1
    assert [path for path in files if path.relative_to(life.home).as_posix() not in said.out] == []
    assert json.dumps(said.out).count("restore it from the backup") >= len(files)
