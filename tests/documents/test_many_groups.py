"""A city's statements (4.1.1, 4.1.8, 4.1.10): of many houses, banks and days each has its own rows and their total."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.debtors import AGES
from inbox_worker.outbox.sample import MONEY, Sample, sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import cells, money, opened, with_sums, workbook

ROWS = 400
TOTAL = re.compile(r"=SUBTOTAL\(9,[A-Z]+(\d+):[A-Z]+(\d+)\)")


@pytest.fixture
def made(operator: Operator, rules: Rules) -> Sample:
    """A month of 400 accounts in some 200 houses, each line and payment of its own sum; 60 banks."""
    chosen, month = random.Random(4), with_sums(sample(operator, rules), Decimal(1), ROWS)
    amounts = pa.array([Decimal(n + 1) / 100 for n in range(ROWS)], MONEY)
    houses = pa.array([f"Д-{chosen.randrange(250) * 37 + 1}" for _ in range(ROWS)])
    lines, payments = _with_amounts(month.close.lines, amounts), _with_amounts(month.close.payments, amounts)
    for name, values in (
        ("bank", pa.array([f"Банк {chosen.randrange(60) * 37}" for _ in range(ROWS)])),
        ("paid_on", pa.array([date(2026, 9, 1 + chosen.randrange(30)) for _ in range(ROWS)])),
        ("account", lines.column("account")),
    ):
        payments = _set(payments, name, values)
    ages = _set(month.ages, "age_1", amounts)
    close = replace(month.close, lines=_set(lines, "house", houses), payments=payments)
    return replace(month, close=close, ages=ages, directory=_set(month.directory, "house", houses))


def _set(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _with_amounts(table: pa.Table, amounts: pa.Array) -> pa.Table:
    for field in table.schema:
        table = _set(table, field.name, amounts) if field.type == MONEY and field.name not in AGES else table
    return table


def _totals(data: bytes) -> Iterator[tuple[str, list[str], Decimal, Decimal]]:
    """Of each total of a part: its label, the texts of its rows, its value and the sum of its rows."""
    values = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in opened(data)}
    found = [
        (sheet, place, TOTAL.fullmatch(str(value))) for (sheet, place), value in cells(data, formulas=True).items()
    ]
    sums = {(sheet, coordinate_to_tuple(place)[0]) for sheet, place, total in found if total}
    for sheet, place, total in found:
        if total is None:
            continue
        row, column = coordinate_to_tuple(place)
        rows = [values[sheet][n - 1] for n in range(int(total[1]), int(total[2]) + 1) if (sheet, n) not in sums]
        texts = [value for cells_of_row in rows for value in cells_of_row if isinstance(value, str)]
        added = sum((money(cells_of_row[column - 1] or 0) for cells_of_row in rows), Decimal(0))
        yield values[sheet][row - 1][0], texts, money(values[sheet][row - 1][column - 1]), added


@pytest.mark.quick("turnover")
@pytest.mark.parametrize("kind", ["turnover", "bill_rows", "debtors", "payments", "distribution"])
def test_every_total_is_the_sum_of_the_rows_above_it(kind: str, made: Sample, operator: Operator, rules: Rules) -> None:
    totals = list(_totals(workbook(kind, made, operator, rules).data))
    assert len(totals) > 150
    assert [(label, value) for label, _, value, _ in totals] == [(label, added) for label, _, _, added in totals]


@pytest.mark.quick(0)
@pytest.mark.parametrize("kind", ["turnover", "bill_rows", "debtors"])
def test_the_rows_of_a_house_are_those_of_its_accounts(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    lines = made.close.lines
    lives = dict(zip(lines.column("account").to_pylist(), lines.column("house").to_pylist(), strict=True))
    shown = [
        (house[0], {lives[text] for text in texts if text in lives})
        for label, texts, _, _ in _totals(workbook(kind, made, operator, rules).data)
        if (house := re.search(r"Д-\d+", label))
    ]
    assert len(shown) > 150
    assert shown == [(house, {house}) for house, _ in shown]


def test_the_accounts_of_a_house_in_the_directory_are_its_own(made: Sample, operator: Operator, rules: Rules) -> None:
    directory = made.directory
    lives = dict(zip(directory.column("account").to_pylist(), directory.column("house").to_pylist(), strict=True))
    house, seen = "", 0
    for row in opened(workbook("directory", made, operator, rules).data)["Справочник"].iter_rows():
        house = found[0] if (found := re.match(r"Д-\d+", str(row[0].value or ""))) else house
        for account in (cell.value for cell in row if cell.value in lives):
            assert lives[account] == house
            seen += 1
    assert seen == ROWS


def test_pages_of_the_summary_repeat_the_head_of_their_own_list(made: Sample, operator: Operator, rules: Rules) -> None:
    """Houses fill page after page, services one: over a page of houses stands their own head."""
    summary = opened(workbook("turnover", made, operator, rules).data).worksheets[0]
    first, last = re.findall(r"\d+", str(summary.print_title_rows))
    assert first == last and str(summary[f"A{first}"].value).split()[0] == "Дом"
    assert summary.max_row > int(first) + 200
