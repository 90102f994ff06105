"""A journal and its files are of one day: an older or newer one is refused before it gives a number again. A kill is no
reason to; what it left is moved aside and never overwritten."""

from __future__ import annotations

import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.ledger.integrity.life import AT, MONTH, Life


def refused(life: Life, *told: str) -> None:
    """No command works with the journal, and each says why in a line; nothing is written."""
    before = sorted(path for folder in ("archive", "ledger/facts") for path in (life.home / folder).rglob("*"))
    commands: list[tuple[str | Path, ...]] = [
        ("ingest", life.forms / "latest.eml", "--mailbox", "korrektirovki", "--received-at", AT),
        ("draft", "2026-10"),
        ("explain", "IW-000001"),
        ("once",),
    ]
    for command in commands:
        ran = life.run(*command)
        assert ran.code == 1 and len(ran.err.splitlines()) == 1, (command, ran.err)
        assert all(one in ran.err for one in told), ran.err
    said = life.run("check")
    assert said.code == 1 and all(one in said.out for one in told)
    assert before == sorted(path for folder in ("archive", "ledger/facts") for path in (life.home / folder).rglob("*"))


def test_an_older_journal_is_refused_until_it_is_accepted(life: Life, tmp_path: Path) -> None:
    """Numbers would be given again, and fact files overwritten."""
    life.run("reopen", MONTH, "--reason", "проверка")
    older = life.copy(tmp_path / "older")
    given = life.ingested("later.eml")
    assert given["outcome"] == "accepted"
    [fact] = (life.home / "ledger" / "facts").glob(f"*/*/*-{given['submissions'][0]['submission']}.parquet")
    was = fact.read_bytes()
    mixed = older.copy(tmp_path / "mixed", journal_of=older)
    shutil.copytree(life.home, mixed.home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("journal.db*"))
    refused(mixed, "the journal is older than the files", f"{given['arrival']}", "accept-journal")
    (mixed.home / "ledger" / "mark").rename(tmp_path / "mark")
    refused(mixed, "the journal is older than the files", fact.name)
    (tmp_path / "mark").rename(mixed.home / "ledger" / "mark")
    foreseen = mixed.run("ledger", "accept-journal", "--dry-run")
    assert foreseen.code == 0 and f"would be moved aside: {fact.relative_to(life.home)}" in foreseen.out
    assert f"{given['arrival']} to {given['arrival']} were given before" in foreseen.out
    refused(mixed, "the journal is older than the files")  # nothing was done
    said = mixed.run("--lang", "ru", "ledger", "accept-journal", "--dry-run").out
    assert "будет отложено" in said and "moved aside" not in said and "the journal" not in said
    accepted = mixed.run("ledger", "accept-journal", "--reason", "лучшего нет")
    assert accepted.code == 0 and f"{given['arrival']} to {given['arrival']} were given before" in accepted.out
    aside = mixed.home / "ledger" / "leftover" / fact.relative_to(life.home / "ledger")
    assert aside.read_bytes() == was
    again = mixed.ingested("latest.eml")
    assert again["arrival"] == given["arrival"] and again["outcome"] == "accepted"
    assert aside.read_bytes() == was and mixed.run("check", "--deep").code == 0
    assert mixed.run("ledger", "accept-journal", "--reason", "ещё раз").code == 2


def test_a_journal_newer_than_its_files_is_refused(life: Life, tmp_path: Path) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    files = life.copy(tmp_path / "files")
    life.ingested("later.eml")
    mixed = files.copy(tmp_path / "mixed", journal_of=life)
    refused(mixed, "of another day, newer than the files", "IW-000007-1.parquet")
    ran = mixed.run("ledger", "accept-journal", "--reason", "нет")
    assert ran.code == 1 and "cannot be accepted" in ran.err


def test_a_kill_between_commit_and_mark_refuses_nobody(life: Life, tmp_path: Path) -> None:
    mark = life.home / "ledger" / "mark"
    before = mark.read_bytes()
    life.ingested("later.eml")
    after = mark.read_bytes()
    assert after != before
    mark.write_bytes(before)
    assert life.run("explain", "IW-000007").code == 0
    assert _latest(mark) == _latest_of(after), "the mark is brought up"
    torn = bytearray(after)
    torn[max(after.find(b"inbox", 256), 0) + 30 if _in_second(after) else 30] ^= 1
    mark.write_bytes(bytes(torn))
    assert life.run("check").code == 0, "one slot that a power cut tore is made anew out of the journal"
    assert _latest(mark) == _latest_of(after)


def _latest(mark: Path) -> str:
    return _latest_of(mark.read_bytes())


def _in_second(data: bytes) -> bool:
    """Whether the state in force stands in the second slot."""
    return _latest_of(data) == _latest_of(data[256:])


def _latest_of(data: bytes) -> str:
    """What the last commit is known by."""
    states = re.findall(r"inbox-worker-mark-1 \w+ (\d+) (\w+)", data.decode("ascii", "replace"))
    return max((int(commits), head) for commits, head in states)[1]


