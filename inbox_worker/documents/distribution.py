"""Ведомость распределения платежей по банкам и услугам поставщика (4.1.8, 4.1.7): what banks took on the
Customer's lines, what was withheld of it and what is transferred.

Payment = fee + transfer on every row and total; the last sheet holds the statement against the month's close.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import Group, RowGroup, split_rows, table_of, write_grouped_table
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import (
    Formula,
    add_services,
    fill_empty,
    join_figures,
    largest_numbers,
    money_columns,
    text_columns,
)
from inbox_worker.documents.sheet_style import Headers, SheetColumn, Words, in_both, in_tones
from inbox_worker.documents.sheets import Page
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SUMMARY = "По банкам и услугам"
SUMS = ("amount", "penalty_part", "fee", "transfer")
_MONEY = money_columns(amount=20, penalty_part=14, fee=20, transfer=20)
_KEYS = tuple(SheetColumn(name, hidden=True) for name in ("bank", "service", "submission"))
SUMMARY_COLUMNS = (
    SheetColumn("service_shown", width=60, flexible=True),
    SheetColumn("percent", "percent", 19),
    SheetColumn("count", "integer", 14),
    *_MONEY,
    *_KEYS[:2],
)
_ACCOUNT = text_columns(iban=39)  # where the Customer has an account of its own for communal services (7.1)
PAYMENT_COLUMNS = (
    *text_columns(number=30, account=22),
    SheetColumn("paid_on", "date", 20),
    SheetColumn("percent", "percent", 19),
    *_MONEY,
    *_KEYS,
    SheetColumn("row", "integer", hidden=True),
)
CONTROL_COLUMNS = (
    SheetColumn("check", width=90, flexible=True),
    *(SheetColumn(name, "money", 24) for name in ("summary", "payments", "closed", "gap")),
)
FLAT = ("bank", "paid_on", "number", "account", "service", "service_ru", "service_kk", "percent", *SUMS, "submission",
        "row")  # fmt: skip
FIELDS = ("bank", "service", "percent", "paid_on", "number", "account", *SUMS, "submission", "row")
_GROUP = ("bank", "order", "percent")
_IDENTITY = ("amount",), ("fee", "transfer")


def render_distribution(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> list[Rendered]:
    """Render the statement as a workbook of three sheets and as flat .csv. `close` holds this Customer's lines and
    payments only.

    Every payment names its bank's register and row there, so each sum leads back to the bank's lines.
    """
    payments, texts = _payments(close, rules), rules.texts.written
    groups = [{**own.first, **own.sums, "count": own.count} for own in split_rows(payments, _GROUP, SUMS)]
    heading = Heading("distribution", rules, close.month, operator, customer)
    book = heading.open_book()
    banks = Group(
        ("bank",),
        lambda own: (("name", heading.bank(own.first["bank"])),),
        lambda own: heading.total_of_bank(own.first["bank"]),
    )
    services = Group(("service",), _service_heading, lambda own: heading.in_both("total.service"))
    columns = (*SUMMARY_COLUMNS[:-2], *(_ACCOUNT if customer.own_account else ()), *SUMMARY_COLUMNS[-2:])
    largest = largest_numbers(columns, groups)
    summary = heading.add_page(book, SUMMARY, columns, largest, portrait=not customer.own_account)
    shown = table_of((_add_account(one, customer, rules) for one in groups), [column.name for column in columns])
    write_grouped_table(summary, columns, shown, (banks,), _IDENTITY)
    detail = heading.add_part(book, texts.words("section.payments"), PAYMENT_COLUMNS, largest, portrait=True)
    write_grouped_table(detail, PAYMENT_COLUMNS, payments, (banks, services), _IDENTITY)
    most = dict.fromkeys(("summary", "payments", "closed"), largest["amount"])
    control = heading.add_part(book, texts.words("section.control"), CONTROL_COLUMNS, most, portrait=True)
    _write_control(control, close, (summary, detail), texts)
    figures = join_figures(
        summary.figures({name: f"payments.{name}" for name in ("percent", "count", *SUMS)}),
        detail.figures({name: f"payments.{name}" for name in ("percent", *SUMS)}),
    )
    name = f"distribution-{close.month}"
    return [
        Rendered("distribution", f"{name}.xlsx", book.finish(), "", figures),
        render_flat("distribution", f"{name}.csv", FLAT, payments, Headers(texts, "distribution")),
    ]


def _service_heading(own: RowGroup) -> Words:
    return in_tones(own.first["service_ru"], own.first["service_kk"])


def _payments(close: CloseData, rules: Rules) -> pa.Table:
    """Return payments by bank, service in the bill's order, price; then as they came."""
    no_bank = in_both(rules.texts.written.words("heading.no_bank"))
    found = fill_empty(add_services(close.payments.select(FIELDS), rules), "bank", no_bank)
    return found.sort_by([(key, "ascending") for key in (*_GROUP, "paid_on", "number", "account", "row")])


def _add_account(group: dict[str, Any], customer: Customer, rules: Rules) -> dict[str, Any]:
    own = customer.own_account and rules.service(group["service"]).utility
    return {**group, "iban": customer.own_account if own else customer.iban}


def _write_control(page: Page, close: CloseData, totals: tuple[Page, Page], texts: Texts) -> None:
    """Write the three ways to the same sums, and what they differ by: nothing, or the cell turns red."""
    page.start_table()
    paid, fee = (pc.sum(column).as_py() or Decimal(0) for column in (close.lines["paid"], close.payments["fee"]))
    for name, closed in (("amount", paid), ("fee", fee), ("transfer", paid - fee)):
        live = [total.total_cell(name) for total in totals]
        here = page.next_row
        gap = Formula(f"=ROUND(ABS(B{here}-D{here})+ABS(C{here}-D{here}),2)", abs(live[0].value - closed) * 2)
        page.add([in_both(texts.words(f"control.{name}")), *live, closed, gap])
        page.warn_unless_zero("gap", here)
