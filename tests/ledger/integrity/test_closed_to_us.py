"""What cannot be read, or is no file at all, is told with its remedy: all at once by `check`, in one line elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.ledger.integrity.life import MONTH, Life, damage

FACT = "ledger/facts/*/2026-09/recalculations-*.parquet"
RIGHTS = "give the service's user the right to read"


def told(life: Life, *arguments: str, rights: bool = True) -> str:
    ran = life.run("check", *arguments, rights=rights)
    assert ran.code == 1 and ran.err == "", ran
    return ran.out


@pytest.mark.quick("sqlite-deep0")
@pytest.mark.parametrize("deep", [(), ("--deep",)])
def test_all_that_is_closed_to_us_is_told_at_once(deep: tuple[str, ...], life: Life) -> None:
    fact, rule = life.one(FACT), life.home / "rules" / "limits.yaml"
    barred = [fact, rule, life.home / "archive", life.home / "outbox" / "approved"]
    for path in barred:
        path.chmod(0)
    said = told(life, *deep, rights=False)
    for path in barred:
        lines = [line for line in said.splitlines() if path.relative_to(life.home).as_posix() in line]
        assert lines and all(RIGHTS in line for line in lines), (path, said)
    assert len(said.splitlines()) < 9, said
    for path in barred:
        path.chmod(0o750)
    assert life.run("check", *deep, rights=False).code == 0


def test_a_fact_without_rights_says_so_and_not_that_it_is_damaged(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    path = life.one(FACT)
    path.chmod(0)
    ran = life.run("draft", MONTH, rights=False)
    assert ran.code == 1 and str(path) in ran.err and RIGHTS in ran.err and "backup" not in ran.err


def test_a_home_that_is_closed_to_us_is_not_called_missing(life: Life) -> None:
    """The advice was to make a home with `init`, in the place of one that is there."""
    life.home.chmod(0)
    try:
        for command in (("tasks", "list"), ("check",)):
            ran = life.run(*command, rights=False)
            said = ran.out + ran.err
            assert ran.code in (1, 2) and "Permission denied" in said and "init" not in said, ran
    finally:
        life.home.chmod(0o750)


def test_a_ledger_that_we_may_only_read(life: Life) -> None:
    ledger = life.home / "ledger"
    ledger.chmod(0o550)
    said = told(life, rights=False)
    ran = life.run("close", MONTH, rights=False)
    ledger.chmod(0o750)
    assert f"{ledger} cannot be read or written; {RIGHTS} and write it" in said and "backup" not in said, said
    if not life.url:  # a journal elsewhere writes nothing there but facts
        assert ran.code == 1 and str(ledger) in ran.err and RIGHTS in ran.err


def test_a_file_that_the_archive_cannot_take_stays_and_is_tried_again(life: Life) -> None:
    """One folder without rights stops no other: it ended the whole service."""
    waiting = life.home / "inbox" / "korrektirovki" / "form.xlsx"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(life.forms / "bank.xlsx", waiting)
    months = [month for year in (life.home / "archive").glob("20??") for month in [*year.iterdir(), year]]
    for folder in months:
        folder.chmod(0)
    ran = life.run("once", rights=False)
    assert "Permission denied" in ran.err and "it is tried again" in ran.err and waiting.exists(), ran
    for folder in reversed(months):
        folder.chmod(0o750)
    life.run("once")
    assert not waiting.exists()


def test_what_is_never_taken_from_a_drop_folder_is_named_with_its_remedy(life: Life) -> None:
    drop = life.home / "inbox" / "korrektirovki"
    drop.mkdir(parents=True, exist_ok=True)
    shutil.copy(life.forms / "bank.xlsx", drop / "closed.xlsx")
    (drop / "closed.xlsx").chmod(0)
    (drop / "link.xlsx").symlink_to(life.forms / "bank.xlsx")
    (drop / "Folder").mkdir()
    (drop / "gone.xlsx").symlink_to("nowhere")
    os.mkfifo(drop / "pipe.eml")
    remedies = {
        "closed.xlsx": RIGHTS,
        "link.xlsx": "put the file itself there",
        "gone.xlsx": "put the file itself there",
        "Folder": "move its files up",
        "pipe.eml": "take it away",
    }
    ran, said = life.run("once", rights=False), told(life, "--lang", "en", rights=False)
    for name, remedy in remedies.items():
        for where in (ran.err, said):
            lines = [line for line in where.splitlines() if f"inbox/korrektirovki/{name} " in line]
            assert len(lines) == 1 and remedy in lines[0], (name, where)
    assert sorted(path.name for path in drop.iterdir() if path.name != "taken") == sorted(remedies)


@pytest.mark.parametrize("put", [os.mkfifo, Path.mkdir])
def test_no_file_in_the_place_of_a_file(put: object, life: Life) -> None:
    """A pipe is never waited for."""
    fact, mark = life.one(FACT), life.home / "ledger" / "mark"
    letter = next(path for path in sorted((life.home / "archive" / "2026").rglob("*")) if path.is_file())
    for path in (fact, letter, mark):
        path.unlink()
        put(path)  # type: ignore[operator]
    said = told(life, "--deep")
    for path in (fact, letter, mark):
        assert path.relative_to(life.home).as_posix() in said, said
    assert "mark" in life.run("draft", MONTH).err


def test_a_pipe_in_the_place_of_a_lock(life: Life) -> None:
    for name, command in ((".lock", ("draft", "2026-10")), (".run.lock", ("run",))):
        path = life.home / "ledger" / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        ran = life.run(*command)
        path.unlink()
        assert ran.code == 1 and str(path) in ran.err and "a pipe" in ran.err


def test_a_month_of_approved_documents_that_is_closed_to_us_is_named(life: Life) -> None:
    path = life.home / "outbox" / "approved" / MONTH
    path.chmod(0)
    ran = life.run("outbox", "send", "--all", rights=False)
    path.chmod(0o750)
    assert f"{path}: Permission denied; {RIGHTS}" in ran.err


def test_approved_documents_that_are_gone_are_told(life: Life) -> None:
    path = life.one("outbox/approved/2026-09/*/turnover-*.xlsx")
    kept = path.read_bytes()
    path.unlink()
    for deep in ((), ("--deep",)):
        said = told(life, *deep)
        assert path.relative_to(life.home).as_posix() in said and "make the month's documents again" in said
    path.mkdir()
    assert path.relative_to(life.home).as_posix() in told(life)
    path.rmdir()
    back = life.home / "outbox" / "pending" / path.relative_to(life.home / "outbox" / "approved")
    back.parent.mkdir(parents=True, exist_ok=True)
    back.write_bytes(kept)
    assert life.run("check").code == 0, "put back for review, which is lawful"


def test_a_fact_that_is_a_link_is_refused_and_what_it_leads_to_stays(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    path = life.one(FACT)
    target = path.with_name("moved by hand.parquet")
    path.rename(target)
    path.symlink_to(target.name)
    for deep in ((), ("--deep",)):
        said = told(life, *deep)
        assert path.relative_to(life.home).as_posix() in said and "put the file itself in its place" in said
    for command in (("close", MONTH, "--dry-run"), ("draft", MONTH)):
        ran = life.run(*command)
        assert ran.code == 1 and str(path) in ran.err and "is a link" in ran.err and len(ran.err.splitlines()) == 1
        assert target.is_file() and not (life.home / "ledger" / "leftover").exists()


def test_a_dry_run_moves_nothing(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    stray = life.one(FACT).with_name("recalculations-IW-000003-9.parquet")
    stray.write_bytes(b"left by a kill")
    assert life.run("close", MONTH, "--dry-run").code == 0 and stray.exists()
    assert life.run("close", MONTH).code == 0 and not stray.exists()


def test_a_journal_cut_short_is_told_with_its_remedy_at_every_entry(life: Life) -> None:
    if life.url:
        pytest.skip("a file of SQLite")
    path = life.home / "ledger" / "journal.db"
    for keep in (path.stat().st_size // 2, 5000):
        os.truncate(path, keep)
        for command in (("once",), ("close", MONTH), ("outbox", "list"), ("deliveries",)):
            ran = life.run(*command)
            assert ran.code == 1 and len(ran.err.splitlines()) == 1, ran
            assert "restore the journal" in ran.err or "Restore it" in ran.err, ran.err
        assert "estore" in told(life)


def test_a_damaged_page_is_told_with_its_remedy(life: Life) -> None:
    if life.url:
        pytest.skip("a file of SQLite")
    path = life.home / "ledger" / "journal.db"
    for place in range(4096, path.stat().st_size, 4096):
        damage(path, place)
    for command in (("once",), ("deliveries",), ("report", MONTH)):
        assert "restore the journal" in life.run(*command).err


def test_a_damaged_fact_of_an_open_month_does_not_stop_the_report_of_a_closed_one(life: Life) -> None:
    letter = life.forms / "later.eml"
    ran = life.run("ingest", letter, "--mailbox", "korrektirovki", "--received-at", "2026-09-10T10:00:00", "--json")
    assert '"accepted"' in ran.out, ran
    damage(life.one("ledger/facts/*/2026-1*/*.parquet"))
    ran = life.run("report", MONTH)
    assert ran.code == 0, ran.err
