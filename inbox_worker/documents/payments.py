"""Ежедневный файл платежей (4.1.10): the payments on the Customer's lines, of one day or of the whole month,
as a workbook for people and as csv for their programs.

A payment counts on the day the bank took it (`Дата приёма`); one that a bank reports later is in that day's
file when it is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import Group, sum_rows, write_grouped_table
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.payment_formats import write_dbf, write_payments_1c
from inbox_worker.documents.sheet_columns import add_services, fill_empty, largest_in, money_columns, text_columns
from inbox_worker.documents.sheet_style import Headers, SheetColumn
from inbox_worker.documents.view import show_date
from inbox_worker.settings.rules import Rules

SHEET = "Платежи"
USUAL, ONE_C = ("xlsx", "csv"), "1c"
COLUMNS = (
    *text_columns(number=24, account=17),
    SheetColumn("paid_on", "date", 18),
    SheetColumn("service_shown", width=46, flexible=True),
    *money_columns(amount=17, penalty_part=14),
    SheetColumn("percent", "percent", 19),
    *money_columns(fee=16, transfer=17),
    *(SheetColumn(name, hidden=True) for name in ("bank", "service", "submission")),
    SheetColumn("row", "integer", hidden=True),
    SheetColumn("day", "date", hidden=True),
)
FLAT = ("paid_on", "bank", "number", "account", "service_ru", "service_kk", "amount", "penalty_part", "percent", "fee",
        "transfer", "service", "submission", "row")  # fmt: skip
FIELDS = ("paid_on", "bank", "number", "account", "service", "amount", "penalty_part", "percent", "fee", "transfer",
          "submission", "row")  # fmt: skip
_SUMS = tuple(column.name for column in COLUMNS if column.total)
_WITHIN = ("number", "account", "order", "row")  # a bank's day


def select_day(close: CloseData, day: date) -> CloseData:
    """Return the same data with the payments that banks took on that day only."""
    taken = pc.equal(close.payments.column("paid_on"), pa.scalar(day, pa.date32()))
    return replace(close, payments=close.payments.filter(taken))


def render_payments(
    close: CloseData,
    customer: Customer,
    operator: Operator,
    rules: Rules,
    day: date | None = None,
    formats: Collection[str] = (),
    template: bytes = b"",
) -> list[Rendered]:
    """Render the file as .xlsx, by banks and their days, and as .csv, or in the `formats` asked for, .dbf and 1C's
    among them: the same figures. `day`: only that day's payments; `template`: of 1C's format.

    `close` holds this Customer's payments only. Rows of the .csv by day, bank, number, account and the bill's order.
    """
    shown = select_day(close, day) if day else close
    rows = fill_empty(add_services(shown.payments.select(FIELDS), rules), "bank", "")
    name = f"payments-{day.isoformat() if day else close.month}"
    when = f", {show_date(day)}" if day else ""
    heading = Heading("payments", rules, close.month, operator, customer, when)
    flat = rows.sort_by([(key, "ascending") for key in ("paid_on", "bank", *_WITHIN)])
    days = (day or close.month.first_day, day or close.month.last_day)
    letters = rules.orders.letters
    made: Mapping[str, Callable[[], Rendered]] = {
        "xlsx": lambda: _workbook(heading, rows, f"{name}.xlsx"),
        "csv": lambda: render_flat("payments", f"{name}.csv", FLAT, flat, Headers(heading.texts, "payments")),
        "dbf": lambda: Rendered("payments", f"{name}.dbf", write_dbf(flat.to_pylist(), days[1], letters), ""),
        ONE_C: lambda: Rendered(
            "payments",
            f"{name}.txt",
            write_payments_1c(flat.to_pylist(), days, customer, operator, template.decode("utf-8"), letters),
            "",
        ),
    }
    return [render() for format_, render in made.items() if format_ in (formats or USUAL)]


def _workbook(heading: Heading, rows: pa.Table, file_name: str) -> Rendered:
    by_bank = rows.sort_by([(key, "ascending") for key in ("bank", "paid_on", *_WITHIN)])
    by_bank = fill_empty(by_bank, "bank", heading.in_both("heading.no_bank"))
    by_bank = by_bank.append_column("day", by_bank.column("paid_on"))
    book = heading.open_book()
    page = heading.add_page(book, SHEET, COLUMNS, largest_in(rows, COLUMNS, sum_rows(_SUMS, rows)), portrait=True)
    banks = Group(
        ("bank",),
        lambda own: (
            ("name", heading.bank(own.first["bank"])),
            ("soft", f"    {heading.in_both('heading.payments', count=own.count)}"),
        ),
        lambda own: heading.total_of_bank(own.first["bank"]),
    )
    days = Group(("day",), total=lambda own: heading.in_both("total.of_day", day=show_date(own.first["day"])))
    write_grouped_table(page, COLUMNS, by_bank, (banks, days), (("amount",), ("fee", "transfer")))
    shown = {name: f"payments.{name}" for name in ("amount", "penalty_part", "percent", "fee", "transfer")}
    return Rendered("payments", file_name, book.finish(), "", page.figures(shown))
