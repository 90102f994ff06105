"""4.1.15: what a line above a table, or its sheet's name, says once of a column that the table lacks is of all rows."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from form_books import head, told, xlsx

READINGS = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", "Текущее"]
GOOD = ["10020030", "Холодная вода", "С-1", 120, 127.5]
SUMS = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]


def without(names: list[str], row: list[object], *lacking: str) -> list[list[object]]:
    kept = [at for at, name in enumerate(names) if name not in lacking]
    return [[names[at] for at in kept], [row[at] for at in kept]]


@pytest.mark.parametrize(
    "line",
    [
        ["Дата снятия: 20.08.2026"], ["Дата снятия показаний: 20 августа 2026 г."], ["Дата снятия", "20.08.2026"],
        ["Дата снятия / Алынған күні:", "20.08.2026"], ["Алынған күні: 20.08.2026"],
    ],
)  # fmt: skip
def test_a_day_above_a_table_without_it_is_of_all_rows(read, line: list[object]) -> None:
    table = read(xlsx([*head("meter_readings"), line, READINGS, GOOD, ["10020031", *GOOD[1:]]]))
    assert [code for code, _, _ in told(table)] == ["column.said_above"]
    assert table.rows["taken_on"].to_pylist() == [date(2026, 8, 20)] * 2


SUM = ["10020030", "Лифт", "06.2026", -100, "акт 1"]


@pytest.mark.parametrize(
    ("lines", "lacking", "column", "value"),
    [
        ([["Основание: Акт № 5 от 12.07.2026"]], ["Основание"], "basis", "Акт № 5 от 12.07.2026"),
        ([["Основание", "Акт № 5"]], ["Основание"], "basis", "Акт № 5"),
        ([["За месяц: июнь 2026"]], ["За месяц"], "past_month", date(2026, 6, 1)),
        ([["Услуга: Лифт"]], ["Услуга"], "service", "lift"),
        ([["Лифт"]], ["Услуга"], "service", "lift"),
        ([["Услуга: Лифт"], ["Основание: акт 1"]], ["Услуга", "Основание"], "service", "lift"),
    ],
)
def test_what_a_line_says_of_the_only_columns_that_lack_is_read(
    read, lines: list[list[object]], lacking: list[str], column: str, value: object
) -> None:
    table = read(xlsx([*head("recalculations"), *lines, *without(SUMS, SUM, *lacking)]))
    assert {code for code, _, _ in told(table)} == {"column.said_above"}
    assert table.rows[column].to_pylist() == [value]


def test_a_sheet_named_as_a_service_is_of_that_service(read) -> None:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Лифт"
    for row in without(SUMS, SUM, "Услуга"):
        book.active.append(row)
    book.save(sink)
    table = read(sink.getvalue())
    assert table.rows["service"].to_pylist() == ["lift"]
    assert told(table) == [("column.said_above", "", "Лифт")]


@pytest.mark.parametrize(
    ("lines", "lacking"),
    [
        ([["Дата: 20.08.2026"]], ["За месяц"]),
        ([["Месяц: июнь 2026"]], ["За месяц"]),
        ([["Перерасчёт за июнь 2026"]], ["За месяц"]),
        ([["Услуга: Бассейн"]], ["Услуга"]),
        ([["Услуга: Лифт"], ["Услуга: Домофон"]], ["Услуга"]),
        ([["Услуга", "Лифт"], ["Услуга", "Домофон"]], ["Услуга"]),
        ([["Услуга", "Лифт", "Домофон"]], ["Услуга"]),
        ([["Услуга: Лифт, Домофон"]], ["Услуга"]),
        ([["Услуга: Лифт"]], ["Услуга", "Основание"]),
        ([["Просим снять за лифт"]], ["Услуга"]),
        ([["Основание: ________"]], ["Основание"]),
        ([["Основание", "—"]], ["Основание"]),
        ([["Основание: нет"]], ["Основание"]),
        ([["Основание: не указано"]], ["Основание"]),
    ],
)
def test_what_does_not_say_all_that_lacks_leaves_it_missing(
    read, lines: list[list[object]], lacking: list[str]
) -> None:
    table = read(xlsx([*head("recalculations"), *lines, *without(SUMS, SUM, *lacking)]))
    assert "column.missing" in {code for code, _, _ in told(table)} and table.rows.num_rows == 0


@pytest.mark.parametrize("below", [["Услуга: Домофон"], ["Домофон"], ["Услуга", "Домофон"]])
def test_a_line_further_down_that_says_it_again_leaves_it_missing(read, below: list[object]) -> None:
    """A second table's rows would be of the first one's service."""
    rows = without(SUMS, SUM, "Услуга")
    table = read(xlsx([*head("recalculations"), ["Услуга: Лифт"], *rows, [], below, *rows]))
    assert "column.missing" in {code for code, _, _ in told(table)} and table.rows.num_rows == 0


def test_a_column_of_its_own_is_not_asked_of_lines_above(read) -> None:
    table = read(xlsx([*head("recalculations"), ["Услуга: Домофон"], SUMS, SUM]))
    assert table.rows["service"].to_pylist() == ["lift"]
