"""Ежедневный файл платежей (4.1.10): the payments on the Customer's lines, of one day or of the whole month,
as a workbook for people and as csv for their programs.

A payment counts on the day the bank took it (`Дата приёма`); one that a bank reports later is in that day's
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
from inbox_worker.documents.sheet_columns import Headers, SheetColumn, money_columns, service_rows, text_columns
from inbox_worker.documents.view import clean, show_date
from inbox_worker.settings.rules import Rules

SHEET = "Платежи"
COLUMNS = (
    SheetColumn("paid_on", "date", 12),
    *text_columns(bank=12, number=16, account=13, service_ru=26, service_kk=26),
    *money_columns(amount=15, penalty_part=12),
    SheetColumn("percent", "percent", 13),
    *money_columns(fee=13, transfer=15),
    *text_columns(service=14, submission=14),
    SheetColumn("row", "integer", 9),
)
FIELDS = ("paid_on", "bank", "number", "account", "service", "amount", "penalty_part", "percent", "fee", "transfer",
          "submission", "row")  # fmt: skip
_STARTS_A_FORMULA = ("=", "+", "-", "@")


def select_day(close: CloseData, day: date) -> CloseData:
    """Return the same data with the payments that banks took on that day only."""
    taken = pc.equal(close.payments.column("paid_on"), pa.scalar(day, pa.date32()))
    return replace(close, payments=close.payments.filter(taken))


def render_payments(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, day: date | None = None
) -> list[Rendered]:
    """Render the file as .xlsx and as .csv: the same rows and figures. `day`: only that day's payments.

    `close` holds this Customer's payments only. Rows by day, bank, number, account and the bill's order.
    """
    shown = select_day(close, day) if day else close
    rows = _rows(shown, rules)
    name = f"payments-{day.isoformat() if day else close.month}"
    when = f", {show_date(day)}" if day else ""
    heading = Heading("payments", rules, close.month, operator, customer, when)
    return [
        _workbook(heading, rows, f"{name}.xlsx"),
        Rendered("payments", f"{name}.csv", _csv(rows, Headers(rules.texts.written, "payments")), ""),
    ]


def _rows(close: CloseData, rules: Rules) -> list[dict[str, Any]]:
    rows = service_rows(close.payments, FIELDS, rules)
    return sorted(rows, key=lambda r: (r["paid_on"], r["bank"] or "", r["number"], r["account"], r["order"], r["row"]))


def _workbook(heading: Heading, rows: list[dict[str, Any]], file_name: str) -> Rendered:
    book = heading.open_book(len(rows))
    page = heading.add_page(book, SHEET, COLUMNS)
    page.write_table(rows, "bank", ("amount",), ("fee", "transfer"))
    shown = {name: f"payments.{name}" for name in ("amount", "penalty_part", "percent", "fee", "transfer")}
    return Rendered("payments", file_name, book.finish(), "", page.figures(shown))


def _csv(rows: Iterable[dict[str, Any]], headers: Headers) -> bytes:
    """Return UTF-8 with its mark, `;`, decimal comma: a Russian or Kazakh Excel opens it by a double click."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    words = [headers.words(column.name) for column in COLUMNS]
    writer.writerow([f"{both.ru} / {both.kk}" for both in words])
    for row in rows:
        writer.writerow([_csv_value(row[column.name]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _csv_value(value: Any) -> str:
    """Return a value as text; what Excel would take for a formula gets an apostrophe, numbers of ours do not."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, date):
        return show_date(value)
    text = clean(str(value))
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
