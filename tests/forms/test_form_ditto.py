"""4.1.15: marks that repeat the cell above, and a column of the year beside one of months, are read as a clerk does."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from form_books import READINGS, RECALCULATIONS, head, told, xlsx

FIRST = ["10020030", "Содержание дома", "06.2026", -10, "Акт"]
TOP = len(head("recalculations")) + 1  # the header's row


def recalculations(*rows: list[object]) -> bytes:
    return xlsx([*head("recalculations"), RECALCULATIONS, *rows])


@pytest.mark.parametrize("mark", ['"', '—"—', "-//-", "- // -", "〃", "то же", "Тоже", "сол сияқты"])
def test_mark_repeats_what_rows_have_in_common(read, mark: str) -> None:
    table = read(recalculations(FIRST, ["10020031", mark, mark, -20, mark], ["10020032", mark, mark, -30, mark]))
    assert [code for code, _, _ in told(table)] == ["value.as_above"] * 6
    assert table.findings[0].facts["read"] == "Содержание дома"
    for row in table.rows.to_pylist():
        assert (row["service"], row["past_month"], row["basis"]) == ("maintenance", date(2026, 6, 1), "Акт")


def test_mark_for_what_is_a_rows_own_is_asked_about(read) -> None:
    """Whose account, and how much, is not said once for several rows."""
    table = read(recalculations(FIRST, ["-//-", "Лифт", "06.2026", '"', "Акт 2"]))
    assert told(table) == [("value.ditto", f"A{TOP + 2}", "-//-"), ("value.ditto", f"D{TOP + 2}", '"')]
    meters = xlsx(
        [
            *head("meter_readings"),
            READINGS,
            ["10020030", "Холодная вода", "С-1", 1, 2, "20.08.2026"],
            ["10020031", '"', '"', 3, 4, '"'],
        ]
    )
    table = read(meters)
    assert sorted(code for code, _, _ in told(table)) == ["value.as_above", "value.as_above", "value.ditto"]


@pytest.mark.parametrize(
    "rows", [[["10020031", '"', "06.2026", -20, "Акт"]], [FIRST, [], ["10020031", '"', "06.2026", -20, "Акт"]]]
)
def test_mark_with_nothing_right_above_is_asked_about(read, rows: list[list[object]]) -> None:
    table = read(recalculations(*rows))
    assert told(table) == [("value.ditto", f"B{TOP + len(rows)}", '"')]


def test_mark_below_a_hidden_row_is_asked_about(read) -> None:
    """People see another row above it."""
    book = openpyxl.load_workbook(
        io.BytesIO(
            recalculations(FIRST, ["10020031", "Лифт", "06.2026", -5, "Акт"], ["10020032", '"', "06.2026", -20, "Акт"])
        )
    )
    book.active.row_dimensions[TOP + 2].hidden = True
    sink = io.BytesIO()
    book.save(sink)
    assert ("value.ditto", f"B{TOP + 3}", '"') in told(read(sink.getvalue()))


def with_year(month: object, year: object) -> bytes:
    heads = ["Лицевой счёт", "Услуга", "Месяц", "Год", "Сумма", "Основание"]
    return xlsx([*head("recalculations"), heads, ["10020030", "Лифт", month, year, -10, "Акт"]])


@pytest.mark.parametrize(
    ("month", "year"),
    [("июнь", 2026), (6, "2026"), ("06", "2026 г."), ("маусым", "2026 ЖЫЛ"), ("июнь", 26), ("06.2026", 2026)],
)
def test_month_and_the_year_beside_it_are_read_together(read, month: object, year: object) -> None:
    table = read(with_year(month, year))
    assert (told(table), table.rows["past_month"].to_pylist()) == ([], [date(2026, 6, 1)])


@pytest.mark.parametrize("month", ["06.2025", "июнь 2025", 6.2025])
def test_month_of_another_year_than_the_one_beside_it_is_refused(read, month: object) -> None:
    table = read(with_year(month, 2026))
    assert [(code, cell) for code, cell, _ in told(table)] == [("value.other_year", f"C{TOP + 1}")]


@pytest.mark.parametrize("beside", ["?", "12 мес", "26 дней", "2025-2026"])
def test_month_without_a_year_beside_it_is_asked_about(read, beside: str) -> None:
    """`12 мес` there was the year 2012."""
    table = read(with_year("июнь", beside))
    assert [code for code, _, _ in told(table)] == ["value.no_year"]


def test_columns_of_month_and_year_are_named_in_kazakh(read) -> None:
    heads = ["Дербес шот", "Қызмет", "Ай", "Жыл", "Сома", "Негіздеме"]
    table = read(xlsx([*head("recalculations"), heads, ["10020030", "Лифт", "маусым", 2026, -10, "Акт"]]))
    assert (told(table), table.rows["past_month"].to_pylist()) == ([], [date(2026, 6, 1)])
