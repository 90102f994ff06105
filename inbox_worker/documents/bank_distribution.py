"""Ведомость распределения платежей банка за день (4.1.7): to whom the bank passes on what it took, what is withheld.

Received = fee + transfer on every row and total; the last sheet shows the registers that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from inbox_worker.core.money import round_money, vat_inside
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.grouped import Group, RowGroup, table_of, write_grouped_table
from inbox_worker.documents.heading import Heading, show_known_bank
from inbox_worker.documents.sheet_columns import join_figures, largest_numbers, money_columns, text_columns
from inbox_worker.documents.sheet_style import SheetColumn, in_both
from inbox_worker.documents.view import clean, show_date
from inbox_worker.ledger.banks import Bank
from inbox_worker.ledger.transfers import Distribution
from inbox_worker.month.distributing import Share
from inbox_worker.month.payees import Payee
from inbox_worker.settings.rules import Rules

KIND = "bank_distribution"
_IDENTITY = ("amount",), ("fee", "transfer")
_COUNT = SheetColumn("count", "integer", 13)
COLUMNS = (
    *text_columns(bin=23), SheetColumn("beneficiary", width=34, flexible=True), *text_columns(bic=20, iban=39, kbe=9),
    SheetColumn("service_shown", width=30, flexible=True), _COUNT,
    *money_columns(amount=21, fee=21, vat=18, transfer=22), SheetColumn("note", "apart", 24),
    SheetColumn("customer", hidden=True), SheetColumn("service", hidden=True),
)  # fmt: skip
REGISTERS = (*text_columns(submission=40), _COUNT, *money_columns(amount=35, fee=30, transfer=35))


@dataclass(frozen=True)
class DayOfBank:
    """All that a statement is rendered from. `shares`: by Customer and service; `registers`: by submission; `payees`:
    by Customer and service; `due`: the last day on which the bank may have it (4.1.7)."""

    statement: Distribution
    bank: Bank
    shares: Sequence[Share]
    registers: Sequence[Share]
    payees: Mapping[tuple[str, ...], Payee]
    due: date

    @property
    def received(self) -> Decimal:
        """Return what the bank took in."""
        return sum((share.received for share in self.shares), Decimal("0.00"))

    @property
    def fee(self) -> Decimal:
        """Return what is withheld of it."""
        return sum((share.fee for share in self.shares), Decimal("0.00"))


def statement_name(one: Distribution) -> str:
    """Return the name of a statement's file."""
    return f"{KIND}-{one.bank}-{one.day.isoformat()}-{one.place}.xlsx"


def render_bank_distribution(day: DayOfBank, operator: Operator, rules: Rules) -> Rendered:
    """Render the statement of a bank's day as a workbook of two sheets: by Customer and service, by register."""
    one, texts = day.statement, rules.texts.written
    whose = f", {show_known_bank(rules, day.bank.name, one.bank)}, {show_date(one.day)}, № {one.place}"
    heading = Heading(KIND, rules, one.month, operator, None, whose)
    rows = _rows(day, rules)
    book, largest = heading.open_book(), largest_numbers(COLUMNS, rows)
    page = heading.add_page(book, texts.words("sheet_name.bank_distribution").ru, COLUMNS, largest)
    shares = table_of(rows, [column.name for column in COLUMNS])
    write_grouped_table(page, COLUMNS, shares, (Group(("customer",), None, _total_words(heading)),), _IDENTITY)
    registers = heading.add_page(book, texts.words("sheet_name.bank_registers").ru, REGISTERS, largest, portrait=True)
    sources = [_sums_of(share) | {"submission": share.of[0]} for share in day.registers]
    registers.write_table(sources, "submission", *_IDENTITY)
    shown = {name: f"payments.{name}" for name in ("amount", "fee", "transfer")}
    figures = join_figures(page.figures(shown), registers.figures(shown))  # the commission below is no sum of payments
    if day.bank.commission:
        commission = round_money(day.received * day.bank.commission / 100)
        registers.add([texts.both("control.commission"), None, commission, None, None], "part")
    return Rendered(KIND, statement_name(one), book.finish(), "", figures)


def _rows(day: DayOfBank, rules: Rules) -> list[dict[str, Any]]:
    """Return a row a Customer and service, by name, then in the bill's order; an account that waits is not shown."""
    percent, texts = rules.vat_percent(day.statement.month.first_day), rules.texts.written
    rows = []
    for share in day.shares:
        bin_, code = share.of
        payee, service = day.payees[share.of], rules.service(code)
        goes = None if payee.waits else payee
        rows.append({
            "bin": bin_, "beneficiary": clean(payee.name), "bic": goes and goes.bic, "iban": goes and goes.iban,
            "kbe": goes and goes.kbe, "service_shown": in_both(service.words), "customer": bin_,
            "service": code, **_sums_of(share), "vat": vat_inside(share.fee, percent),
            "note": texts.both(payee.waits, task=payee.task) if payee.waits else None,
            "order": rules.service_order[code],
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["beneficiary"], row["bin"], row["order"]))


def _sums_of(share: Share) -> dict[str, Any]:
    return {"count": share.count, "amount": share.received, "fee": share.fee, "transfer": share.transfer}


def _total_words(heading: Heading) -> Callable[[RowGroup], str]:
    return lambda own: f"{heading.in_both('total.customer')} {own.first['beneficiary']}"
