"""Счета потребителей (4.1.1, 4.1.2): a page (or more) a personal account with the lines of all Customers on it, in
the operator's order: services as rules/services.yaml lists them, then Customers by БИН (2.1.7).

Every sum is the close's (or the draft's). What is to be paid is the sum of the lines that owe: an advance stays with
its own service, unless the operator's setting lets it pay for the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.core.money import in_words_kk, in_words_ru
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.bill_changes import BillChanges, LostDays, Recalculation
from inbox_worker.documents.qr import modules, payload
from inbox_worker.documents.typeset import typeset
from inbox_worker.documents.view import (
    break_words,
    breakable,
    clean,
    last_day,
    month_kk,
    month_ru,
    show_date,
    show_quantity,
    show_sum,
    show_tariff,
    unit_words,
)
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

TEMPLATE = "bill.typ"
MOST_ACCOUNTS = 120  # a document: typst keeps all its pages in memory
SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")
ZERO = Decimal(0)


@dataclass(frozen=True)
class BillLine:
    """A line of an account. `*_before` are last month's, None when the line did not stand there."""

    service: str
    customer: str
    customer_name: str
    tariff: Decimal
    quantity: Decimal
    tariff_before: Decimal | None
    quantity_before: Decimal | None
    in_force: bool
    sums: Mapping[str, Decimal]  # by SUMS
    base: str = ""  # what it is charged by; '' = as its service mostly is
    steps: Sequence[tuple[Decimal, Decimal]] = ()  # of a charge by steps of consumption: quantity, tariff


@dataclass(frozen=True)
class Bill:
    """All that stands on an account in the month. `had_bill`: last month knows the account, so news are told."""

    account: str
    name: str
    address: str
    flat: str
    area: Decimal | None
    residents: int | None
    had_bill: bool
    lines: Sequence[BillLine]
    recalculations: Sequence[tuple[str, Recalculation]] = ()  # the Customer's БИН and what was recalculated
    lost_days: Sequence[tuple[str, LostDays]] = ()
    gone: Sequence[str] = ()  # services charged last month that stand there no more


@dataclass(frozen=True)
class BillStyle:
    """What all bills of a month share. `due_on`: the last day to pay; `qr`: template of the code, '' = none."""

    month: Period
    operator: Operator
    rules: Rules
    template: Path
    fonts: Path
    due_on: date
    qr: str = ""
    advance_pays_others: bool = False


def to_pay(bill: Bill, style: BillStyle) -> Decimal:
    """What the consumer is asked to pay, never below zero."""
    closings = [line.sums["closing"] for line in bill.lines]
    if style.advance_pays_others:
        return max(sum(closings, ZERO), ZERO)
    return sum((closing for closing in closings if closing > 0), ZERO)


def render_bills(bills: Sequence[Bill], style: BillStyle, file_name: str) -> Rendered:
    """One PDF with the bills in their order. `figures`: account -> `bill`.

    Raises TemplateProblem when the template does not fit the data.
    """
    data = bills_data(bills, style)
    made = typeset(style.template, style.fonts, data, last_day(style.month))
    figures = {bill.account: "bill" for bill in bills}
    return Rendered("bills", file_name, made, f"{TEMPLATE}@{_mark(style.template)}", figures)


@lru_cache(maxsize=8)
def _mark(template: Path) -> str:
    return hashlib.sha256(template.read_bytes()).hexdigest()[:16]


def bills_data(bills: Sequence[Bill], style: BillStyle) -> dict[str, Any]:
    """What the template gets: ready texts under fixed names (docs/ru/shablony.md lists them)."""
    operator = style.operator
    return {
        "month_ru": month_ru(style.month),
        "month_kk": month_kk(style.month),
        "due": show_date(style.due_on),
        "operator": {
            "name": clean(operator.name),
            "name_kk": clean(operator.name_kk),
            "address": clean(operator.address),
            "bin": operator.bin,
            "iban": operator.iban,
            "bank": clean(operator.bank),
            "bic": operator.bic,
        },
        "bills": [_bill(bill, style) for bill in bills],
    }


