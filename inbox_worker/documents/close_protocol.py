"""Протокол закрытия месяца (4.1.4): control totals by Customer, service and bank, what must agree, and the hashes
that name exactly what was closed. The operator's own paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import (
    Formula,
    join_figures,
    largest_numbers,
    money_columns,
    records,
)
from inbox_worker.documents.sheet_style import SheetColumn, in_both
from inbox_worker.documents.sheets import Page
from inbox_worker.documents.view import clean
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")
PLUS, MINUS = ("opening", "charged", "undelivered", "recalculated", "penalty", "moved"), ("paid", "closing")
_LINES = SheetColumn("lines", "integer", 14)
_MONEY = money_columns(**dict.fromkeys(SUMS, 17.0))
CUSTOMERS = (SheetColumn("bin", width=24), SheetColumn("name", width=50, flexible=True), _LINES, *_MONEY)
SERVICES = (
    SheetColumn("service_shown", width=50, flexible=True),
    _LINES,
    *_MONEY,
    SheetColumn("service", hidden=True),
)
BANKS = (
    SheetColumn("bank_shown", width=50, flexible=True),
    SheetColumn("parts", "integer", 20),
    *money_columns(amount=28, fee=28, transfer=28, suspense=28, received=28),
    SheetColumn("bank", hidden=True),
)
CHECKS = (
    SheetColumn("check", width=160, flexible=True),
    *(SheetColumn(name, "money", 28) for name in ("left", "right", "gap")),
)
HASHES = (SheetColumn("what", width=115), SheetColumn("rows", "integer", 20), SheetColumn("sha256", width=118))


@dataclass(frozen=True)
class ClosedMonth:
    """A close as the protocol shows it.

    `files` are the close's own (name -> rows, hash), `facts` all that stood in the ledger when it was made. Tables of
    sums: `customers` and `services` (`customer` or `service`, `lines`, SUMS), `banks` (`bank, parts, amount, fee,
    transfer`). `suspense` has `bank` and `amount`; `received` is what banks' registers say, less what staff sent
    back.
    """

    month: Period
    number: int
    sha256: str
    made_at: datetime
    rules: str
    sequence: int
    files: Mapping[str, tuple[int, str]]
    facts: Sequence[FactFile]
    customers: Any
    services: Any
    banks: Any
    suspense: Any
    received: Decimal


def render_close_protocol(closed: ClosedMonth, names: Mapping[str, str], operator: Operator, rules: Rules) -> Rendered:
    """Render the protocol as a workbook; `names` maps БИН to name."""
    made = f"; № {closed.number}, {closed.made_at:%d.%m.%Y %H:%M:%S}"
    heading = Heading("close_protocol", rules, closed.month, operator, extra=made)
    customers, services = _groups(closed.customers, "customer"), _groups(closed.services, "service")
    book = heading.open_book()
    order = sorted(services, key=lambda code: rules.service_order[code])
    shown = {code: in_both(rules.service(code).words) for code in order}
    own = [{**customers[bin], "bin": bin, "name": clean(names.get(bin, bin))} for bin in sorted(customers)]
    rows = [{**services[code], "service": code, "service_shown": shown[code]} for code in order]
    banks = [{**one, "bank_shown": heading.bank(one["bank"])} for one in _banks(closed)]
    by_customer, by_service, by_bank = (
        heading.add_page(book, name, columns, largest_numbers(columns, values))
        for name, columns, values in (
            ("По заказчикам", CUSTOMERS, own), ("По услугам", SERVICES, rows), ("По банкам", BANKS, banks)
        )
    )  # fmt: skip
    by_customer.write_table(own, "bin", PLUS, MINUS)
    by_service.write_table(rows, "service_shown", PLUS, MINUS)
    by_bank.write_table(banks, "bank_shown", ("fee", "transfer", "suspense"), ("received",))
    _write_checks(heading.add_page(book, "Проверки", CHECKS), (by_customer, by_service, by_bank), closed, heading.texts)
    _write_hashes(heading.add_page(book, "Отпечатки", HASHES), closed, heading.texts)
    lines, paid = {name: name for name in SUMS}, {name: f"payments.{name}" for name in ("amount", "fee", "transfer")}
    figures = join_figures(by_customer.figures(lines), by_service.figures(lines), by_bank.figures(paid))
    return Rendered("close_protocol", f"close-protocol-{closed.month}.xlsx", book.finish(), "", figures)


def _groups(table: Any, key: str) -> dict[str, dict[str, Any]]:
    """Return the sums of the lines by Customer or service; `lines` counts them."""
    return {name: dict(zip(("lines", *SUMS), values, strict=True))
            for name, *values in records(table, (key, "lines", *SUMS))}  # fmt: skip


def _banks(closed: ClosedMonth) -> list[dict[str, Any]]:
    """Return a row a bank: its parts of payments, what stands in suspense, both together as received."""
    banks: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    fields = ("parts", "amount", "fee", "transfer")
    for bank, *values in records(closed.banks, ("bank", *fields)):
        for name, value in zip(fields, values, strict=True):
            banks[bank or ""][name] += value
    for bank, amount in records(closed.suspense, ("bank", "amount")):
        banks[bank or ""]["suspense"] += amount
    for sums in banks.values():
        sums["received"] = sums["amount"] + sums["suspense"]
    return [{"bank": bank, **{name: banks[bank][name] for name in (*fields, "suspense", "received")}}
            for bank in sorted(banks)]  # fmt: skip


def _write_checks(page: Page, totals: tuple[Page, Page, Page], closed: ClosedMonth, texts: Texts) -> None:
    """Write what must agree, with live cells on both sides."""
    customers, services, banks = totals
    rows: list[tuple[str, Decimal | Formula, Formula]] = [
        ("received", closed.received, banks.total_cell("received")),
        ("paid", customers.total_cell("paid"), banks.total_cell("amount")),
        ("closing", customers.total_cell("closing"), services.total_cell("closing")),
        ("charged", customers.total_cell("charged"), services.total_cell("charged")),
    ]
    page.start_table()
    for name, left, right in rows:
        here = page.next_row
        known = left.value if isinstance(left, Formula) else left
        gap = Formula(f"=ROUND(B{here}-C{here},2)", known - right.value)
        page.add([in_both(texts.words(f"check.{name}")), left, right, gap])
        page.warn_unless_zero("gap", here)


def _write_hashes(page: Page, closed: ClosedMonth, texts: Texts) -> None:
    """Write the hashes of all that the close was computed from: its files, the rules, every fact file of then."""
    page.start_table()
    page.add(
        [f"{texts.both('heading.close')} № {closed.number}", Decimal(closed.files["lines"][0]), closed.sha256], "group"
    )
    upto = f"{texts.both('heading.sequence')} № {closed.sequence}"
    page.add([f"{texts.both('heading.rules')}; {upto}", None, closed.rules], "group")
    for name, (rows, digest) in closed.files.items():
        page.add([f"closes/{closed.month}/{name}.parquet", Decimal(rows), digest])
    for file in closed.facts:
        page.add([file.path, Decimal(file.rows), file.sha256])
    page.end()
