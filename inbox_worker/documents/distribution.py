"""Ведомость распределения платежей по банкам и услугам поставщика (4.1.8, 4.1.7): what banks took on the
Customer's lines, what was withheld of it and what is transferred.

Payment = fee + transfer on every row and total; the last sheet holds the statement against the month's close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import TOTAL, Formula, SheetColumn, join_figures, records
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SUMMARY, PAYMENTS, CONTROL = "По банкам и услугам", "Платежи", "Контроль"
SUMS = ("amount", "penalty_part", "fee", "transfer")
_MONEY = (
    SheetColumn("amount", "money", 16, total=True),
    SheetColumn("penalty_part", "money", 13, total=True),
    SheetColumn("fee", "money", 15, total=True),
    SheetColumn("transfer", "money", 16, total=True),
)
SUMMARY_COLUMNS = (
    SheetColumn("bank", width=14),
    SheetColumn("service_ru", width=28),
    SheetColumn("service_kk", width=28),
    SheetColumn("percent", "percent", 13),
    SheetColumn("count", "integer", 10),
    *_MONEY,
)
PAYMENT_COLUMNS = (
    SheetColumn("bank", width=12),
    SheetColumn("paid_on", "date", 11),
    SheetColumn("number", width=14),
    SheetColumn("account", width=12),
    SheetColumn("service_ru", width=22),
    SheetColumn("service_kk", width=22),
    SheetColumn("percent", "percent", 13),
    *_MONEY,
    SheetColumn("submission", width=14),
    SheetColumn("row", "integer", 9),
)
CONTROL_COLUMNS = (
    SheetColumn("ru", width=34),
    SheetColumn("kk", width=34),
    SheetColumn("summary", "money", 18),
    SheetColumn("payments", "money", 18),
    SheetColumn("closed", "money", 18),
    SheetColumn("gap", "money", 14),
)
FIELDS = ("bank", "service", "percent", "paid_on", "number", "account", *SUMS, "submission", "row")
Payment = Mapping[str, Any]


def render_distribution(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """The statement as a workbook of three sheets. `close` holds this Customer's lines and payments only.

    Every payment names its bank's register and row there, so each sum leads back to the bank's lines.
    """
    payments = _payments(close, rules)
    heading = Heading("distribution", rules, close.month, operator, customer)
    book = heading.book(len(payments))
    groups = [list(of) for _, of in groupby(payments, key=_group)]
    summary = book.page(SUMMARY, SUMMARY_COLUMNS, heading.titles, heading.footer)
    first = summary.next_row
    summary_total = _write_summary(summary, groups, rules.texts.written)
    detail = book.page(PAYMENTS, PAYMENT_COLUMNS, heading.titles, heading.footer)
    detail_total = _write_payments(detail, payments)
    _write_control(book, heading, close, (summary, summary_total), (detail, detail_total))
    figures = join_figures(
        summary.figures({name: f"payments.{name}" for name in ("percent", "count", *SUMS)}, (first, summary_total)),
        detail.figures({name: f"payments.{name}" for name in ("percent", *SUMS)}, (first, detail_total)),
    )
    return Rendered("distribution", f"distribution-{close.month}.xlsx", book.finish(), "", figures)


def _payments(close: CloseData, rules: Rules) -> list[Payment]:
    """By bank, service in the bill's order, price; then as they came."""
    found = []
    for record in records(close.payments, FIELDS):
        payment = dict(zip(FIELDS, record, strict=True))
        service = rules.service(payment["service"])
        found.append({**payment, "service_ru": service.ru, "service_kk": service.kk,
                      "order": rules.service_order[payment["service"]]})  # fmt: skip
    return sorted(found, key=lambda p: (*_group(p), p["paid_on"], p["number"], p["account"], p["row"]))


def _group(payment: Payment) -> tuple[str, int, Decimal]:
    return payment["bank"] or "", payment["order"], payment["percent"]


def _sums(payments: Sequence[Payment]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment in payments:
        for name in SUMS:
            sums[name] += payment[name]
    return sums


def _write_summary(page: Page, groups: Sequence[list[Payment]], texts: Texts) -> int:
    """A row a bank, service and price, a total a bank, a total of all; gives the last one's row."""
    banks = [list(of) for _, of in groupby(groups, key=lambda group: group[0]["bank"])]
    first = page.next_row
    total = first + len(groups) + len(banks)
    page.start(page.identity(("amount",), ("fee", "transfer"), (first, total)))
    words = texts.words("total.bank")
    for bank in banks:
        bank_first = page.next_row
        for group in bank:
            told = {**group[0], **_sums(group), "count": len(group)}
            page.add([told[column.name] for column in SUMMARY_COLUMNS], level=1)
        name = {"bank": bank[0][0]["bank"], "service_ru": words.ru, "service_kk": words.kk}
        page.add_total(name, _sums([payment for group in bank for payment in group]),
                       (bank_first, page.next_row - 1), "group")  # fmt: skip
    page.end(page.next_row - 1)
    every = _sums([payment for group in groups for payment in group])
    return page.add_total({"bank": TOTAL}, every, (first, page.next_row - 1))


def _write_payments(page: Page, payments: Sequence[Payment]) -> int:
    first = page.next_row
    page.start(page.identity(("amount",), ("fee", "transfer"), (first, first + len(payments))))
    for payment in payments:
        page.add([payment[column.name] for column in PAYMENT_COLUMNS])
    page.end(page.next_row - 1, table=True)
    return page.add_total({"bank": TOTAL}, _sums(payments), (first, page.next_row - 1))


def _write_control(
    book: Book, heading: Heading, close: CloseData, summary: tuple[Page, int], detail: tuple[Page, int]
) -> None:
    """The three ways to the same sums, and what they differ by: nothing, or the cell turns red."""
    page = book.page(CONTROL, CONTROL_COLUMNS, heading.titles, heading.footer)
    page.start()
    paid = sum(close.lines.column("paid").to_pylist(), Decimal(0))
    sums = _sums([dict(zip(SUMS, row, strict=True)) for row in records(close.payments, SUMS)])
    rows = (
        ("amount", paid),
        ("fee", sums["fee"]),
        ("transfer", paid - sums["fee"]),
    )
    for name, closed in rows:
        words = heading.rules.texts.written.words(f"control.{name}")
        cells = [f"='{sheet.name}'!{sheet.letters[name]}{total}" for sheet, total in (summary, detail)]
        here = page.next_row
        gap = f"=ROUND(ABS(C{here}-E{here})+ABS(D{here}-E{here}),2)"
        live = [Formula(cell, sums[name]) for cell in cells]
        page.add([words.ru, words.kk, *live, closed, Formula(gap, abs(sums[name] - closed) * 2)], "group")
        page.warn_unless_zero("gap", here)
