"""The stored town (tests/month/stored_town.py): every rare step is at work, and a close is the rows that it was."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts, Keys
from inbox_worker.core.model import Period
from inbox_worker.ledger.lines.steps import run
from inbox_worker.month.months import compute_month, find_close, gather_facts
from inbox_worker.month.steps import STEPS
from inbox_worker.month.town import UNKNOWN_KEY, KeyedTown
from inbox_worker.workbooks.cells import CellReader
from tests.month.stored_town import LAST, MONTHS, close_anew, rows_of_steps, unpack
from tests.month.test_oracle import text
from tests.support.office import TownOffice

FILES = ("lines", "recalculations", "payments", "suspense", "places", "estimates")
BY_STEPS = {
    "past_residents",
    "step_parts",
    "charge_steps",
    "past_steps",
}  # tests/contract/test_4_3_2_1_steps.py has them
MOVED_BACK = {"given_back", "moved_before", "advances_moved_back"}  # tests/contract/test_10_10_moved.py has them
MOVED_ACCOUNTS = {"past_houses"}  # tests/contract/test_4_1_16_moved_account.py has them
# Rows that break an identity; what the version of the town did not have
EMPTY = {"control"} | BY_STEPS | MOVED_BACK | MOVED_ACCOUNTS


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], pa.Table]:
    """Tables of the closes of the program that made the town, by month and name."""
    home = tmp_path_factory.mktemp("stored") / "home"
    unpack(home)
    closes = home / "ledger" / "closes"
    return {
        (str(month), name): pq.read_table(closes / str(month) / f"{name}.parquet") for month in MONTHS for name in FILES
    }


@pytest.fixture(scope="module")
def today(stored: dict[tuple[str, str], pa.Table]) -> dict[tuple[str, str], pa.Table]:
    """The stored tables with what counts otherwise since: no name takes back no new name (decision 392)."""
    key = text(LAST), "places"
    rows = stored[key].to_pylist()
    names = {row["account"]: row["name"] for row in rows if row["name"]}
    named = [{**row, "name": names.get(row["account"])} for row in rows]
    assert sum(row != old for row, old in zip(named, rows, strict=True)) == 1
    return {**stored, key: pa.Table.from_pylist(named, stored[key].schema)}


@pytest.fixture
def town(tmp_path: Path, reader: CellReader) -> TownOffice:
    unpack(tmp_path / "home")
    return TownOffice(tmp_path / "home", reader)


def tables(office: TownOffice, month: Period) -> dict[tuple[str, str], pa.Table]:
    """Tables of a month's close, wherever it keeps them."""
    files = find_close(office.office, month).files_needed(*FILES)
    return {(str(month), name): pq.read_table(path) for name, path in files.items()}


def assert_same(found: dict[tuple[str, str], pa.Table], stored: dict[tuple[str, str], pa.Table]) -> None:
    for key, table in found.items():
        rows, expected = table.to_pylist(), stored[key].to_pylist()
        assert table.schema.names == stored[key].schema.names, key
        differ = [pair for pair in zip(rows, expected, strict=False) if pair[0] != pair[1]]
        assert not differ, (key, differ[:3])
        assert len(rows) == len(expected), key


def test_every_rare_step_is_at_work(town: TownOffice) -> None:
    """A step without a row would prove nothing."""
    with town:
        counts = rows_of_steps(town)
    assert {name for name, count in counts.items() if not count} == EMPTY