def _bill(bill: Bill, style: BillStyle) -> dict[str, Any]:
    order = style.rules.service_order
    lines = sorted(bill.lines, key=lambda line: (order[line.service], line.customer))
    pay = to_pay(bill, style)
    totals = {name: sum((line.sums[name] for line in lines), ZERO) for name in SUMS}
    return {
        "account": bill.account,
        "name": breakable(bill.name),
        "address": breakable(bill.address),
        "flat": breakable(bill.flat),
        "area": show_quantity(bill.area) if bill.area is not None else "",
        "residents": "" if bill.residents is None else str(bill.residents),
        "rows": [_row(line, style.rules) for line in lines],
        "totals": {name: show_sum(value) for name, value in totals.items()},
        "shows_moved": any(line.sums["moved"] for line in lines),
        "shows_penalty": any(line.sums["penalty"] for line in lines),
        "pay": show_sum(pay),
        "advance": show_sum(pay - totals["closing"]) if pay != totals["closing"] else "",
        "words_ru": in_words_ru(pay),
        "words_kk": in_words_kk(pay),
        "changes": [_shown(words) for words in _changes(bill, lines, style.rules)],
        "qr": _qr(bill, pay, style),
    }


def _shown(words: Bilingual) -> dict[str, str]:
    return {"ru": break_words(words.ru), "kk": break_words(words.kk)}


def _row(line: BillLine, rules: Rules) -> dict[str, str]:
    service = rules.service(line.service)
    unit_ru, unit_kk = unit_words(rules, line.base or service.base)
    return {
        "service_ru": service.ru,
        "service_kk": service.kk,
        "customer": _breakable(line.customer_name),
        "unit_ru": unit_ru,
        "unit_kk": unit_kk,
        "quantity": show_quantity(line.quantity),
        "tariff": show_tariff(line.tariff),
        **{name: show_sum(line.sums[name]) for name in SUMS},
    }


_breakable = lru_cache(maxsize=4096)(breakable)


def _qr(bill: Bill, pay: Decimal, style: BillStyle) -> dict[str, Any] | None:
    """The code, when there is something to pay and a template of what it says."""
    if not style.qr or not pay:
        return None
    operator = style.operator
    values = {"account": bill.account, "sum": f"{pay:.2f}", "month": str(style.month), "bin": operator.bin,
              "iban": operator.iban, "bic": operator.bic, "operator": clean(operator.name)}  # fmt: skip
    size, squares = modules(payload(style.qr, values))
    return {"size": size, "squares": squares}


def _changes(bill: Bill, lines: Sequence[BillLine], rules: Rules) -> list[Bilingual]:
    """Line by line in the bill's order, then what went."""
    told, changes = list[Bilingual](), BillChanges(rules.texts.written)
    for line in lines:
        service = rules.service(line.service)
        if len(line.steps) > 1:
            told.append(changes.stepped(service, line.steps, line.sums["charged"]))
        if line.tariff_before is not None and line.quantity_before is not None:
            told += _compared(line, rules)
        elif bill.had_bill and line.in_force:
            told.append(changes.came(service))
        told += [changes.recalculated(service, found) for bin, found in bill.recalculations
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        told += [changes.undelivered(service, found, line.sums["undelivered"]) for bin, found in bill.lost_days
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        if line.sums["penalty"]:
            told.append(changes.penalised(service, line.sums["penalty"]))
        if line.sums["moved"]:
            told.append(changes.moved(service, line.sums["moved"]))
    gone = sorted(bill.gone, key=lambda code: rules.service_order[code])
    return [*told, *([changes.went([rules.service(code) for code in gone])] if gone else [])]


def _compared(line: BillLine, rules: Rules) -> list[Bilingual]:
    """A tariff that changed, and a quantity that does not change by itself every month."""
    service, told, changes = rules.service(line.service), list[Bilingual](), BillChanges(rules.texts.written)
    if line.tariff_before and line.tariff and line.tariff_before != line.tariff:
        told.append(changes.tariff_changed(service, line.tariff_before, line.tariff))
    steady = service.base in ("м²", "чел.") and line.in_force
    if steady and line.quantity_before is not None and line.quantity_before != line.quantity:
        unit = unit_words(rules, service.base)
        told.append(changes.quantity_changed(service, unit, line.quantity_before, line.quantity))
    return told