@pytest.mark.slow
@pytest.mark.quick("sqlite-gone")
@pytest.mark.parametrize("lost", ["empty", "gone", "torn"])
def test_a_lost_mark_is_no_new_home(life: Life, tmp_path: Path, lost: str) -> None:
    """An older journal that lags by a rejected form alone: no fact tells it, and its number would be given again."""
    older = life.copy(tmp_path / "older")
    given = life.ingested("spoilt.eml")
    assert given["outcome"] == "rejected"
    mixed = older.copy(tmp_path / "mixed", journal_of=older)
    shutil.copytree(life.home, mixed.home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("journal.db*"))
    mark = mixed.home / "ledger" / "mark"
    _lose(mark, lost)
    refused(mixed, "the journal is older than the files", "archive/2026/08/")
    _lose(life.home / "ledger" / "mark", lost)
    refused(life, "nobody can tell whether the journal", "ledger/mark", "accept-journal")
    asked = life.run("restore", tmp_path / "backups", "--only", "ledger/mark")
    assert asked.code == 2 and "no backup holds ledger/mark" in asked.err and "accept-journal" in asked.err
    accepted = mixed.run("ledger", "accept-journal", "--reason", "лучшего нет")
    assert accepted.code == 0 and "letters that the journal does not know" in accepted.out
    assert mixed.ingested("latest.eml")["arrival"] == given["arrival"], "told, and knowingly given again"
    assert life.run("ledger", "accept-journal", "--reason", "журнал последний").code == 0
    assert life.run("check", "--deep").code == 0


def _lose(mark: Path, how: str) -> None:
    if how == "gone":
        mark.unlink()
    else:
        mark.write_bytes(b"" if how == "empty" else bytes(512))


def test_a_home_of_an_earlier_version_is_taken_over_once(life: Life) -> None:
    """Its journal never had a mark."""
    (life.home / "ledger" / "mark").unlink()
    engine = create_engine(life.journal)
    with engine.begin() as connection:
        connection.exec_driver_sql("update journal_state set commits = 0")
    engine.dispose()
    first = life.run("explain", "IW-000001")
    assert first.code == 0 and "the journal is taken for that of these files" in first.err
    assert life.run("explain", "IW-000001").err == ""


@pytest.mark.slow
def test_a_fact_that_no_journal_names_is_moved_aside(life: Life) -> None:
    """Left by a kill before the commit; the same name, written again, replaces nothing."""
    life.run("reopen", MONTH, "--reason", "проверка")
    stray = life.one("ledger/facts/*/2026-09/recalculations-*.parquet").with_name("recalculations-IW-000007-1.parquet")
    stray.write_bytes(b"half a fact")
    noted = life.run("check")
    assert noted.code == 0 and stray.name in noted.out
    ran = life.ingest("later.eml")
    assert ran.code == 0 and "moved to ledger/leftover" in ran.err
    aside = life.home / "ledger" / "leftover" / stray.relative_to(life.home / "ledger")
    assert aside.read_bytes() == b"half a fact" and stray.read_bytes() != b"half a fact"
    assert life.run("check", "--deep").code == 0


def test_another_homes_journal_is_refused(life: Life, begun: Life, tmp_path: Path) -> None:
    """Begun by `init`, it knows nothing of these files."""
    if life.server:
        other = life.server.fresh()
        (life.home / "ledger" / "mark").rename(tmp_path / "mark")
        ran = life.runner.run("draft", "2026-10", "--home", life.home, environment={"INBOX_WORKER_JOURNAL": other})
        assert ran.code == 1 and "the journal is empty" in ran.err
        (tmp_path / "mark").rename(life.home / "ledger" / "mark")
        ran = life.runner.run("draft", "2026-10", "--home", life.home, environment={"INBOX_WORKER_JOURNAL": other})
        assert ran.code == 1 and "the journal of another home" in ran.err
    else:
        for path in (life.home / "ledger").glob("journal.db*"):
            path.unlink()
        refused(life, "ledger/journal.db is not there", "config.yaml: ledger.journal", "Restore it")
        (life.home / "ledger" / "mark").unlink()
        refused(life, "ledger/journal.db is not there")
        assert not list((life.home / "ledger").glob("journal.db*")), "none is made"


def test_a_mistyped_place_is_not_made(begun: Life, life: Life, tmp_path: Path) -> None:
    """Neither folders nor an empty journal; a home without a past is told so, too."""
    if life.server:
        return
    new = replace(life, home=tmp_path / "new")
    assert life.runner.run("init", new.home).code == 0
    for home in (life, new):
        mistyped = replace(home, url=f"sqlite:///{tmp_path}/nowhere/x/journal.db")
        for command in (("draft", "2026-10"), ("once",), ("explain", "IW-000001")):
            ran = mistyped.run(*command)
            assert ran.code == 2 and "INBOX_WORKER_JOURNAL" in ran.err and "nowhere/x" in ran.err, ran.err
        said = mistyped.run("check")
        assert said.code == 1 and "nowhere/x is not there" in said.out
    assert not (tmp_path / "nowhere").exists()
    beside = replace(life, url=f"sqlite:///{tmp_path}/other.db")
    assert beside.run("draft", "2026-10").code == 1 and not (tmp_path / "other.db").exists()


def test_damage_in_the_journals_pages_is_proof_daily_commands(life: Life) -> None:
    if life.server:
        return  # its pages have checksums of their own
    path = life.home / "ledger" / "journal.db"
    with sqlite3.connect(path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        [(root,)] = connection.execute("select rootpage from sqlite_master where name = 'acts'").fetchall()
        [(size,)] = connection.execute("pragma page_size").fetchall()
    connection.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size + 8 : (root - 1) * size + 200] = b"\xff" * 192
    path.write_bytes(bytes(data))
    for command in (("close", "2026-10"), ("ingest", life.forms / "later.eml", "--mailbox", "korrektirovki"), ("run",)):
        ran = life.run(*command)
        assert ran.code == 1 and "journal.db is damaged" in ran.err and len(ran.err.splitlines()) == 1, ran.err
    assert "is damaged" in life.run("check").out
