"""Months computed on a real Spark Connect server are those that DuckDB computes, row for row and byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_worker.cli.homes import check_home, make_home
from inbox_worker.core.model import MonthState, Period
from inbox_worker.month.frozen import file_hashes
from inbox_worker.month.months import close_month
from inbox_worker.month.oversized import ChargeTooLarge
from inbox_worker.month.spark import SparkFault, SparkSteps
from inbox_worker.workbooks.cells import CellReader
from tests.month.stored_town import LAST, MONTHS, close_anew, unpack
from tests.month.test_oracle import QUIET, live, text
from tests.support import sail
from tests.support.office import TownOffice, customer, line, moment
from tests.support.towns import build_story

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(sail.why_not()), reason=sail.why_not())]


@pytest.fixture(scope="module")
def server() -> Iterator[sail.Sail]:
    """A server that no test stops."""
    with sail.served() as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[sail.Sail]:
    """A server that the test may kill."""
    with sail.served() as running:
        yield running


def stored_town(folder: Path, reader: CellReader, spark: str = "", rows: int | None = None) -> TownOffice:
    unpack(folder)
    return TownOffice(folder, reader, spark=spark, rows_at_once=rows, threads=2)


def hashes(town: TownOffice) -> dict[str, dict[str, str]]:
    """Hashes of the files of every close, by month."""
    return {str(month): file_hashes(town.folder / "ledger" / "closes" / str(month)) for month in MONTHS}


@pytest.fixture(scope="module")
def by_duckdb(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> dict[str, dict[str, str]]:
    with stored_town(tmp_path_factory.mktemp("duckdb") / "home", reader) as town:
        close_anew(town)
        return hashes(town)


@pytest.mark.parametrize("rows", [None, 100])
def test_every_month_of_a_town_with_every_rare_step_is_the_same_bytes(
    rows: int | None, tmp_path: Path, reader: CellReader, server: sail.Sail, by_duckdb: dict[str, dict[str, str]]
) -> None:
    """Of the whole town at once, and of ranges of accounts side by side."""
    with stored_town(tmp_path / "home", reader, server.remote, rows) as town:
        close_anew(town)
        assert hashes(town) == by_duckdb


def test_draft_is_the_same(tmp_path: Path, reader: CellReader, server: sail.Sail) -> None:
    """4.1.4: totals and differences to the month before."""
    with stored_town(tmp_path / "home", reader, server.remote) as town:
        town.reopen(text(LAST))
        assert town.draft(text(LAST), "spark") == town.draft(text(LAST), "duckdb")


@settings(QUIET, max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_close_equals_the_slow_accountant(seed: int, reader: CellReader, server: sail.Sail) -> None:
    live(build_story(Random(seed), months=3), reader, spark=server.remote)


def test_a_server_killed_in_mid_close_leaves_nothing_half(
    tmp_path: Path, reader: CellReader, own_server: sail.Sail, by_duckdb: dict[str, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The close fails in one clear line, and the same command closes the month when the server is there again."""
    answer = SparkSteps.answer

    def killing(self: SparkSteps, connection: duckdb.DuckDBPyConnection, step: str, select: str) -> str:
        if step == "balances":
            own_server.kill()
        return answer(self, connection, step, select)

    with stored_town(tmp_path / "home", reader, own_server.remote) as town:
        town.reopen(text(LAST))
        before = sorted(path.name for path in (town.folder / "ledger" / "closes").iterdir())
        with monkeypatch.context() as patched:
            patched.setattr(SparkSteps, "answer", killing)
            with pytest.raises(SparkFault, match=r"sc://127\.0\.0\.1:\d+ broke off") as told:
                town.close(text(LAST))
        assert "\n" not in str(told.value)
        assert sorted(path.name for path in (town.folder / "ledger" / "closes").iterdir()) == before
        assert town.office.journal.closes.months()[Period.parse(text(LAST))] is not MonthState.CLOSED
        assert not list((town.folder / "ledger").glob(".spill-*"))
        own_server.start()
        town.close(text(LAST))
        assert hashes(town)[text(LAST)] == by_duckdb[text(LAST)]


def test_an_unreachable_server_is_a_clear_line_and_duckdb_closes_in_its_place(
    tmp_path: Path, reader: CellReader, own_server: sail.Sail, by_duckdb: dict[str, dict[str, str]]
) -> None:
    own_server.kill()
    with stored_town(tmp_path / "home", reader, own_server.remote) as town:
        town.reopen(text(LAST))
        with pytest.raises(SparkFault, match=r"sc://127\.0\.0\.1:\d+ .*--engine duckdb"):
            town.close(text(LAST))
        close_month(town.office, Period.parse(text(LAST)), moment("2027-12-31"), engine="duckdb")
        assert hashes(town)[text(LAST)] == by_duckdb[text(LAST)]


def test_check_asks_the_server_and_says_when_it_is_away(tmp_path: Path, own_server: sail.Sail) -> None:
    make_home(tmp_path / "home")
    config = tmp_path / "home" / "config.yaml"
    asked = f"ledger:\n  engine: spark\n  spark: {{remote: {own_server.remote!r}}}\n"
    config.write_text(config.read_text("utf-8").replace("ledger:\n", asked), "utf-8")
    assert check_home(tmp_path / "home") == []
    own_server.kill()
    [problem] = check_home(tmp_path / "home")
    assert own_server.remote in problem and "config.yaml" in problem


def test_a_charge_that_no_sum_can_hold_is_named(tmp_path: Path, reader: CellReader, server: sail.Sail) -> None:
    """Spark has more digits than DuckDB; what DuckDB refuses is refused of its rows, too."""
    with TownOffice(tmp_path / "home", reader, spark=server.remote) as town:
        town.load_customers(customer("B", utilities=True))
        town.load_directory(
            line("B", "7001", "cold_water", base="счётчик", meter="M-1", reading="0", tariff="93"), now="2026-08-02"
        )
        row = {"account": "7001", "service": "cold_water", "meter": "M-1", "current": "1100000000"}  # 102 300 000 000
        held = town.ingest("meter_readings", [row], received="2026-08-20", by="B")
        town.confirm(held.id, "по телефону", "2026-08-20")
        for engine in ("duckdb", "spark"):
            with pytest.raises(
                ChargeTooLarge, match=r"account 7001, customer 050140000021, cold_water: tariff 93.0000"
            ):
                town.draft("2026-09", engine)
