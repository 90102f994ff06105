"""Questions about a closed month: they run the steps that they name, on the facts of those, and find the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.asked import ask_month
from inbox_worker.month.months import compute_month
from inbox_worker.month.steps import STEPS
from inbox_worker.month.tables import LINES
from inbox_worker.workbooks.cells import CellReader
from tests.month.stored_town import MONTHS, unpack
from tests.support.office import TownOffice

LAST = MONTHS[-1]
COLUMNS = {"lines": ", ".join(LINES.names)}  # what a close keeps of them


@pytest.fixture
def town(tmp_path: Path, reader: CellReader) -> TownOffice:
    unpack(tmp_path / "home")
    return TownOffice(tmp_path / "home", reader)


def select(table: str) -> str:
    return f"select {COLUMNS.get(table, '*')} from {table} order by all"  # noqa: S608


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_each_step_alone_gives_the_rows_that_it_gives_among_all(town: TownOffice, every: int) -> None:
    with town, compute_month(town.office, LAST).connection as whole:
        for table in [*(step.stem[3:] for step in STEPS), *SCHEMAS][::every]:
            assert ask_month(town.office, LAST).rows(select(table), {}) == whole.execute(select(table)).fetchall(), (
                table
            )


def test_steps_that_are_asked_for_later_join_those_that_were_run(town: TownOffice) -> None:
    """Each question finds what an engine finds that has computed the whole month, whatever was asked before."""
    with town, compute_month(town.office, LAST).connection as whole:
        asked = ask_month(town.office, LAST)
        for step in reversed(STEPS):
            table = step.stem[3:]
            assert asked.rows(select(table), {}) == whole.execute(select(table)).fetchall(), table


def test_a_sum_of_lines_is_asked_of_the_close_alone(town: TownOffice) -> None:
    """No charge and no payment is computed again for it: they are not even read."""
    with town:
        asked = ask_month(town.office, LAST)
        [(lines, places)] = asked.rows(
            "select count(*), count(f.house) from lines left join lines_in_force f using (customer, account, service)",
            {},
        )
        made = {name for (name,) in asked.rows("select view_name from duckdb_views() where temporary", {})}
        made |= {name for (name,) in asked.rows("select table_name from duckdb_tables() where temporary", {})}
    assert lines > places > 0
    assert {"lines_in_force", "every_directory"} <= made
    assert not made & {"charges", "balances", "tariffs_in_force", "every_tariffs", "every_allocations"}
