"""Счета потребителей (4.1.1, 4.1.2): a page (or more) a personal account with the lines of all Customers on it, in
the operator's order: services as rules/services.yaml lists them, then Customers by БИН (2.1.7).

Every sum is the close's (or the draft's). What is to be paid is the sum of the lines that owe: an advance stays with
its own service, unless the operator's setting lets it pay for the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno

from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Period
from inbox_worker.core.money import in_words_kk, in_words_ru
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.bill_changes import BillChanges, LostDays, Recalculation
from inbox_worker.documents.templates import fill_typst
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
_FIELD = re.compile(r"\{([^{}]*)\}")
_MASK = 3  # any mask is read; to look for the best of eight takes seven times as long
_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
_OF_OPERATOR = ("name", "name_kk", "address", "bin", "iban", "bank", "bic")


@dataclass(frozen=True)
class BillLine:
    """A line of an account. `*_before` are last month's, None when the line was not there."""

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
    """All lines of an account in the month. `had_bill`: last month knows the account, so changes are shown."""

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
    """All that the bills of a month share. `due_on`: the last day to pay; `qr`: template of the code, '' = none."""

    month: Period
    operator: Operator
    rules: Rules
    template: Path
    fonts: Path
    due_on: date
    qr: str = ""
    advance_pays_others: bool = False


def to_pay(bill: Bill, style: BillStyle) -> Decimal:
    """Return what the consumer is asked to pay, never below zero."""
    closings = [line.sums["closing"] for line in bill.lines]
    if style.advance_pays_others:
        return max(sum(closings, ZERO), ZERO)
    return sum((closing for closing in closings if closing > 0), ZERO)


def render_bills(bills: Sequence[Bill], style: BillStyle, file_name: str) -> Rendered:
    """Render one PDF with the bills in their order. `figures`: account -> `bill`.

    Raises TemplateProblem when the template does not fit the data.
    """
    data = bills_data(bills, style)
    made = fill_typst(style.template, style.fonts, data, last_day(style.month))
    figures = {bill.account: "bill" for bill in bills}
    return Rendered("bills", file_name, made, f"{TEMPLATE}@{_mark(style.template)}", figures)


@lru_cache(maxsize=8)
def _mark(template: Path) -> str:
    return sha256_file(template)[:16]


def bills_data(bills: Sequence[Bill], style: BillStyle) -> dict[str, Any]:
    """Return what the template gets: ready texts under fixed names (docs/ru/shablony.md lists them)."""
    return {
        "month_ru": month_ru(style.month),
        "month_kk": month_kk(style.month),
        "due": show_date(style.due_on),
        "operator": {name: clean(getattr(style.operator, name)) for name in _OF_OPERATOR},
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
        "changes": [_break_words(words) for words in _changes(bill, lines, style.rules)],
        "qr": _qr(bill, pay, style),
    }


def _break_words(words: Bilingual) -> dict[str, str]:
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
    """Return the QR code, when there is something to pay and a template of what it says."""
    if not style.qr or not pay:
        return None
    operator = style.operator
    values = {"account": bill.account, "sum": f"{pay:.2f}", "month": str(style.month), "bin": operator.bin,
              "iban": operator.iban, "bic": operator.bic, "operator": clean(operator.name)}  # fmt: skip
    size, squares = draw_qr(fill_qr(style.qr, values))
    return {"size": size, "squares": squares}


def fill_qr(template: str, values: Mapping[str, str]) -> str:
    """Return the text of a code: the template of config.yaml, checked there, with its fields filled in.

    A value never becomes a field of its own: in an address (`https://...`) it is percent-encoded, elsewhere the
    signs that separate fields (; | & = and line ends) become blanks.
    """

    def escape_value(value: str) -> str:
        return quote(value, safe="") if "://" in template else re.sub(r"[;|&=\x00-\x1f]+", " ", value)

    return _FIELD.sub(lambda found: escape_value(values[found[1]]), template)


def draw_qr(text: str) -> tuple[int, str]:
    """Return the code's size and its squares row by row, '1' dark and '0' light, without the quiet zone."""
    code = segno.make(text, error="m", micro=False, encoding="utf-8", mask=_MASK, boost_error=False)
    return len(code.matrix), b"".join(bytes(row) for row in code.matrix).translate(_DIGITS).decode("ascii")


def _changes(bill: Bill, lines: Sequence[BillLine], rules: Rules) -> list[Bilingual]:
    """Return the changes line by line in the bill's order, then the lines that went."""
    words, changes = list[Bilingual](), BillChanges(rules.texts.written)
    for line in lines:
        service = rules.service(line.service)
        if len(line.steps) > 1:
            words.append(changes.word_steps(service, line.steps, line.sums["charged"]))
        if line.tariff_before is not None and line.quantity_before is not None:
            words += _compare_line(line, rules)
        elif bill.had_bill and line.in_force:
            words.append(changes.word_new_line(service))
        words += [changes.word_recalculation(service, found) for bin, found in bill.recalculations
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        words += [changes.word_undelivered(service, found, line.sums["undelivered"]) for bin, found in bill.lost_days
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        if line.sums["penalty"]:
            words.append(changes.word_penalty(service, line.sums["penalty"]))
        if line.sums["moved"]:
            words.append(changes.word_move(service, line.sums["moved"]))
    gone = sorted(bill.gone, key=lambda code: rules.service_order[code])
    return [*words, *([changes.word_gone([rules.service(code) for code in gone])] if gone else [])]


def _compare_line(line: BillLine, rules: Rules) -> list[Bilingual]:
    """Return a tariff that changed, and a quantity that does not change by itself every month."""
    service, words, changes = rules.service(line.service), list[Bilingual](), BillChanges(rules.texts.written)
    if line.tariff_before and line.tariff and line.tariff_before != line.tariff:
        words.append(changes.word_tariff(service, line.tariff_before, line.tariff))
    steady = service.base in ("м²", "чел.") and line.in_force
    if steady and line.quantity_before is not None and line.quantity_before != line.quantity:
        unit = unit_words(rules, service.base)
        words.append(changes.word_quantity(service, unit, line.quantity_before, line.quantity))
    return words
