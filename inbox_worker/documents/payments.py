"""Ежедневный файл платежей (4.1.10): the payments on the Customer's lines, of one day or of the whole month,
as a workbook for people and as csv for their programs.

A payment counts on the day the bank took it (`Дата приёма`); one that a bank tells later stands in that day's
file when it is made again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import TOTAL, Headers, SheetColumn, records
from inbox_worker.documents.view import clean, show_date
from inbox_worker.settings.rules import Rules

SHEET = "Платежи"
COLUMNS = (
    SheetColumn("paid_on", "date", 12),
    SheetColumn("bank", width=12),
    SheetColumn("number", width=16),
    SheetColumn("account", width=13),
    SheetColumn("service_ru", width=26),
    SheetColumn("service_kk", width=26),
    SheetColumn("amount", "money", 15, total=True),
    SheetColumn("penalty_part", "money", 12, total=True),
    SheetColumn("percent", "percent", 13),
    SheetColumn("fee", "money", 13, total=True),
    SheetColumn("transfer", "money", 15, total=True),
    SheetColumn("service", width=14),
    SheetColumn("submission", width=14),
    SheetColumn("row", "integer", 9),
)
FIELDS = ("paid_on", "bank", "number", "account", "service", "amount", "penalty_part", "percent", "fee", "transfer",
          "submission", "row")  # fmt: skip
_STARTS_A_FORMULA = ("=", "+", "-", "@")


def of_day(close: CloseData, day: date) -> CloseData:
    """The same data with the payments that banks took on that day only."""
    taken = pc.equal(close.payments.column("paid_on"), pa.scalar(day, pa.date32()))
    return replace(close, payments=close.payments.filter(taken))


def render_payments(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, day: date | None = None
) -> list[Rendered]:
    """The file as .xlsx and as .csv: the same rows and figures. `day`: only that day's payments.

    `close` holds this Customer's payments only. Rows by day, bank, number, account and the bill's order.
    """
    shown = of_day(close, day) if day else close
    rows = _rows(shown, rules)
    name = f"payments-{day.isoformat() if day else close.month}"
    when = f", {show_date(day)}" if day else ""
    heading = Heading("payments", rules, close.month, operator, customer, when)
    return [
        _workbook(heading, rows, f"{name}.xlsx"),
        Rendered("payments", f"{name}.csv", _csv(rows, Headers(rules.texts.written, "payments")), ""),
    ]


def _rows(close: CloseData, rules: Rules) -> list[dict[str, Any]]:
    rows = [dict(zip(FIELDS, record, strict=True)) for record in records(close.payments, FIELDS)]
    for row in rows:
        service = rules.service(row["service"])
        row |= {"service_ru": service.ru, "service_kk": service.kk, "order": rules.service_order[service.code]}
    return sorted(rows, key=lambda r: (r["paid_on"], r["bank"] or "", r["number"], r["account"], r["order"], r["row"]))


def _workbook(heading: Heading, rows: list[dict[str, Any]], file_name: str) -> Rendered:
    book = heading.book(len(rows))
    page = book.page(SHEET, COLUMNS, heading.titles, heading.footer)
    first = page.next_row
    page.start(page.identity(("amount",), ("fee", "transfer"), (first, first + len(rows))))
    for row in rows:
        page.add([row[column.name] for column in COLUMNS])
    page.end(page.next_row - 1, table=True)
    sums = {c.name: sum((row[c.name] for row in rows), Decimal(0)) for c in COLUMNS if c.total}
    total = page.add_total({"bank": TOTAL}, sums, (first, page.next_row - 1))
    shown = {name: f"payments.{name}" for name in ("amount", "penalty_part", "percent", "fee", "transfer")}
    return Rendered("payments", file_name, book.finish(), "", page.figures(shown, (first, total)))


def _csv(rows: Iterable[dict[str, Any]], headers: Headers) -> bytes:
    """UTF-8 with its mark, `;`, decimal comma: opens in a Russian or Kazakh Excel by a double click."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    words = [headers.words(column.name) for column in COLUMNS]
    writer.writerow([f"{both.ru} / {both.kk}" for both in words])
    for row in rows:
        writer.writerow([_csv_value(row[column.name]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _csv_value(value: Any) -> str:
    """Text that Excel would take for a formula gets an apostrophe; numbers of ours stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, date):
        return show_date(value)
    text = clean(str(value))
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
