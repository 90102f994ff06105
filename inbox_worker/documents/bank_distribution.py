"""Ведомость распределения платежей банка за день (4.1.7): to whom the bank passes on what it took, what is withheld.

Received = fee + transfer on every row and total; the last sheet shows the registers that it is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from inbox_worker.core.money import round_money, vat_inside
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import TOTAL, SheetColumn, money_columns, text_columns
from inbox_worker.documents.sheets import Page
from inbox_worker.documents.view import clean, show_date
from inbox_worker.ledger.banks import Bank
from inbox_worker.ledger.transfers import Distribution
from inbox_worker.month.distributing import Share
from inbox_worker.month.payees import Payee
from inbox_worker.settings.rules import Rules

KIND = "bank_distribution"
_MONEY = money_columns(amount=16, fee=14, vat=13, transfer=16)
_COUNT = SheetColumn("count", "integer", 10)
COLUMNS = (
    *text_columns(bin=14, beneficiary=30, bic=11, iban=23, kbe=6, service_ru=24, service_kk=24), _COUNT, *_MONEY,
    SheetColumn("note", "long", 30),
)  # fmt: skip
REGISTERS = (SheetColumn("submission", width=16), _COUNT, *money_columns(amount=16, fee=14, transfer=16))
_SUMS = ("amount", "fee", "vat", "transfer")


@dataclass(frozen=True)
class DayOfBank:
    """All that a statement is rendered from. `shares`: by Customer and service; `registers`: by submission; `due`: the
    last day on which the bank may have it (4.1.7)."""

    statement: Distribution
    bank: Bank
    shares: Sequence[Share]
    registers: Sequence[Share]
    payees: Mapping[str, Payee]
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
    whose = f", {clean(day.bank.name)} ({one.bank}), {show_date(one.day)}, № {one.place}"
    heading = Heading(KIND, rules, one.month, operator, None, whose)
    rows = _rows(day, rules)
    book = heading.open_book(len(rows) * 2)
    page = heading.add_page(book, texts.words("sheet_name.bank_distribution").ru, COLUMNS)
    _write_customers(page, rows, texts.both("total.customer"))
    registers = heading.add_page(book, texts.words("sheet_name.bank_registers").ru, REGISTERS)
    shown = [_sums_of(share) | {"submission": share.of[0]} for share in day.registers]
    registers.write_table(shown, "submission", ("amount",), ("fee", "transfer"))
    if day.bank.commission:
        commission = round_money(day.received * day.bank.commission / 100)
        registers.add([texts.both("control.commission"), None, commission, None, None], "part")
    return Rendered(KIND, statement_name(one), book.finish(), "")


def _rows(day: DayOfBank, rules: Rules) -> list[dict[str, Any]]:
    """Return a row a Customer and service, by name, then in the bill's order; an account that waits is not shown."""
    percent, texts = rules.vat_percent(day.statement.month.first_day), rules.texts.written
    rows = []
    for share in day.shares:
        bin_, code = share.of
        payee, service = day.payees[bin_], rules.service(code)
        goes = payee.customer if payee.customer and not payee.waits else None
        rows.append({
            "bin": bin_, "beneficiary": clean(payee.name), "bic": goes and goes.bic, "iban": goes and goes.iban,
            "kbe": goes and goes.kbe, "service_ru": service.ru, "service_kk": service.kk,
            **_sums_of(share), "vat": vat_inside(share.fee, percent),
            "note": texts.both(payee.waits, task=payee.task) if payee.waits else None,
            "order": rules.service_order[code],
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["beneficiary"], row["bin"], row["order"]))


def _sums_of(share: Share) -> dict[str, Any]:
    return {"count": share.count, "amount": share.received, "fee": share.fee, "transfer": share.transfer}


def _write_customers(page: Page, rows: Sequence[dict[str, Any]], words: str) -> None:
    """Write the rows, a total a Customer, a total of all."""
    groups = [list(of) for _, of in groupby(rows, key=lambda row: row["bin"])]
    page.start(("amount",), ("fee", "transfer"), len(rows) + len(groups))
    for group in groups:
        first = page.next_row
        for row in group:
            page.add([row[column.name] for column in COLUMNS], level=1)
        page.add_total({"bin": group[0]["bin"], "beneficiary": words}, _add_up(group), first, "group")
    page.end()
    page.add_total({"bin": TOTAL}, _add_up(rows), page.first_row)


def _add_up(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in _SUMS}
