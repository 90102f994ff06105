"""`ledger restore` with the journal in PostgreSQL: workbooks and archive bring the ledger back, by the same proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inbox_worker.ledger.place import RESTORING
from tests.faults.killer import Ran
from tests.ledger.test_restore_from_books import assert_same, change_fact, left, lived
from tests.support.here import Runner
from tests.support.journals import in_config
from tests.support.office import make_bare_home
from tests.support.postgres import Postgres

__all__ = ["left", "lived"]


def restored(runner: Runner, left: Path, home: Path, url: str, *options: str, last: int | None = None) -> Ran:
    in_config(make_bare_home(home), url)
    return runner.run(
        "ledger", "restore", left / "books", left / "archive", *options, "--home", home, last=last, seconds=300
    )


def tables_of(server: Postgres, url: str) -> int:
    with server.asked(url.rpartition("/")[2]) as connection:
        row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert row
    return int(str(row[0]))


@pytest.mark.slow
def test_the_ledger_comes_back_is_proven_and_goes_on(
    lived: Path, left: Path, tmp_path: Path, runner: Runner, url: str
) -> None:
    home = tmp_path / "new"
    ran = restored(runner, left, home, url, "--json")
    assert ran.code == 0, ran
    done = json.loads(ran.out)
    assert done["problems"] == [] and len(done["undecided"]) == 1 and len(done["later"]) == 1, done
    assert_same(home, lived)
    assert not (home / "ledger" / "journal.db").exists() and not (home / RESTORING).exists()
    verified = runner.run("ledger", "verify", "--json", "--home", home)
    assert verified.code == 0 and json.loads(verified.out)["problems"] == [], verified
    again = runner.run("retry", done["undecided"][0], "--home", home)
    assert again.code == 0 and "отклонено" in again.out, again
    handed = runner.run("ingest", done["later"][0], "--mailbox", "korrektirovki", "--home", home)
    assert handed.code == 0, handed
    month = max(path.name for path in (left / "books").iterdir())
    assert runner.run("ledger", "books", month, "--home", home).code == 0
    assert runner.run("audit", "verify", "--home", home).code == 0
    refused = restored(runner, left, home, url)
    assert refused.code == 2 and "has a ledger already" in refused.err, refused


@pytest.mark.slow
def test_a_database_that_has_tables_is_left_alone(
    left: Path, tmp_path: Path, runner: Runner, server: Postgres, url: str
) -> None:
    with server.asked(url.rpartition("/")[2]) as connection:
        connection.execute("create table of_others (n int)")
    ran = restored(runner, left, tmp_path / "new", url)
    assert ran.code == 1 and "is not empty" in ran.err, ran
    assert tables_of(server, url) == 1 and not (tmp_path / "new" / "ledger" / "facts").exists()


@pytest.mark.slow
def test_what_was_changed_leaves_the_database_empty(
    left: Path, tmp_path: Path, runner: Runner, server: Postgres, url: str
) -> None:
    named = change_fact(left)
    ran = restored(runner, left, tmp_path / "new", url)
    assert ran.code == 1 and named in ran.out and not ran.err, ran
    assert tables_of(server, url) == 0


@pytest.mark.slow
def test_a_kill_before_the_database_is_filled_is_told_and_the_next_run_begins_from_empty(
    lived: Path, left: Path, tmp_path: Path, runner: Runner, server: Postgres
) -> None:
    steps = restored(runner, left, tmp_path / "trial", server.fresh(), last=0).steps
    for last in (len(steps) // 2, steps.index("os.rename facts") + 1, len(steps) - 1):
        home, url = tmp_path / f"torn-{last}", server.fresh()
        ran = restored(runner, left, home, url, last=last)
        assert ran.killed
        if not tables_of(server, url):
            asked = runner.run("report", "2026-09", "--home", home)
            assert asked.code == 1 and "ledger restore" in asked.err, (steps[last - 1], asked)
            assert tables_of(server, url) == 0, "no empty journal is begun"
            ran = restored(runner, left, home, url)
            assert ran.code == 0 and "прерван" in ran.out, (steps[last - 1], ran)
        assert runner.run("ledger", "verify", "--home", home).code == 0, steps[last - 1]
        assert_same(home, lived)
