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
from inbox_worker.documents.sheet_columns import TOTAL, Formula, SheetColumn, join_figures, records
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import clean
from inbox_worker.settings.rules import Rules

SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")
PLUS, MINUS = ("opening", "charged", "undelivered", "recalculated", "penalty", "moved"), ("paid", "closing")
_MONEY = (
    SheetColumn("opening", "money", 16, total=True),
    SheetColumn("charged", "money", 16, total=True),
    SheetColumn("undelivered", "money", 14, total=True),
    SheetColumn("recalculated", "money", 14, total=True),
    SheetColumn("penalty", "money", 13, total=True),
    SheetColumn("paid", "money", 16, total=True),
    SheetColumn("moved", "money", 13, total=True),
    SheetColumn("closing", "money", 16, total=True),
)
CUSTOMERS = (
    SheetColumn("bin", width=14),
    SheetColumn("name", width=34),
    SheetColumn("lines", "integer", 9),
    *_MONEY,
)
SERVICES = (
    SheetColumn("service_ru", width=28),
    SheetColumn("service_kk", width=28),
    SheetColumn("lines", "integer", 9),
    *_MONEY,
)
BANKS = (
    SheetColumn("bank", width=14),
    SheetColumn("parts", "integer", 10),
    SheetColumn("amount", "money", 17, total=True),
    SheetColumn("fee", "money", 15, total=True),
    SheetColumn("transfer", "money", 17, total=True),
    SheetColumn("suspense", "money", 15, total=True),
    SheetColumn("received", "money", 17, total=True),
)
CHECKS = (
    SheetColumn("ru", width=52),
    SheetColumn("kk", width=52),
    SheetColumn("left", "money", 18),
    SheetColumn("right", "money", 18),
    SheetColumn("gap", "money", 14),
)
HASHES = (
    SheetColumn("what", width=70),
    SheetColumn("rows", "integer", 10),
    SheetColumn("sha256", width=68),
)


@dataclass(frozen=True)
class ClosedMonth:
    """What the protocol tells of a close.

    `files` are the close's own (name -> rows, hash), `facts` all that stood in the ledger when it was made. Tables of
    sums: `customers` and `services` (`customer` or `service`, `lines`, SUMS), `banks` (`bank, parts, amount, fee,
    transfer`). `suspense` has `bank` and `amount`; `received` is what banks' registers say.
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
    """The protocol as a workbook; `names` maps БИН to name."""
    made = f"; № {closed.number}, {closed.made_at:%d.%m.%Y %H:%M:%S}"
    heading = Heading("close_protocol", rules, closed.month, operator, extra=made)
    customers, services = _groups(closed.customers, "customer"), _groups(closed.services, "service")
    book = heading.book(len(customers) + len(closed.facts))
    first = [(bin, {"bin": bin, "name": clean(names.get(bin, bin))}) for bin in sorted(customers)]
    order = sorted(services, key=lambda code: rules.service_order[code])
    second = [(code, {"service_ru": rules.service(code).ru, "service_kk": rules.service(code).kk}) for code in order]
    by_customer = _totals(book, heading, "По заказчикам", CUSTOMERS, first, customers)
    by_service = _totals(book, heading, "По услугам", SERVICES, second, services)
    by_bank = _banks(book, heading, closed)
    _checks(book, heading, (by_customer, by_service, by_bank), closed)
    _hashes(book, heading, closed)
    lines, paid = {name: name for name in SUMS}, {name: f"payments.{name}" for name in ("amount", "fee", "transfer")}
    figures = join_figures(by_customer.figures(lines), by_service.figures(lines), by_bank.figures(paid))
    return Rendered("close_protocol", f"close-protocol-{closed.month}.xlsx", book.finish(), "", figures)


@dataclass(frozen=True)
class _Total:
    """A sheet's last row, for formulas of other sheets."""

    page: Page
    row: int
    sums: Mapping[str, Decimal]

    def figures(self, fields: Mapping[str, str]) -> dict[str, str]:
        return self.page.figures(fields, (self.page.header_row + 1, self.row))

    def cell(self, name: str) -> Formula:
        return Formula(f"='{self.page.name}'!{self.page.letters[name]}{self.row}", self.sums[name])


