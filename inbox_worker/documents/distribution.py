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
from inbox_worker.documents.sheet_columns import (
    TOTAL,
    Formula,
    SheetColumn,
    join_figures,
    money_columns,
    service_rows,
    text_columns,
)
from inbox_worker.documents.sheets import Page
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SUMMARY, PAYMENTS, CONTROL = "По банкам и услугам", "Платежи", "Контроль"
SUMS = ("amount", "penalty_part", "fee", "transfer")
_MONEY = money_columns(amount=16, penalty_part=13, fee=15, transfer=16)
SUMMARY_COLUMNS = (
    *text_columns(bank=14, service_ru=28, service_kk=28),
    SheetColumn("percent", "percent", 13),
    SheetColumn("count", "integer", 10),
    *_MONEY,
)
PAYMENT_COLUMNS = (
    SheetColumn("bank", width=12),
    SheetColumn("paid_on", "date", 11),
    *text_columns(number=14, account=12, service_ru=22, service_kk=22),
    SheetColumn("percent", "percent", 13),
    *_MONEY,
    SheetColumn("submission", width=14),
    SheetColumn("row", "integer", 9),
)
CONTROL_COLUMNS = (
    *text_columns(ru=34, kk=34),
    SheetColumn("summary", "money", 18),
    SheetColumn("payments", "money", 18),
    SheetColumn("closed", "money", 18),
    SheetColumn("gap", "money", 14),
)
FIELDS = ("bank", "service", "percent", "paid_on", "number", "account", *SUMS, "submission", "row")
Payment = Mapping[str, Any]


def render_distribution(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """Render the statement as a workbook of three sheets. `close` holds this Customer's lines and payments only.

    Every payment names its bank's register and row there, so each sum leads back to the bank's lines.
    """
    payments = _payments(close, rules)
    heading = Heading("distribution", rules, close.month, operator, customer)
    book = heading.open_book(len(payments))
    summary = heading.add_page(book, SUMMARY, SUMMARY_COLUMNS)
    _write_summary(summary, [list(of) for _, of in groupby(payments, key=_group)], heading.texts)
    detail = heading.add_page(book, PAYMENTS, PAYMENT_COLUMNS)
    detail.write_table(payments, "bank", ("amount",), ("fee", "transfer"))
    _write_control(heading.add_page(book, CONTROL, CONTROL_COLUMNS), close, (summary, detail), heading.texts)
    figures = join_figures(
        summary.figures({name: f"payments.{name}" for name in ("percent", "count", *SUMS)}),
        detail.figures({name: f"payments.{name}" for name in ("percent", *SUMS)}),
    )
    return Rendered("distribution", f"distribution-{close.month}.xlsx", book.finish(), "", figures)


def _payments(close: CloseData, rules: Rules) -> list[Payment]:
    """Return payments by bank, service in the bill's order, price; then as they came."""
    found = service_rows(close.payments, FIELDS, rules)
    return sorted(found, key=lambda p: (*_group(p), p["paid_on"], p["number"], p["account"], p["row"]))


def _group(payment: Payment) -> tuple[str, int, Decimal]:
    return payment["bank"] or "", payment["order"], payment["percent"]


def _sums(payments: Sequence[Payment]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment in payments:
        for name in SUMS:
            sums[name] += payment[name]
    return sums


def _write_summary(page: Page, groups: Sequence[list[Payment]], texts: Texts) -> None:
    """Write a row a bank, service and price, a total a bank, a total of all."""
    banks = [list(of) for _, of in groupby(groups, key=lambda group: group[0]["bank"])]
    page.start(("amount",), ("fee", "transfer"), len(groups) + len(banks))
    words = texts.words("total.bank")
    for bank in banks:
        bank_first = page.next_row
        for group in bank:
            row = {**group[0], **_sums(group), "count": len(group)}
            page.add([row[column.name] for column in SUMMARY_COLUMNS], level=1)
        name = {"bank": bank[0][0]["bank"], "service_ru": words.ru, "service_kk": words.kk}
        page.add_total(name, _sums([payment for group in bank for payment in group]), bank_first, "group")
    page.end()
    every = _sums([payment for group in groups for payment in group])
    page.add_total({"bank": TOTAL}, every, page.first_row)


def _write_control(page: Page, close: CloseData, totals: tuple[Page, Page], texts: Texts) -> None:
    """Write the three ways to the same sums, and what they differ by: nothing, or the cell turns red."""
    page.start()
    paid = sum(close.lines.column("paid").to_pylist(), Decimal(0))
    fee = sum(close.payments.column("fee").to_pylist(), Decimal(0))
    for name, closed in (("amount", paid), ("fee", fee), ("transfer", paid - fee)):
        words, live = texts.words(f"control.{name}"), [total.total_cell(name) for total in totals]
        here = page.next_row
        gap = Formula(f"=ROUND(ABS(C{here}-E{here})+ABS(D{here}-E{here}),2)", abs(live[0].value - closed) * 2)
        page.add([words.ru, words.kk, *live, closed, gap], "group")
        page.warn_unless_zero("gap", here)
