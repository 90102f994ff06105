"""7.2: readings under headings with a day, and of the one service that the title names."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal as D

import openpyxl
import pytest
from form_books import head, told, xlsx

BIN = ["БИН заказчика", "971240003619"]
DATED = ["Показания на 20.07.2026", "Показания на 20.08.2026"]


def book(names: list[str], *rows: list[object], title: str = "", coded: bool = True) -> bytes:
    top = head("meter_readings") if coded else [BIN, []]
    return xlsx([[title] if title else [], *top, names, *rows])


def only(table) -> dict[str, object]:  # noqa: ANN001
    [row] = table.rows.to_pylist()
    return row


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_the_later_of_two_dated_headings_is_the_current_reading(read, order: int, coded: bool) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", *DATED[::order]]
    table = read(book(names, ["10020030", "Холодная вода", "С-1", *[100, 107.5][::order]], coded=coded))
    row = only(table)
    assert (table.form, told(table)) == ("meter_readings", [])
    assert (row["previous"], row["current"], row["taken_on"]) == (D(100), D("107.5"), date(2026, 8, 20))


def test_one_dated_heading_is_the_current_reading_of_its_day(read) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", "Показание на 20.08.2026 г."]
    row = only(read(book(names, ["10020030", "Холодная вода", "С-1", 107])))
    assert (row["previous"], row["current"], row["taken_on"]) == (None, D(107), date(2026, 8, 20))


@pytest.mark.parametrize(
    "heads",
    [
        ["На 20.07.2026", "На 20.08.2026"], ["20.07.2026", "20.08.2026"], ["20.07.2026 күніне", "20.08.2026 күніне"],
        ["по состоянию на 20.07.2026", "по состоянию на 20.08.2026"],
    ],
)  # fmt: skip
def test_headings_of_a_day_alone_are_readings(read, heads: list[str]) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", *heads]
    table = read(book(names, ["10020030", "Холодная вода", "С-1", 100, 107]))
    row = only(table)
    assert (told(table), row["previous"], row["current"]) == ([], D(100), D(107))
    assert row["taken_on"] == date(2026, 8, 20)


def test_a_column_of_days_says_the_day_itself(read) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", *DATED, "Дата снятия"]
    row = only(read(book(names, ["10020030", "Холодная вода", "С-1", 100, 107, "19.08.2026"])))
    assert (row["current"], row["taken_on"]) == (D(107), date(2026, 8, 19))


@pytest.mark.parametrize(
    "more", [["Показания на 20.07.2026", "Показания на 20.08.2026", "Показания на 20.09.2026"], [DATED[0], DATED[0]]]
)
def test_three_readings_or_two_of_one_day_are_asked_about(read, more: list[str]) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", *more]
    table = read(book(names, ["10020030", "Холодная вода", "С-1", *range(len(more))]))
    assert "column.missing" in [code for code, *_ in told(table)]


@pytest.mark.parametrize(
    ("title", "code"),
    [("Показания холодной воды за август", "cold_water"), ("Ыстық судың көрсеткіштері", "hot_water"),
     ("Показания счётчиков электроэнергии", "electricity"), ("ГВС", "hot_water")],
)  # fmt: skip
def test_a_title_with_one_metered_service_is_of_all_rows(read, title: str, code: str) -> None:
    names = ["Лицевой счёт", "№ прибора", *DATED]
    table = read(book(names, ["10020030", "С-1", 100, 107], title=title))
    assert (only(table)["service"], told(table)) == (code, [])


@pytest.mark.parametrize("title", ["", "Показания холодной и горячей воды: ХВС, ГВС", "Показания", "Отопление"])
def test_a_title_that_names_no_service_or_two_is_asked_about(read, title: str) -> None:
    names = ["Лицевой счёт", "№ прибора", *DATED]
    found = told(read(book(names, ["10020030", "С-1", 100, 107], title=title)))
    assert ("column.missing", "Услуга") in [(code, value) for code, _, value in found]


def test_a_reading_of_before_beside_two_dated_ones_is_asked_about(read) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", *DATED]
    table = read(book(names, ["10020030", "Холодная вода", "С-1", 90, 100, 107]))
    assert ("column.missing", "Текущее") in [(code, value) for code, _, value in told(table)]


def test_a_dated_heading_of_something_else_is_no_reading(read) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", "Оплата на 20.07.2026", DATED[1]]
    row = only(read(book(names, ["10020030", "Холодная вода", "С-1", 900, 107])))
    assert (row["previous"], row["current"]) == (None, D(107))


def test_a_title_says_nothing_for_a_table_that_lacks_more(read) -> None:
    names = ["Лицевой счёт", *DATED]
    found = told(read(book(names, ["10020030", 100, 107], title="Показания холодной воды")))
    assert {"Услуга", "№ прибора"} <= {value for code, _, value in found if code == "column.missing"}


def test_what_stands_below_the_headings_is_no_title(read) -> None:
    names = ["Лицевой счёт", "№ прибора", *DATED, "Примечание"]
    rows = [["10020030", "С-1", 100, 107, "рядом счётчик газа"], ["10020031", "С-2", 100, 107, "газ"]]
    table = read(book(names, *rows, title="Показания холодной воды"))
    assert [row["service"] for row in table.rows.to_pylist()] == ["cold_water", "cold_water"]


def named(data: bytes, *names: str) -> bytes:
    """The workbook with its sheets named so."""
    book, sink = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    for sheet, name in zip(book.worksheets, names, strict=True):
        sheet.title = name
    book.save(sink)
    return sink.getvalue()


def test_a_sheets_name_says_the_service_of_its_rows(read) -> None:
    names = ["Лицевой счёт", "№ прибора", *DATED]
    sheets = [[*head("meter_readings"), names, ["10020030", meter, 100, 107]] for meter in ("С-1", "С-2")]
    table = read(named(xlsx(*sheets), "ХВС", "Горячая вода"))
    assert [row["service"] for row in table.rows.to_pylist()] == ["cold_water", "hot_water"]
    assert not [code for code, *_ in told(table) if code.startswith("column")]


def test_a_sheets_name_against_the_title_is_asked_about(read) -> None:
    names = ["Лицевой счёт", "№ прибора", *DATED]
    data = book(names, ["10020030", "С-1", 100, 107], title="Показания холодной воды")
    assert ("column.missing", "Услуга") in [(code, value) for code, _, value in told(read(named(data, "ГВС")))]


@pytest.mark.parametrize(
    ("month", "days", "taken"),
    [
        ("09.2026", ("20.07", "20.08"), date(2026, 8, 20)),
        ("01.2027", ("20.11", "20.12"), date(2026, 12, 20)),
        ("01.2027", ("20/12", "20/01"), date(2027, 1, 20)),
    ],
)
def test_days_of_headings_have_the_year_of_the_month_above(
    read, month: str, days: tuple[str, str], taken: date
) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", *(f"Показания на {day}" for day in days)]
    table = read(xlsx([*head("meter_readings", month), names, ["10020030", "Холодная вода", "С-1", 100, 107.5]]))
    row = only(table)
    assert (told(table), row["previous"], row["current"], row["taken_on"]) == ([], D(100), D("107.5"), taken)


def test_days_of_headings_without_a_month_above_are_asked_about(read) -> None:
    names = ["Лицевой счёт", "Услуга", "№ прибора", "Показания на 20.07", "Показания на 20.08"]
    top = head("meter_readings")[:4]
    table = read(xlsx([*top, [], names, ["10020030", "Холодная вода", "С-1", 100, 107.5]]))
    assert ("column.missing", "Текущее") in [(code, value) for code, _, value in told(table)]
