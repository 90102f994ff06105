"""4.1.15: a header of two rows, groups over the names of their columns, is read where both say one column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from form_books import head, told, xlsx

ROW = ["10020030", "Холодная вода", "С-1", 127.5, "Н-1", 0, "12.08.2026"]
PLAIN = ["Лицевой счёт", "Услуга"]


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (
            [*PLAIN, "Снят прибор", None, "Установлен прибор", None, "Дата замены"],
            [None, None, "№", "Последнее показание", "№", "Начальное показание", None],
        ),
        (
            [*PLAIN, "Снятый прибор", None, "Установленный прибор", None, "Дата замены"],
            [None, None, "номер", "показание", "номер", "показание", None],
        ),
        (
            [None, None, "Снят прибор", None, "Установлен прибор", None, None],
            [*PLAIN, "№", "Последнее показание", "№", "Начальное показание", "Дата замены"],
        ),
    ],
)
def test_group_over_a_name_says_the_column_with_it(read, groups: list[object], names: list[object]) -> None:
    table = read(xlsx([*head("meter_change"), groups, names, ROW]))
    assert told(table) == []
    [row] = table.rows.to_pylist()
    assert (row["meter"], row["current"], row["new_meter"], row["initial"]) == (
        "С-1", Decimal("127.500"), "Н-1", Decimal("0.000"),
    )  # fmt: skip


def test_group_reaches_no_further_than_the_names_beneath_it(read) -> None:
    """A name apart from the group's is nobody's: `Снят прибор` is not over the last column."""
    groups = [*PLAIN, "Снят прибор", None, None, "Установлен прибор", None]
    names = [None, None, "№", "Последнее показание", None, "№", "Начальное показание", "Дата замены", None, "№"]
    row = [*ROW[:4], None, *ROW[4:], None, "9"]
    table = read(xlsx([*head("meter_change"), groups, names, row]))
    assert [code for code, _, _ in told(table)] == ["column.extra"]
    assert table.rows["meter"].to_pylist() == ["С-1"]


def test_two_rows_that_leave_a_column_unsaid_are_refused(read) -> None:
    groups = [*PLAIN, "Прибор", None, "Прибор", None, "Дата замены"]
    names = [None, None, "№", "Показание", "№", "Показание", None]
    table = read(xlsx([*head("meter_change"), groups, names, ROW]))
    assert ({code for code, _, _ in told(table)}, table.rows.num_rows) == ({"table.missing"}, 0)
