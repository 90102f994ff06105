"""The home's disk went read-only: what only reads is answered, what writes says what to do, and a backup is made."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.stations import Town, state_of
from tests.support.here import Runner

READING = [("tasks", "list"), ("explain", "IW-000002"), ("duties",), ("audit", "verify"), ("deliveries",)]
WRITING = [("close", "2026-09"), ("outbox", "list"), ("documents", "2026-09"), ("run",), ("once",)]


@pytest.fixture
def home(town: Town, tmp_path: Path, killer: Runner) -> Path:
    """Two customers and their accounts, on a disk that a command may see as read-only."""
    if "Operation not permitted" in killer.run("--version", sealed=tmp_path).err:
        pytest.skip("this machine lets nobody mount")
    return shutil.copytree(town.with_directory, tmp_path / "home")


@pytest.mark.parametrize("command", READING)
def test_what_only_reads_is_answered(command: tuple[str, ...], home: Path, killer: Runner) -> None:
    asked = (*command, "--home", str(home))
    ran = killer.run(*asked, sealed=home)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == killer.run(*asked).out


@pytest.mark.parametrize("command", WRITING)
def test_what_writes_says_what_to_do(command: tuple[str, ...], home: Path, killer: Runner) -> None:
    ran = killer.run(*command, "--home", home, sealed=home)
    assert ran.code == 1 and ran.err.count("\n") == 1
    assert "read-only" in ran.err and "make it writable" in ran.err and "`backup TO`" in ran.err
    assert "right to" not in ran.err


def test_check_names_the_disk_and_no_rights(home: Path, killer: Runner) -> None:
    ran = killer.run("check", "--home", home, sealed=home)
    assert ran.code == 1
    assert ran.out.count("read-only") == 1 and "the right to" not in ran.out


def test_health_is_not_calm(home: Path, killer: Runner) -> None:
    """The file says what was before the disk was closed."""
    now = {"state": "running", "tick": 0, "boot": "", "written": datetime.now(UTC).isoformat(), "last_pass": None}
    beside = {"undecided": 0, "problems": [], "mailboxes": {}}
    (home / "ledger" / "health.json").write_text(json.dumps({**now, **beside}), "utf-8")
    assert killer.run("health", "--home", home).code == 0
    ran = killer.run("health", "--home", home, sealed=home)
    assert ran.code == 1 and "только для чтения" in ran.out


def test_a_home_without_rights_is_told_to_be_given_them(home: Path, killer: Runner) -> None:
    (home / "ledger" / "journal.db").chmod(0o440)
    ran = killer.run("close", "2026-09", "--home", home, rights=False)
    told = killer.run("check", "--home", home, rights=False)
    assert ran.code == told.code == 1
    for said in (ran.err, told.out):
        assert "give the service's user the right" in said and "read-only" not in said


@pytest.mark.slow
@pytest.mark.parametrize("password", ["", "secret"])
def test_a_backup_is_made_and_restored(password: str, home: Path, killer: Runner, tmp_path: Path) -> None:
    before, said = state_of(home), {"INBOX_WORKER_BACKUP_PASSWORD": password} if password else {}
    ran = killer.run("backup", tmp_path / "backup", "--home", home, sealed=home, environment=said)
    assert ran.code == 1 and "readonly" in ran.out  # it is no act: the journal cannot take one
    back = tmp_path / "back"
    assert killer.run("restore", tmp_path / "backup", "--home", back, environment=said).code == 0
    assert {**state_of(back), "acts": before["acts"]} == before  # the restore itself is an act
    assert killer.run("ledger", "verify", "--home", back).code == 0


def test_what_a_killed_writer_left_in_the_log_is_read(home: Path, town: Town, killer: Runner, tmp_path: Path) -> None:
    """The log is not in the journal's file yet: who read that alone would copy an older journal."""
    steps = killer.run("load", town.directory, "--home", shutil.copytree(home, tmp_path / "steps"), last=0).steps
    assert killer.run("load", town.directory, "--home", home, last=len(steps)).killed
    assert (home / "ledger" / "journal.db-wal").stat().st_size
    asked = ("explain", "IW-000003", "--home", str(home))
    sealed = killer.run(*asked, sealed=home)
    shutil.copytree(home, tmp_path / "alone")
    (tmp_path / "alone" / "ledger" / "journal.db-shm").unlink()
    refused = killer.run("tasks", "list", "--home", tmp_path / "alone", sealed=tmp_path / "alone")
    assert refused.code == 1 and "copy the home to a disk that can be written" in refused.err
    assert (sealed.code, sealed.out) == (0, killer.run(*asked).out)