def _groups(table: Any, key: str) -> dict[str, dict[str, Decimal]]:
    """Sums of the lines by Customer or service; `lines` counts them."""
    return {name: dict(zip(("lines", *SUMS), values, strict=True))
            for name, *values in records(table, (key, "lines", *SUMS))}  # fmt: skip


def _totals(
    book: Book,
    heading: Heading,
    name: str,
    columns: Sequence[SheetColumn],
    order: Sequence[tuple[str, Mapping[str, str]]],
    groups: Mapping[str, Mapping[str, Decimal]],
) -> _Total:
    page = book.page(name, columns, heading.titles, heading.footer)
    first = page.next_row
    page.start(page.identity(PLUS, MINUS, (first, first + len(order))))
    for key, words in order:
        values = {**words, **groups[key]}
        page.add([values[column.name] for column in columns])
    page.end(page.next_row - 1, table=True)
    sums = {field: sum((group[field] for group in groups.values()), Decimal(0)) for field in SUMS}
    row = page.add_total({columns[0].name: TOTAL}, sums, (first, page.next_row - 1))
    return _Total(page, row, sums)


def _banks(book: Book, heading: Heading, closed: ClosedMonth) -> _Total:
    banks: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    fields = ("parts", "amount", "fee", "transfer")
    for bank, *values in records(closed.banks, ("bank", *fields)):
        for name, value in zip(fields, values, strict=True):
            banks[bank or ""][name] += value
    for bank, amount in records(closed.suspense, ("bank", "amount")):
        banks[bank or ""]["suspense"] += amount
    page = book.page("По банкам", BANKS, heading.titles, heading.footer)
    first = page.next_row
    page.start(page.identity(("fee", "transfer", "suspense"), ("received",), (first, first + len(banks))))
    names = [column.name for column in BANKS if column.total]
    for bank in sorted(banks):
        banks[bank]["received"] = banks[bank]["amount"] + banks[bank]["suspense"]
        page.add([bank, banks[bank]["parts"], *(banks[bank][name] for name in names)])
    page.end(page.next_row - 1, table=True)
    sums = {name: sum((of[name] for of in banks.values()), Decimal(0)) for name in names}
    return _Total(page, page.add_total({"bank": TOTAL}, sums, (first, page.next_row - 1)), sums)


def _checks(book: Book, heading: Heading, totals: tuple[_Total, _Total, _Total], closed: ClosedMonth) -> None:
    """What must agree, with live cells on both sides."""
    customers, services, banks = totals
    rows: list[tuple[str, Decimal | Formula, Formula]] = [
        ("received", closed.received, banks.cell("received")),
        ("paid", customers.cell("paid"), banks.cell("amount")),
        ("closing", customers.cell("closing"), services.cell("closing")),
        ("charged", customers.cell("charged"), services.cell("charged")),
    ]
    page = book.page("Проверки", CHECKS, heading.titles, heading.footer)
    page.start()
    for name, left, right in rows:
        words = heading.rules.texts.written.words(f"check.{name}")
        here = page.next_row
        known = left.value if isinstance(left, Formula) else left
        gap = Formula(f"=ROUND(C{here}-D{here},2)", known - right.value)
        page.add([words.ru, words.kk, left, right, gap])
        page.warn_unless_zero("gap", here)


def _hashes(book: Book, heading: Heading, closed: ClosedMonth) -> None:
    """Names of exactly what was closed: the close, its files, the rules, every fact file in the ledger then."""
    page = book.page("Отпечатки", HASHES, heading.titles, heading.footer)
    page.start()
    texts = heading.rules.texts.written
    page.add(
        [f"{texts.both('heading.close')} № {closed.number}", Decimal(closed.files["lines"][0]), closed.sha256], "group"
    )
    upto = f"{texts.both('heading.sequence')} № {closed.sequence}"
    page.add([f"{texts.both('heading.rules')}; {upto}", None, closed.rules], "group")
    for name, (rows, digest) in closed.files.items():
        page.add([f"closes/{closed.month}/{name}.parquet", Decimal(rows), digest])
    for file in closed.facts:
        page.add([file.path, Decimal(file.rows), file.sha256])
    page.end(page.next_row - 1, table=True)