@pytest.mark.slow
@pytest.mark.quick("Keys.TEXTS")
@pytest.mark.parametrize("keys", Keys)
def test_a_step_is_empty_without_the_rows_that_it_says_it_needs(
    town: TownOffice, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a step is not computed; where it would give rows, the month would lose them. Its columns are the same."""
    monkeypatch.setattr("inbox_worker.month.compute.FEW_ROWS", 0)  # or tables in between keep what is taken away
    with town:
        facts = gather_facts(town.office, MONTHS[-1])
        engine = facts.engine() if keys is Keys.TEXTS else facts.computed_town(MONTHS[-1])
        assert engine.keys is keys
        connection = engine.connection
        engine.run_steps(MONTHS[-1])
        for step in STEPS:
            text = step.read_text("utf-8")
            for needed in re.findall(r"^-- Empty without rows of (.+)\.$", text, re.MULTILINE):
                columns = connection.execute(f"describe {step.stem[3:]}").fetchall()
                connection.begin()
                for rows in needed.split(", "):
                    take_away(connection, *rows.split(" ", 1))
                assert connection.execute(f"select count(*) from ({text})").fetchall() == [(0,)], step.stem
                run(connection, [step], keys=keys)
                assert connection.execute(f"describe {step.stem[3:]}").fetchall() == columns
                connection.rollback()


def test_a_step_of_less_gives_the_same_rows_without_those_that_it_says_it_leaves_out(town: TownOffice) -> None:
    with town:
        connection = compute_month(town.office, MONTHS[-1]).connection
        found = 0
        for step in STEPS:
            text = step.read_text("utf-8")
            for absent, less in re.findall(r"^-- Without rows of (.+): (\w+\.sql)\.$", text, re.MULTILINE):
                for rows in absent.split(", "):
                    take_away(connection, *rows.split(" ", 1))
                shorter = step.with_name(less).read_text("utf-8")
                assert ordered(connection, shorter) == ordered(connection, text), step.stem
                types = [connection.execute(f"describe {query}").fetchall() for query in (shorter, text)]
                assert types[0] == types[1], step.stem
                found += len(ordered(connection, text))
    assert found, "it was proved of no row"


def ordered(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(f"from ({query}) order by all").fetchall()


def take_away(connection: duckdb.DuckDBPyConnection, name: str, where: str = "") -> None:
    """Take rows of a table, or every row of a view."""
    if connection.execute("select 1 from duckdb_views() where view_name = ?", [name]).fetchall():
        types = connection.execute(f"describe {name}").fetchall()
        columns = ", ".join(f'cast(null as {type_}) as "{column}"' for column, type_, *_ in types)
        connection.execute(f"create or replace temp view {name} as select {columns} where false")
    else:
        connection.execute(f"delete from {name} {where}")


def test_closes_of_an_earlier_version_are_read_as_they_were(
    town: TownOffice, stored: dict[tuple[str, str], pa.Table]
) -> None:
    with town:
        for month in MONTHS:
            assert not find_close(town.office, month).problems()
            assert_same(tables(town, month), stored)


def test_month_after_closes_of_an_earlier_version_is_the_same_rows(
    town: TownOffice, today: dict[tuple[str, str], pa.Table]
) -> None:
    with town:
        town.reopen(text(LAST))
        town.close(text(LAST))
        assert_same(tables(town, MONTHS[-1]), today)


@pytest.mark.parametrize(
    ("threads", "rows"), [(1, None), *(pytest.param(2, rows, marks=pytest.mark.slow) for rows in (None, 200))]
)
def test_all_months_closed_anew_are_the_same_rows(
    threads: int, rows: int | None, tmp_path: Path, reader: CellReader, today: dict[tuple[str, str], pa.Table]
) -> None:
    """Of the whole town at once, by one thread or two; and of ranges of accounts."""
    unpack(tmp_path / "home")
    with TownOffice(tmp_path / "home", reader, threads=threads, rows_at_once=rows) as town:
        close_anew(town)
        for month in MONTHS:
            assert_same(tables(town, month), today)


@pytest.mark.slow
def test_a_town_of_many_rows_is_computed_the_same_way_of_its_accounts_numbers(
    town: TownOffice, today: dict[tuple[str, str], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many rows accounts are found by a join; payments and allocations are read where they lie."""
    monkeypatch.setattr("inbox_worker.month.town.FEW_ROWS", 0)
    monkeypatch.setattr("inbox_worker.month.compute.FEW_ROWS", 0)
    with town:
        town.reopen(text(LAST))
        with gather_facts(town.office, MONTHS[-1]).limit_to(MONTHS[-1]).computed_town(MONTHS[-1]) as engine:
            assert engine.numbered
            assert engine.connection.execute("select count(*) from account_keys").fetchall() > [(1,)]
        town.close(text(LAST))
        assert_same(tables(town, MONTHS[-1]), today)


@pytest.mark.slow
def test_a_fact_of_an_account_that_no_register_knows_is_an_error_in_a_town_of_many_rows(
    town: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The join gives it no number; without the error it would be a row of no account. Then the month is computed by
    texts."""
    monkeypatch.setattr("inbox_worker.month.town.FEW_ROWS", 0)
    monkeypatch.setattr("inbox_worker.month.town._TELL_ACCOUNTS", ("new_houses",))
    with town, duckdb.connect() as connection:
        facts, month = gather_facts(town.office, MONTHS[-1]), MONTHS[-1]
        services = [service.code for service in facts.rules.services]
        with pytest.raises(UNKNOWN_KEY):
            KeyedTown(facts.home.ledger, facts.by_kind, services, month, month).show(connection)
        for accounts in (EVERY_ACCOUNT, Accounts(end="9")):
            with facts.computed_town(month, accounts) as engine:
                assert not engine.numbered and engine.accounts == accounts
