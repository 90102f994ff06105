"""Счета потребителей (4.1.1, 4.1.2): a page (or more) a personal account with the lines of all Customers on it, in
the operator's order: services as rules/services.yaml lists them, then Customers by БИН (2.1.7).

Every sum is the close's (or the draft's). What is to be paid is the sum of the lines that owe: an advance stays with
its own service, unless the operator's setting lets it pay for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.bill import SUMS, ZERO, Bill, BillLine, BillStyle, to_pay
from inbox_worker.documents.bill_changes import word_changes, word_steps
from inbox_worker.documents.bill_codes import draw_bars, draw_qr, fill_qr
from inbox_worker.documents.bill_meters import meter_rows
from inbox_worker.documents.templates import fill_typst
from inbox_worker.documents.view import (
    break_words,
    breakable,
    clean,
    last_day,
    month_kk,
    month_ru,
    show_bill_quantity,
    show_bill_sum,
    show_bill_tariff,
    show_date,
    show_sum,
    unit_words,
)
from inbox_worker.settings.calendar import deadline_moment
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules

TEMPLATE = "bill.typ"
MOST_ACCOUNTS = 60  # a document: typst keeps all its pages in memory
_STEPPED = "*"  # no one tariff: the steps are told under the table
_OF_OPERATOR = ("name", "name_kk", "address", "bin", "iban", "bank", "bic", "kbe", "contacts")
_SHOWN = ("opening", "paid", "charged", "corrected", "penalty", "moved", "closing")


def style_of(home: Home, rules: Rules, month: Period, closed: bool = True) -> BillStyle:
    """Return what all bills of the month share. A bill out of a draft comes to its consumer in the month itself, one
    out of a close in the next: readings are taken until their deadline of that month (4.3.2, 7.2)."""
    settings, following = home.config.bills, month.plus(1)
    return BillStyle(
        month=month,
        operator=home.operator,
        rules=rules,
        template=home.document_template(TEMPLATE),
        fonts=home.fonts,
        due_on=date(following.year, following.month, settings.due_day),
        read_by=deadline_moment(following if closed else month, rules, "meter_readings").date(),
        qr=settings.qr,
        advance_pays_others=settings.advance_pays_others,
    )


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
        "month": style.month.form_text,
        "due": show_date(style.due_on),
        "read_by": show_date(style.read_by),
        "operator": {name: clean(getattr(style.operator, name)) for name in _OF_OPERATOR},
        "bills": [_bill(bill, style) for bill in bills],
    }


def _bill(bill: Bill, style: BillStyle) -> dict[str, Any]:
    rules = style.rules
    lines = sorted(bill.lines, key=lambda line: (rules.service_order[line.service], line.customer))
    suppliers = {line.customer: line.customer_name for line in lines}
    places = {customer: str(place) for place, customer in enumerate(suppliers, start=1)}
    pay = to_pay(bill, style)
    totals = _sums(lines)
    return {
        "account": bill.account,
        "name": breakable(bill.name),
        "address": breakable(", ".join(part for part in (bill.address, bill.flat) if part)),
        "area": show_bill_quantity(bill.area) if bill.area is not None else "",
        "residents": "" if bill.residents is None else str(bill.residents),
        "groups": list(_groups(lines, places, rules)),
        "totals": _show_sums(totals),
        "shows_moved": any(line.sums["moved"] for line in lines),
        "shows_penalty": any(line.sums["penalty"] for line in lines),
        "pay": show_sum(pay),
        "advance": show_sum(pay - totals["closing"]) if pay != totals["closing"] else "",
        "steps": [_break_words(words) for words in word_steps(lines, rules)],
        "changes": [_break_words(words) for words in word_changes(bill, lines, rules)],
        "meters": list(meter_rows(lines, style.month, rules)),
        "suppliers": [
            {"place": places[customer], "name": _breakable(name), "bin": customer}
            for customer, name in suppliers.items()
        ],
        "qr": _qr(bill, pay, style),
        "bars": list(draw_bars(bill.account)),
    }


def _sums(lines: Sequence[BillLine]) -> dict[str, Decimal]:
    return {name: sum((line.sums[name] for line in lines), ZERO) for name in SUMS}


def _show_sums(sums: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the sums of a row: days without a service stand together with what was recalculated."""
    values = {**sums, "corrected": sums["undelivered"] + sums["recalculated"]}
    return {name: show_bill_sum(values[name]) for name in _SHOWN}


def _break_words(words: Bilingual) -> dict[str, str]:
    return {"ru": break_words(words.ru), "kk": break_words(words.kk)}


def _groups(lines: Sequence[BillLine], places: Mapping[str, str], rules: Rules) -> list[dict[str, Any]]:
    """Return the lines by kind, those of the house and the communal ones, each kind where its first line stands."""
    of_house = [line for line in lines if not rules.service(line.service).utility]
    communal = [line for line in lines if rules.service(line.service).utility]
    return [
        {
            "utility": utility,
            "closing": show_bill_sum(_sums(some)["closing"]),
            "rows": [_row(line, places[line.customer], rules) for line in some],
        }
        for utility, some in ((False, of_house), (True, communal))
        if some
    ]


def _row(line: BillLine, supplier: str, rules: Rules) -> dict[str, str]:
    service = rules.service(line.service)
    unit_ru, unit_kk = unit_words(rules, line.base or service.base, service)
    return {
        "supplier": supplier,
        "service_ru": service.ru,
        "service_kk": service.kk,
        "unit_ru": unit_ru,
        "unit_kk": unit_kk,
        "quantity": show_bill_quantity(line.quantity),
        "tariff": _STEPPED if len(line.steps) > 1 else show_bill_tariff(line.tariff),
        **_show_sums(line.sums),
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
    return {"size": size, "squares": list(squares)}
