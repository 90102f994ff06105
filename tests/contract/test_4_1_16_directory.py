"""4.1.16: the directory of accounts: versions from a month on, balances and readings once."""

from __future__ import annotations

import io
from decimal import Decimal as D

import openpyxl
import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import workbook


def customers(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))


office = copies_of(customers)


def charged(office: TownOffice, month: str, account: str = "1001", service: str = "maintenance", owner: str = "A") -> D:
    return D(office.drafted(month)[(account, bin_of(owner), service)]["charged"])


def test_a_version_holds_from_its_month_until_the_next(office: TownOffice) -> None:
    """Area changes from the 1st of its month; the tariff of the older row stays when the new row has none."""
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("A", "1001", "maintenance", area="12", start="11.2026"),
    )
    assert [charged(office, f"2026-{m}") for m in ("09", "10", "11", "12")] == [300, 300, 360, 360]


def test_a_version_replaces_all_rows_of_its_line(office: TownOffice) -> None:
    """A meter that the latest version does not name counts no more; a new one counts from its own value."""
    meters = {"base": "счётчик"}
    office.load_directory(
        line("B", "1001", "cold_water", **meters, tariff="10", meter="OLD", reading="5"),
        line("B", "1001", "cold_water", **meters, start="10.2026", meter="NEW", reading="1"),
    )
    row = {"account": "1001", "service": "cold_water", "meter": "OLD", "current": "8"}
    assert office.ingest("meter_readings", [row], received="2026-08-20", by="B").outcome == "accepted"
    assert charged(office, "2026-09", service="cold_water", owner="B") == 30
    assert (
        office.ingest(
            "meter_readings", [{**row, "meter": "NEW", "current": "3"}], received="2026-09-20", by="B"
        ).outcome
        == "accepted"
    )
    assert charged(office, "2026-10", service="cold_water", owner="B") == 20
    refused = office.ingest("meter_readings", [{**row, "current": "9"}], received="2026-11-20", by="B")
    assert refused.outcome == "rejected" and "meter.unknown" in refused.codes  # its last reading was due by November


def test_a_row_loaded_again_replaces_and_the_same_changes_nothing(office: TownOffice) -> None:
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10", balance="5"))
    again = office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10", balance="5"))
    assert again.submissions[0]["rows_posted"] == 0
    changed = office.load_directory(line("A", "1001", "maintenance", tariff="30", area="11", balance="7"))
    assert "row.replaced" in changed.codes
    office.close("2026-09")
    row = office.line("2026-09", "1001", "maintenance")
    assert (row["opening"], row["charged"]) == (D("7.00"), D("330.00"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (line("C", "1001", "maintenance", tariff="30", area="10"), "customer.unknown"),
        (line("A", "1001", "lift", base="чел.", residents=-1), "value.negative"),
        (line("A", "1001", "maintenance", tariff="-30", area="10"), "value.negative"),
        (line("A", "1001", "maintenance", tariff="30", area="10", start="13.2026"), "value.not_a_month"),
    ],
)  # fmt: skip
def test_a_directory_that_cannot_be_right_is_refused_whole(office: TownOffice, row: Row, code: str) -> None:
    answer = office.load("directory", [line("A", "1002", "cleaning", base="кв.", tariff="1"), row])
    assert answer.outcome == "rejected" and code in answer.codes
    assert answer.submissions[0]["rows_posted"] == 0


@pytest.mark.parametrize(
    "row",
    [
        line("A", "1001", "maintenance", tariff="30"),
        line("A", "1001", "lift", base="чел.", tariff="30"),
        line("A", "1001", "cold_water", base="счётчик", tariff="30"),
    ],
)
def test_a_line_without_its_quantity_is_told_and_charged_nothing(office: TownOffice, row: Row) -> None:
    """м² without area, чел. without residents, счётчик without a meter: a warning, and 0.00 until it is known."""
    assert office.load_directory(row).finding("directory.no_quantity")["severity"] == "warning"
    assert [v["charged"] for v in office.drafted("2026-09").values()] == [0]


def test_sewerage_needs_no_meter_of_its_own(office: TownOffice) -> None:
    """It follows its water: nothing to warn of."""
    answer = office.load_directory(
        line("B", "1001", "cold_water", base="счётчик", meter="M", reading="0"),
        line("B", "1001", "cold_sewerage", base="счётчик", tariff="1"),
    )
    assert answer.codes == []


def register_of(office: TownOffice, format_: str, *months: object) -> bytes:
    """A directory of a line a month; `format_`: the number format of the cells that hold days."""
    rows = [
        {**line("A", str(1001 + place), "maintenance", tariff="30", area="10"), "from_month": month}
        for place, month in enumerate(months)
    ]
    raw = workbook(office.office.rules.forms["directory"], rows, {}, "t")
    book, sink = openpyxl.load_workbook(io.BytesIO(raw)), io.BytesIO()
    [column] = [cell.column for row in book.active.iter_rows() for cell in row if cell.value == "Действует с"]
    for (cell,) in book.active.iter_rows(min_col=column, max_col=column):
        cell.number_format = format_
    book.save(sink)
    return sink.getvalue()


DAYS = [
    ("15.11.2026", "General"), ("15 ноября 2026 г.", "@"), ("2026-11-15", "@"), (46341, "DD.MM.YYYY"),
    (46341, "General"),
]  # fmt: skip


@pytest.mark.quick("15.11.2026-General", "46341-DD.MM.YYYY", "46341-General")
@pytest.mark.parametrize(("written", "format_"), DAYS)
def test_a_day_within_a_month_is_told_and_its_month_counts_whole(
    office: TownOffice, written: object, format_: str
) -> None:
    """46341 is 15.11.2026. One warning for the column, at the first such cell, with the count of such rows."""
    raw = register_of(office, format_, "01.11.2026", written, written)
    answer = office.hand_in_bytes(raw, received="2026-11-01", mailbox="load")
    found = answer.finding("month.counts_whole")
    assert (answer.outcome, found["severity"], found["cell"]) == ("accepted", "warning", "N7")
    assert "11.2026 (таких строк: 2)" in found["message"]
    assert charged(office, "2026-11", "1002") == 300


@pytest.mark.quick("46327-DD.MM.YYYY")
@pytest.mark.parametrize(("written", "format_"), [("01.11.2026", "@"), ("ноябрь 2026", "@"), (46327, "DD.MM.YYYY")])
def test_a_month_or_its_first_day_is_not_told(office: TownOffice, written: object, format_: str) -> None:
    raw = register_of(office, format_, "11.2026", written)
    answer = office.hand_in_bytes(raw, received="2026-11-01", mailbox="load")
    assert answer.outcome == "accepted" and "month.counts_whole" not in answer.codes
