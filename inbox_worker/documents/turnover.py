"""Оборотная ведомость (4.1.8): every line of the Customer with its balances, charges and payments of the month.

Grouped by service, house and account; on every row and total opening + charged + undelivered + recalculated
+ penalty - paid + moved = closing, and a cell in the workbook itself keeps proving it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby, islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import TOTAL, SheetColumn, cell_records, money_columns, text_columns
from inbox_worker.documents.sheets import Page
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SHEET = "Оборотная ведомость"
ZERO = Decimal(0)
COLUMNS = (
    *text_columns(service_ru=20, service_kk=18, house=9, address=28, flat=6, account=12, name=33),
    SheetColumn("tariff", "tariff", 9),
    SheetColumn("quantity", "quantity", 10),
    *money_columns(opening_debit=15, opening_credit=15, charged=15, undelivered=12.5, recalculated=12.5, penalty=11),
    *money_columns(paid=15, moved=12.5, closing_debit=15, closing_credit=15),
    SheetColumn("service", width=12, hidden=True),
)
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening_debit", "charged", "undelivered", "recalculated", "penalty", "moved", "closing_credit")
MINUS = ("opening_credit", "paid", "closing_debit")
SIDES = {f"{name}_{side}": f"{name}.{side}" for name in ("opening", "closing") for side in ("debit", "credit")}
SHOWN_FIELDS = {name: SIDES.get(name, name) for name in ("tariff", "quantity", *TOTALS)}
WORDS = ("service_ru", "service_kk", "service")  # of a service, on every row and total
FIELDS = ("service", "house", "address", "flat", "account", "name", "tariff", "quantity", "opening",
          "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_turnover(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """Render the Customer's statement as a workbook. `close` holds this Customer's lines only.

    `figures`: column letter -> field of lines.parquet (a balance with its side: `closing.debit`),
    `sheet`, `account_column`, `service_column` (hidden, the service's code), `first_row`, `last_row` of the
    table.
    """
    lines, houses = _lines(close, rules)
    groups = len(houses) + len({house["service"] for house in houses})
    heading = Heading("turnover", rules, close.month, operator, customer)
    book = heading.open_book(lines.num_rows + groups)
    page = heading.add_page(book, SHEET, COLUMNS)
    page.start(PLUS, MINUS, lines.num_rows + groups)
    _write(page, lines, houses, heading.texts)
    return Rendered("turnover", f"turnover-{close.month}.xlsx", book.finish(), "", page.figures(SHOWN_FIELDS))


def _lines(close: CloseData, rules: Rules) -> tuple[pa.Table, list[Mapping[str, Any]]]:
    """Return the statement's rows in its columns and order, and of each house of each service in that order the words
    and exact sums of its rows, and how many they are (`rows`).
    """
    lines = close.lines.select(FIELDS)
    codes = pc.unique(lines.column("service"))
    at = pc.index_in(lines.column("service"), codes)
    services = [rules.service(code) for code in codes.to_pylist()]
    for name, values in (
        ("order", pa.array([rules.service_order[service.code] for service in services], pa.int32())),
        ("service_ru", pa.array([service.ru for service in services], pa.string())),
        ("service_kk", pa.array([service.kk for service in services], pa.string())),
    ):
        lines = lines.append_column(name, values.take(at))
    lines = lines.set_column(lines.column_names.index("house"), "house", pc.fill_null(lines.column("house"), ""))
    for balance in ("opening", "closing"):
        value = lines.column(balance)
        zero = pa.scalar(ZERO, value.type)
        lines = lines.append_column(f"{balance}_debit", pc.max_element_wise(value, zero))
        lines = lines.append_column(f"{balance}_credit", pc.negate(pc.min_element_wise(value, zero)))
    lines = lines.sort_by([(name, "ascending") for name in ("order", "house", "account")])
    wanted = [(name, "sum") for name in TOTALS]
    houses = lines.group_by([*WORDS, "house"], use_threads=False).aggregate([*wanted, ([], "count_all")])
    found = houses.rename_columns(
        [name.removesuffix("_sum").replace("count_all", "rows") for name in houses.column_names]
    )
    return lines, found.to_pylist()


def _write(page: Page, lines: pa.Table, houses: list[Mapping[str, Any]], texts: Texts) -> None:
    """Write lines with a total row after each house and each service, and one for all."""
    rows = cell_records(lines, [column.name for column in COLUMNS])
    grand: dict[str, Decimal] = defaultdict(Decimal)
    for _, of_service in groupby(houses, key=lambda house: house["service"]):
        service_first, service_sums = page.next_row, defaultdict[str, Decimal](Decimal)
        for house in of_service:
            house_first = page.next_row
            for row in islice(rows, house["rows"]):
                page.add(row, level=2)
            words = {name: house[name] for name in WORDS}
            of_this_house = {**words, "house": house["house"], "address": texts.both("total.house")}
            page.add_total(of_this_house, house, house_first, "part", level=1)
            _count(service_sums, house)
        whole = {**words, "address": texts.both("total.service")}
        page.add_total(whole, service_sums, service_first, "group")
        _count(grand, service_sums)
    page.end()
    page.add_total({"service_ru": TOTAL}, grand, page.first_row)


def _count(sums: dict[str, Decimal], values: Mapping[str, Any]) -> None:
    for name in TOTALS:
        sums[name] += values[name]
