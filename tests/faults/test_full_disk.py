"""Our disk is full, our files are torn, our database is damaged: one clear line, exit 1, nothing by halves."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.killer import Ran
from tests.faults.stations import Town, state_of
from tests.support.here import Runner
from tests.support.office import bin_of

FULL = 60_000  # bytes a file may have: enough for the journal's log, too little for the large facts and the close


def one_line(ran: Ran) -> str:
    """What a failed job says: one line on stderr, nothing on stdout, no traceback."""
    assert ran.code == 1, ran
    assert ran.out == ""
    assert ran.err.startswith("inbox-worker: ")
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


@pytest.fixture
def home(town: Town, tmp_path: Path) -> Path:
    """Two customers, no account yet."""
    return shutil.copytree(town.with_customers, tmp_path / "home")


@pytest.fixture
def loaded(town: Town, tmp_path: Path) -> Path:
    """Two customers and their accounts."""
    return shutil.copytree(town.with_directory, tmp_path / "loaded")


def test_a_disk_too_full_for_the_letter_itself(home: Path, town: Town, killer: Runner) -> None:
    before = state_of(home)
    told = one_line(killer.run("load", town.directory, "--home", home, limit=FULL))
    assert str(home / "archive") in told
    assert state_of(home) == before
    assert not list((home / "archive").rglob(".*.tmp")), "a torn temporary file takes the room that is missing"


def test_a_disk_too_full_for_a_new_home(killer: Runner, tmp_path: Path) -> None:
    """It told each file of the rules that found no room, in one line of thousands of characters."""
    told = one_line(killer.run("init", tmp_path / "new", limit=20_000))
    assert len(told) < 300 and str(tmp_path / "new") in told
    assert killer.run("init", tmp_path / "new").code == 0, "the next one makes it whole"
    assert not list((tmp_path / "new").glob(".*"))


def test_a_disk_without_locks(home: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network drive may be mounted so: nothing is written there, and `check` names it, too."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    for command in (["once"], ["run"], ["backup", home.parent / "copies"]):
        told = one_line(runner.run(*command, "--home", home))
        assert "lock" in told and "mount it with locks" in told
    checked = runner.run("check", "--home", home)
    assert checked.code == 1 and f"{home / 'ledger' / '.lock'}: No locks available" in checked.out


def test_a_disk_too_full_for_facts_posts_nothing_and_a_later_run_posts_all(
    home: Path, town: Town, killer: Runner, tmp_path: Path
) -> None:
    command = ("load", town.directory, "--home", home)
    steps = killer.run("load", town.directory, "--home", shutil.copytree(home, tmp_path / "steps"), last=0).steps
    assert killer.run(*command, last=steps.index("process") + 1).killed  # stored, not decided
    told = one_line(killer.run(*command, limit=FULL))
    assert "directory-IW-000002-1.parquet" in told
    found = state_of(home)
    assert [row["outcome"] for row in found["arrivals"]] == ["accepted", None]
    assert [row["form"] for row in found["submissions"]] == ["customers"]
    assert [row["kind"] for row in found["fact_files"]] == ["customers"]
    assert not [path for path in found["loose"] if path.endswith(".tmp")]
    assert killer.run(*command).code == 0
    assert state_of(home) == state_of(town.with_directory)


def test_a_disk_too_full_for_the_close_leaves_the_month_open(loaded: Path, killer: Runner) -> None:
    before = state_of(loaded)
    told = one_line(killer.run("close", "2026-09", "--home", loaded, limit=FULL))
    assert "closes/2026-09" in told
    assert state_of(loaded) == before
    assert killer.run("close", "2026-09", "--home", loaded).code == 0
    assert len(state_of(loaded)["close bytes"]) == 6  # inbox_worker/month/frozen.py names them


def test_a_disk_too_full_for_the_journal(home: Path, town: Town, killer: Runner) -> None:
    before = state_of(home)
    assert "journal" in one_line(killer.run("load", town.directory, "--home", home, limit=20_000))
    assert state_of(home) == before


@pytest.mark.quick("ledger/closes/2026-09/lines.parquet")
@pytest.mark.parametrize(
    "place",
    [
        "ledger/facts/050140000021/2026-09/.directory-IW-000002-1.parquet.tmp",
        "ledger/closes/.2026-09.tmp/lines.parquet",
        "ledger/closes/2026-09/lines.parquet",
    ],
)
def test_torn_files_of_a_power_cut_are_ignored_and_go(place: str, home: Path, town: Town, killer: Runner) -> None:
    torn = home / place
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"PAR1 torn")
    assert killer.run("load", town.directory, "--home", home).code == 0
    assert killer.run("close", "2026-09", "--home", home).code == 0
    assert state_of(home)["loose"] == []
    assert not torn.exists() or torn.read_bytes() != b"PAR1 torn"


def _garbage_journal(home: Path) -> None:
    (home / "ledger" / "journal.db").write_bytes(b"not a database " * 1000)


def _torn_fact(home: Path) -> None:
    (fact,) = (home / "ledger" / "facts" / bin_of("B")).rglob("*.parquet")
    os.truncate(fact, 100)


def _lost_fact(home: Path) -> None:
    (fact,) = (home / "ledger" / "facts" / bin_of("B")).rglob("*.parquet")
    fact.unlink()


@pytest.mark.parametrize("damage", [_garbage_journal, _torn_fact, _lost_fact])
def test_a_damaged_ledger_is_told_in_one_line(damage: Callable[[Path], None], loaded: Path, killer: Runner) -> None:
    damage(loaded)
    one_line(killer.run("close", "2026-09", "--home", loaded))
    assert not (loaded / "ledger" / "closes" / "2026-09").exists()


def test_check_calls_a_journal_that_cannot_be_written_no_damage(loaded: Path, killer: Runner) -> None:
    """Who restored it from a backup then would lose the newest letters."""
    ran = killer.run("check", "--home", loaded, limit=20_000)
    told = ran.out.splitlines()[0]
    assert ran.code == 1 and "journal" in told and "has room" in told and "restore" not in told, ran
