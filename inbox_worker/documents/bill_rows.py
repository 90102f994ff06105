"""The Customer's lines for consumers' bills (4.1.1): what an account sees of this Customer, a row a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.heading import titles
from inbox_worker.documents.sheet_columns import TOTAL, Headers, SheetColumn, records
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.view import customer_line, last_day, month_kk, month_ru
from inbox_worker.settings.rules import Rules

SHEET = "Строки счетов"
COLUMNS = (
    SheetColumn("account", width=12),
    SheetColumn("address", width=28),
    SheetColumn("flat", width=6),
    SheetColumn("name", width=33),
    SheetColumn("service_ru", width=22),
    SheetColumn("service_kk", width=22),
    SheetColumn("unit", width=18),
    SheetColumn("quantity", "quantity", 10),
    SheetColumn("tariff", "tariff", 9),
    SheetColumn("opening", "money", 17, total=True),
    SheetColumn("charged", "money", 15, total=True),
    SheetColumn("corrected", "money", 14, total=True),
    SheetColumn("penalty", "money", 11, total=True),
    SheetColumn("paid", "money", 15, total=True),
    SheetColumn("moved", "money", 12.5, total=True),
    SheetColumn("closing", "money", 15, total=True),
    SheetColumn("service", width=12, hidden=True),
)
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening", "charged", "corrected", "penalty", "moved")
MINUS = ("paid", "closing")
SHOWN_FIELDS = {name: name for name in ("tariff", "quantity", *TOTALS)} | {"corrected": "undelivered+recalculated"}
FIELDS = ("account", "address", "flat", "name", "service", "quantity", "tariff", "opening", "charged",
          "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_bill_rows(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """The Customer's bill lines as a workbook, by account and then in the bill's order of services (2.1.7).

    `close` holds this Customer's lines only. `figures` as in the turnover statement; `corrected` stands for
    undelivered + recalculated together.
    """
    texts = rules.texts.written
    title = texts.both("title.bill_rows")
    book = Book(
        title=f"{title}, {month_ru(close.month)} / {month_kk(close.month)}",
        subject=customer_line(customer, texts)[:250],
        author=operator.name,
        made_on=last_day(close.month),
        rows=close.lines.num_rows,
        headers=Headers(texts, "bill_rows"),
    )
    above = titles(texts, texts.both("title.bill_rows_whole"), close.month, operator, customer)
    page = book.page(SHEET, COLUMNS, above, f"{title} {close.month.form_text}")
    first = page.next_row
    last = first + close.lines.num_rows - 1
    page.start(page.identity(PLUS, MINUS, (first, last + 1)))
    sums = {name: Decimal(0) for name in TOTALS}
    for values in sorted(_rows(close, rules), key=lambda v: (v["account"], rules.service_order[v["service"]])):
        page.add([values[column.name] for column in COLUMNS])
        for name in TOTALS:
            sums[name] += values[name]
    page.end(last, table=True)
    page.add_total({"account": TOTAL}, sums, (first, last))
    figures = page.figures(SHOWN_FIELDS, (first, last + 1))
    return Rendered("bill_rows", f"bill-rows-{close.month}.xlsx", book.finish(), "", figures)


def _rows(close: CloseData, rules: Rules) -> Iterator[Mapping[str, Any]]:
    units = {base.code: base.code if base.kk == base.code else f"{base.code} / {base.kk}" for base in rules.bases}
    units["schedule"] = rules.texts.written.both("unit.schedule")
    for record in records(close.lines, FIELDS):
        field = dict(zip(FIELDS, record, strict=True))
        service = rules.service(field["service"])
        yield {
            **field,
            "service_ru": service.ru,
            "service_kk": service.kk,
            "unit": units[service.base],
            "corrected": field["undelivered"] + field["recalculated"],
        }
