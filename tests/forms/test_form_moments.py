"""4.1.15: times of day behind days, and days as they are typed in a hurry."""

from __future__ import annotations

from datetime import date

import pytest
from form_books import READINGS, RECALCULATIONS, head, told, xlsx


def rows_of(written: object) -> list[list[object]]:
    return [*head("meter_readings"), READINGS, ["10020030", "Холодная вода", "С-1", "100", "107", written]]


@pytest.mark.parametrize(
    "written",
    [
        "10.08.2026 14.30", "10.08.2026 14-30", "10.08.2026 в 14:30", "10.08.2026 в 11.08", "10.08.2026, 9:05:15",
        "10.08.2026 14 ч 30 мин.", "10.08.2026 14ч30м", "10.08.2026 14:30 ч.", "10.08.2026 сағат 14:30",
        "10.08.2026 г. 14:30", "10 августа 2026 г. в 14 часов", "10.08.26 23.59.59", "10.08.2026T14:30",
        "2026-08-10 14.30", "2026-08-10T00:00:00.000Z", "2026-08-10T14:30:00+05:00", "2026-08-10 00:00:00+06:00",
    ],
)  # fmt: skip
def test_a_time_behind_a_day_says_nothing(read, written: str) -> None:
    table = read(xlsx(rows_of(written)))
    assert (told(table), table.rows["taken_on"].to_pylist()) == ([], [date(2026, 8, 10)])


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-09T19:00:00.000Z",  # midnight of the 10th here
        "2026-08-09T18:00:00Z",  # of a program that does not know that our clocks were changed
        "2026-08-10T23:30:00+03:00", "2026-08-10T14:30:00+99:00",
        "2026-08-12 10:00 - 2026-08-10 14:30", "2026-08-10 14:30 или 11.08",  # was read as its first day
        "10.08.2026 11.08", "10.08.2026 25:00", "10.08.2026 14:75", "8/10/2026 2:30:00 PM", "10.08.2026 7",
    ],
)  # fmt: skip
def test_what_may_be_of_another_day_or_says_more_than_a_time_is_refused(read, written: str) -> None:
    assert told(read(xlsx(rows_of(written)))) == [("value.not_a_date", "F8", written)]


@pytest.mark.parametrize(
    "written", ["10.08.2026.", "10.08.2026,", "10.08.2026;", "10.08.26.", "2026-08-10.", "10 08 2026", "10.08,2026"]
)
def test_a_day_typed_in_a_hurry_is_that_day(read, written: str) -> None:
    lines = [";".join(f'"{cell}"' for cell in row) for row in rows_of(written)]
    for table in (read(xlsx(rows_of(written))), read("\n".join(lines).encode(), "форма.csv")):
        assert (told(table), table.rows["taken_on"].to_pylist()) == ([], [date(2026, 8, 10)])


@pytest.mark.parametrize("written", ["10/08-2026", "10-08.2026", "10-12.2026", "31.06.2026", "00.08.2026"])
def test_a_span_or_a_day_that_is_none_is_no_day(read, written: str) -> None:
    assert told(read(xlsx(rows_of(written)))) == [("value.not_a_date", "F8", written)]


@pytest.mark.parametrize("written", ["08.2026.", "08. 2026", "08.2026,", "01.08.2026 0.00", "август 2026."])
def test_a_month_typed_in_a_hurry_is_that_month(read, written: str) -> None:
    row = ["10020030", "Холодная вода", written, "-10,50", "Акт"]
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, row]))
    assert (told(table), table.rows["past_month"].to_pylist()) == ([], [date(2026, 8, 1)])


@pytest.mark.parametrize(
    ("code", "asked"),
    [("mmm.yy", True), ("[$-419]mmmm yyyy;@", True), ("h:mm", True), ("dd.mm.yyyy", False), ("d-mmm", False)],
)
def test_a_date_that_shows_no_day_is_told_once(read, code: str, asked: bool) -> None:
    """Excel made the 1st of October of `10.26`; whoever sent it sees no day."""
    rows = [*rows_of((46296, code)), ["10020047", "Холодная вода", "С-2", "1", "2", (46296, code)]]
    table = read(xlsx(rows))
    assert table.rows["taken_on"].to_pylist() == [date(2026, 10, 1)] * 2
    assert told(table) == ([("value.day_unseen", "F8", "01.10.2026")] if asked else [])


@pytest.mark.parametrize(("code", "asked"), [("yyyy", True), ('yyyy" год"', True), ("mmmm", False), ("mm.yyyy", False)])
def test_a_month_that_its_cell_does_not_show_is_told(read, code: str, asked: bool) -> None:
    row = ["10020030", "Холодная вода", (46235, code), "-10,50", "Акт"]
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, row]))
    assert told(table) == ([("value.month_unseen", "C8", "01.08.2026")] if asked else [])


def test_a_month_needs_no_day_to_be_seen(read) -> None:
    row = ["10020030", "Холодная вода", (46235, "mmm.yy"), "-10,50", "Акт"]
    assert told(read(xlsx([*head("recalculations"), RECALCULATIONS, row]))) == []


def dated(*days: object) -> list[list[object]]:
    rows = [[f"1002003{i}", "Холодная вода", f"С-{i}", 1, 2, day] for i, day in enumerate(days)]
    return [*head("meter_readings"), READINGS, *rows]


CELL = (46145, "dd.mm.yyyy")  # 03.05.2026, perhaps typed 05/03


@pytest.mark.parametrize("left", ["25/03/2026", "25-03-2026", "3/25/2026", "25/03/26"])
def test_dates_beside_one_that_a_spreadsheet_of_another_order_left_as_text_are_asked_about(read, left: str) -> None:
    """Excel in English makes the 3rd of May of `05/03/2026`, and leaves `25/03/2026` as it is: it was read so."""
    found = [one for one in read(xlsx(dated(left, CELL, (46147, "dd.mm.yyyy")))).findings if one.cell == "F9"]
    assert [(one.code, one.value, one.facts["usual"]) for one in found] == [
        ("value.two_orders", "03.05.2026", "05.03.2026")
    ]


@pytest.mark.parametrize(
    "days",
    [
        ("25.03.2026", CELL), ("05/03/2026", CELL), ("25/03/2026", CELL, (46162, "dd.mm.yyyy")),  # 20.05: day first
        ("25/03/2026", (46147, "dd.mm.yyyy")),  # 05.05: the same in any order
    ],
)  # fmt: skip
def test_dates_of_one_order_are_read(read, days: tuple[object, ...]) -> None:
    assert "value.two_orders" not in [code for code, *_ in told(read(xlsx(dated(*days))))]
