"""A month of few facts makes only the tables that it has rows of: planning each takes longer than computing it."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.model import Period
from inbox_worker.month.months import gather_facts
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line

__all__ = ["office"]

FACTS = {"every_customers", "every_directory"}
RULES = {"period", "services", "estimation", "days_before", "penalty_rule", "month_lengths"}
STEPS = {
    "begun_lines", "line_versions", "retold_lines", "standing_rows", "line_rows", "lines_in_force", "known_lines",
    "directory_tariffs", "tariffs_in_force", "readings", "quantities", "charges", "balances", "lines", "control",
}  # fmt: skip


def test_a_small_month_makes_only_what_it_has_rows_of(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))
    month = Period.parse("2026-09")
    with gather_facts(office.office, month).computed_town(month) as engine:
        asked = "select table_name from duckdb_tables() where temporary"
        assert {name for (name,) in engine.connection.execute(asked).fetchall()} == FACTS | RULES | STEPS
        assert engine.compute(month).lines.num_rows == 1


def test_what_one_month_had_the_next_in_the_same_connection_has_not(office: TownOffice) -> None:
    """October's consumption is estimated, November's is read: no step of it finds October's estimate."""
    office.load_customers(customer("B", utilities=True))
    office.load_directory(line("B", "1001", "cold_water", base="счётчик", tariff="80", meter="M-1", reading="100"))
    for received, current in (("2026-08-20", "105"), ("2026-10-20", "112")):
        row = {"account": "1001", "service": "cold_water", "meter": "M-1", "current": current}
        assert office.ingest("meter_readings", [row], received=received, by="B").outcome == "accepted"
    months = [Period.parse(text) for text in ("2026-09", "2026-10", "2026-11")]
    with gather_facts(office.office, months[-1], months).engine() as engine:
        assert [engine.compute(month).estimates.num_rows for month in months] == [0, 1, 0]


def test_a_file_of_facts_that_was_changed_stops_the_month_also_where_its_rows_are_in_memory(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50"))
    office.draft("2026-09")
    [path] = (office.office.home.ledger / "facts").rglob("directory-*.parquet")
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    with pytest.raises(DamagedFile, match="directory-"):
        office.draft("2026-09")
