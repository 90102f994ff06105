"""A kill at any step of taking names of consumers who left out of the ledger: undone, or told as not finished, and the
command again ends it; a backup brings no name back unseen (4.1.12, 8.10)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.workbooks.cells import CellReader
from tests.contract.test_8_10_names_destroyed import EXIT, GONE, OWING, STAYS, holding
from tests.faults.killer import Ran
from tests.support.here import Runner
from tests.support.journals import TownOn, in_config
from tests.support.office import TownOffice, customer, line, make_bare_home
from tests.support.once import build_once
from tests.support.postgres import Postgres

ANNA, BORIS = {"INBOX_WORKER_USER": "anna"}, {"INBOX_WORKER_USER": "boris"}
Copies = Callable[[str], Path]


def live(office: TownOffice) -> None:
    """House H-1 left on 30.09.2022; everything came and was closed in 2022."""
    office.load("customers", [customer("A", contract_date="01.01.2022", attested_until="31.12.2030")], now="2022-08-01")
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", balance="-500", name=GONE, start="09.2022"),
        line("A", "1002", "maintenance", base="кв.", tariff="500", name=OWING, start="09.2022"),
        line("A", "2001", "maintenance", base="кв.", tariff="500", house="H-2", name=STAYS, start="09.2022"),
        now="2022-08-02",
    )
    left = {**EXIT, "left_on": "30.09.2022", "learned_on": "10.08.2022"}
    assert office.ingest("house_exit", [left], received="2022-08-20").outcome == "accepted"
    for number, month in enumerate(("2022-09", "2022-10", "2022-11")):
        office.close(month, now=f"2022-{10 + number}-05")
    render_books(office.office, Period(2022, 9))


def propose(killer: Runner, home: Path) -> None:
    assert killer.run("retention", "clock", "--by", "радио", "--home", home, environment=ANNA).code == 0
    ran = killer.run("retention", "propose", "--json", "--home", home, environment=ANNA)
    made = json.loads(ran.out)
    assert [one["account"] for one in made["accounts"]] == ["1001"] and len(made["rewritten"]) == 2, ran.err


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory, killer: Runner, reader: CellReader) -> Path:
    def make(folder: Path) -> Path:
        with TownOffice(folder / "home", reader) as office:
            live(office)
        propose(killer, folder / "home")
        return folder / "home"

    return build_once(tmp_path_factory, "names", make)


def destroy(killer: Runner, home: Path, last: int | None = None) -> Ran:
    return killer.run("retention", "destroy", "1", "--home", home, last=last, environment=BORIS)


@pytest.fixture
def copies(proposed: Path, tmp_path: Path) -> Iterator[Copies]:
    yield lambda name: shutil.copytree(proposed, tmp_path / name)


def sums(home: Path) -> list[object]:
    return [pq.read_table(path).to_pylist() for path in sorted((home / "ledger/closes").glob("*/lines.parquet"))]


@pytest.mark.slow
@pytest.mark.parametrize(
    "every", [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.slow)]
)
def test_a_kill_at_any_step_leaves_the_old_whole_or_is_finished(every: bool, copies: Copies, killer: Runner) -> None:
    whole = copies("whole")
    ran = destroy(killer, whole, 0)
    assert ran.code == 0 and holding(whole, GONE) == set(), ran.err
    before = sums(whole)
    commits = [step for step, name in enumerate(ran.steps, 1) if name == "after commit"]
    last, seen = len(ran.steps), set()
    moved = [step for step, name in enumerate(ran.steps, 1) if "os.rename" in name and "parquet.tmp" in name]
    begun = commits[-2]
    put = [step for step in moved if step > begun]
    some = {begun - 1, put[0] + 1}
    for step in range(1, last + 1) if every else sorted(some):
        home, where = copies("trial"), f"{step}: {ran.steps[step - 1]}"
        assert destroy(killer, home, step).killed, where
        shown = killer.run("close", "2022-12", "--dry-run", "--home", home)
        assert shown.code == 0, (where, shown.err)
        listed = json.loads(killer.run("retention", "list", "--json", "--home", home).out)
        [one], state = listed["certificates"], {row["account"]: row["state"] for row in listed["consumers"]}["1001"]
        assert state == {"destroying": "not finished", "destroyed": "taken out"}.get(one["state"], state), where
        check = killer.run("ledger", "verify", "--full", "--home", home)
        seen.add(one["state"])
        if one["state"] == "proposed":
            assert holding(home, GONE) and check.code == 0, (where, check.out)
        elif one["state"] == "destroying":
            assert check.code == 1 and "is not finished" in check.out, (where, check.out)
            assert "restore" not in check.out, (where, "nothing is lost", check.out)
            assert killer.run("draft", "2022-12", "--home", home).code == 0, where
            assert not [path for path in holding(home, GONE) if path.endswith(".parquet")], where
        assert destroy(killer, home).code in (0, 2), where
        assert holding(home, GONE) == set() and sums(home) == before, where
        verified = killer.run("ledger", "verify", "--full", "--home", home)
        assert verified.code == 0, (where, verified.out)
        assert not (home / "ledger" / ".rewriting").exists(), where
        shutil.rmtree(home)
    assert seen == {"proposed", "destroying"} | ({"destroyed"} if every else set())


@pytest.mark.slow
def test_backups_of_before_and_after_restore_and_the_older_one_is_told(
    copies: Copies, killer: Runner, tmp_path: Path
) -> None:
    home, place, older, newest = copies("home"), tmp_path / "backups", tmp_path / "older", tmp_path / "newest"
    assert killer.run("ledger", "verify", "--home", home).code == 0
    assert killer.run("backup", place, "--home", home).code == 0
    assert destroy(killer, home).code == 0
    again = killer.run("ledger", "verify", "--home", home)
    assert again.code == 0, again.out
    made = killer.run("backup", place, "--home", home)
    assert made.code == 0 and not made.err, made.err
    assert killer.run("restore", place, "--home", newest).code == 0
    assert holding(newest, GONE) == set() and killer.run("ledger", "verify", "--full", "--home", newest).code == 0
    killer.run("restore", place, "--home", older, "--number", "1")
    check = killer.run("ledger", "verify", "--home", older)
    assert check.code == 1 and "took out personal data that are there again" in check.out, check.out
    assert holding(older, GONE) and destroy(killer, older).code == 0
    assert holding(older, GONE) == set() and sums(older) == sums(home)
    verified = killer.run("ledger", "verify", "--full", "--home", older)
    assert verified.code == 0, verified.out
    path = next(path for path in (home / "ledger").rglob("directory-*.parquet")).relative_to(home)
    (home / path).write_bytes(b"damaged")
    back = killer.run("restore", place, "--only", path, "--home", home)
    shutil.rmtree(home / "ledger" / "leftover")
    assert back.code == 0 and holding(home, GONE) == set(), back.err


@pytest.mark.slow
def test_a_ledger_of_workbooks_written_after_has_no_name(copies: Copies, killer: Runner, tmp_path: Path) -> None:
    home, fresh = copies("home"), make_bare_home(tmp_path / "fresh")
    for month in ("2022-10", "2022-11"):
        assert killer.run("ledger", "books", month, "--home", home).code == 0
    assert destroy(killer, home).code == 0
    ran = killer.run("ledger", "restore", home / "ledger" / "books", home / "archive", "--home", fresh, seconds=300)
    assert ran.code == 0, (ran.out, ran.err)
    assert holding(fresh, GONE) == set() and sums(fresh) == sums(home)
    verified = killer.run("ledger", "verify", "--full", "--home", fresh)
    assert verified.code == 0, verified.out


@pytest.mark.slow
def test_workbooks_of_before_bring_no_name_into_facts_or_closes(copies: Copies, killer: Runner, tmp_path: Path) -> None:
    home, fresh, left = copies("home"), make_bare_home(tmp_path / "fresh"), tmp_path / "left"
    for month in ("2022-10", "2022-11"):
        assert killer.run("ledger", "books", month, "--home", home).code == 0
    shutil.copytree(home / "ledger" / "books", left)
    assert destroy(killer, home).code == 0
    refused = killer.run("ledger", "restore", left, home / "archive", "--home", fresh, seconds=300)
    assert refused.code == 1 and GONE in refused.out, refused
    for path in left.glob("*/[0-9]*.xlsx"):
        path.unlink()
    ran = killer.run("ledger", "restore", left, home / "archive", "--home", fresh, seconds=300)
    assert "учёт восстановлен и доказан" in ran.out and sums(fresh) == sums(home), (
        ran
    )  # it tells the workbooks that lack
    assert all("/books/" in path for path in holding(fresh, GONE))
    for month in ("2022-09", "2022-10", "2022-11"):
        assert killer.run("ledger", "books", month, "--home", fresh).code == 0
    assert holding(fresh, GONE) == set()
    verified = killer.run("ledger", "verify", "--full", "--home", fresh)
    assert verified.code == 0, verified.out


class _OnServer(TownOn):
    """Answers leave as they do in a home of a file: one that waits for review keeps its letter."""

    def _configure(self, folder: Path) -> None:
        TownOffice._configure(self, folder)
        in_config(folder, self._url)


@pytest.mark.slow
def test_a_journal_of_postgresql_is_killed_and_finishes_alike(
    server: Postgres, killer: Runner, reader: CellReader, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with _OnServer(home, reader, server.fresh()) as office:
        live(office)
    propose(killer, home)
    before = sums(home)
    for step in (1, 60, 90, 110, 120, 130, 140):  # wherever that is: what was done is finished
        destroy(killer, home, step)
        found = killer.run("ledger", "verify", "--full", "--home", home)
        assert found.code == 0 or "is not finished" in found.out, found.out
    assert destroy(killer, home).code in (0, 2)
    assert holding(home, GONE) == set() and sums(home) == before
    verified = killer.run("ledger", "verify", "--full", "--home", home)
    assert verified.code == 0, verified.out
