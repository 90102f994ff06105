"""4.1.15: tables turned sideways: services, months or signs as columns, a second table beside the first."""

from __future__ import annotations

import pytest
from form_books import RECALCULATIONS, head, told, xlsx

TOP = head("recalculations")
ROW = ["10020030", "Лифт", "06.2026", -100, "акт 1"]


@pytest.mark.parametrize(
    ("heads", "row", "own"),
    [
        (["Лицевой счёт", "За месяц", "Лифт", "Домофон", "Основание"], ["10020030", "06.2026", -1, -2, "а"], "Услуга"),
        (
            ["Дербес шот", "Қай ай үшін", "Жылыту", "Лифт", "Негіздеме"],
            ["10020030", "06.2026", -1, "-2,5", "а"],
            "Услуга",
        ),
        (
            ["Лицевой счёт", "Услуга", "май 2026", "июнь 2026", "Основание"],
            ["10020030", "Лифт", -1, -2, "а"],
            "За месяц",
        ),
        (["Лицевой счёт", "Услуга", "05.2026", "июнь", "Основание"], ["10020030", "Лифт", -1, -2, "а"], "За месяц"),
    ],
)
def test_a_column_for_each_service_or_month_is_asked_for_as_rows(
    read, heads: list[object], row: list[object], own: str
) -> None:
    """ "Nothing to do" was said of the very sums."""
    table = read(xlsx([*TOP, heads, row]))
    found = [(f.code, f.value) for f in table.findings if f.code == "column.of_one_value"]
    assert found == [
        ("column.of_one_value", str(text)) for text, cell in zip(heads[2:4], row[2:4], strict=True) if cell
    ]
    assert {f.facts["own"] for f in table.findings if f.code == "column.of_one_value"} == {own}
    assert "column.extra" not in [code for code, *_ in told(table)]


def test_a_column_named_by_a_service_beside_the_forms_own_is_another_matter(read) -> None:
    """The form has its service: the column is one more, and is told as before."""
    table = read(xlsx([*TOP, [*RECALCULATIONS, "Домофон"], [*ROW, 7]]))
    assert "column.of_one_value" not in [code for code, *_ in told(table)]


def test_a_second_table_beside_the_first_is_one_finding(read) -> None:
    """To keep one column of each header would lose half of the rows."""
    beside = [*RECALCULATIONS, None, *RECALCULATIONS]
    table = read(xlsx([*TOP, beside, [*ROW, None, "10020031", *ROW[1:]]]))
    assert told(table) == [("table.beside", "G7", "Лицевой счёт")] and table.rows.num_rows == 0
