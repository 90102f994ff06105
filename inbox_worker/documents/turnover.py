"""Оборотная ведомость (4.1.8): every line of the Customer with its balances, charges and payments of the
month.

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
from inbox_worker.documents.heading import titles
from inbox_worker.documents.sheet_columns import TOTAL, Headers, SheetColumn, cell_records
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import customer_line, last_day, month_kk, month_ru
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SHEET = "Оборотная ведомость"
ZERO = Decimal(0)
COLUMNS = (
    SheetColumn("service_ru", width=20),
    SheetColumn("service_kk", width=18),
    SheetColumn("house", width=9),
    SheetColumn("address", width=28),
    SheetColumn("flat", width=6),
    SheetColumn("account", width=12),
    SheetColumn("name", width=33),
    SheetColumn("tariff", "tariff", 9),
    SheetColumn("quantity", "quantity", 10),
    SheetColumn("opening_debit", "money", 15, total=True),
    SheetColumn("opening_credit", "money", 15, total=True),
    SheetColumn("charged", "money", 15, total=True),
    SheetColumn("undelivered", "money", 12.5, total=True),
    SheetColumn("recalculated", "money", 12.5, total=True),
    SheetColumn("penalty", "money", 11, total=True),
    SheetColumn("paid", "money", 15, total=True),
    SheetColumn("moved", "money", 12.5, total=True),
    SheetColumn("closing_debit", "money", 15, total=True),
    SheetColumn("closing_credit", "money", 15, total=True),
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
    """The Customer's statement as a workbook. `close` holds this Customer's lines only.

    `figures`: column letter -> field of lines.parquet (a balance with its side: `closing.debit`),
    `sheet`, `account_column`, `service_column` (hidden, the service's code), `first_row`, `last_row` of the
    table.
    """
    lines, houses = _lines(close, rules)
    groups = len(houses) + len({house["service"] for house in houses})
    texts = rules.texts.written
    title = texts.both("title.turnover")
    book = Book(
        title=f"{title}, {month_ru(close.month)} / {month_kk(close.month)}",
        subject=customer_line(customer, texts)[:250],
        author=operator.name,
        made_on=last_day(close.month),
        rows=lines.num_rows + groups,
        headers=Headers(texts, "turnover"),
    )
    above = titles(texts, texts.both("title.turnover_whole"), close.month, operator, customer)
    page = book.page(SHEET, COLUMNS, above, f"{title} {close.month.form_text}")
    first = page.next_row
    total = first + lines.num_rows + groups
    page.start(page.identity(PLUS, MINUS, (first, total)))
    _write(page, lines, houses, texts)
    page.end(total - 1)
    return Rendered(
        kind="turnover",
        file_name=f"turnover-{close.month}.xlsx",
        data=book.finish(),
        template="",
        figures=page.figures(SHOWN_FIELDS, (first, total)),
    )


def _lines(close: CloseData, rules: Rules) -> tuple[pa.Table, list[Mapping[str, Any]]]:
    """The statement's rows in its columns and order, and of each house of each service in that order the words and
    exact sums of its rows, and how many they are (`rows`).
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
    """Lines with a total row after each house and each service, and one for all."""
    rows = cell_records(lines, [column.name for column in COLUMNS])
    first = page.next_row
    grand = _zeros()
    for _, of_service in groupby(houses, key=lambda house: house["service"]):
        service_first, service_sums = page.next_row, _zeros()
        for house in of_service:
            house_first = page.next_row
            for row in islice(rows, house["rows"]):
                page.add(row, level=2)
            words = {name: house[name] for name in WORDS}
            of_this_house = {**words, "house": house["house"], "address": texts.both("total.house")}
            page.add_total(of_this_house, house, (house_first, page.next_row - 1), "part", level=1)
            _count(service_sums, house)
        whole = {**words, "address": texts.both("total.service")}
        page.add_total(whole, service_sums, (service_first, page.next_row - 1), "group")
        _count(grand, service_sums)
    page.add_total({"service_ru": TOTAL}, grand, (first, page.next_row - 1))


def _zeros() -> dict[str, Decimal]:
    return defaultdict(Decimal)


def _count(sums: dict[str, Decimal], values: Mapping[str, Any]) -> None:
    for name in TOTALS:
        sums[name] += values[name]
