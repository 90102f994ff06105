"""Documents of a month, out of its close; those that consumers and Customers need before it, out of its draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from inbox_worker.bills import place_bills
from inbox_worker.context import Office
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.debtors import render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.distribution import render_distribution
from inbox_worker.documents.payments import render_payments
from inbox_worker.documents.pdf import find_soffice, to_pdf
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.documents.view import last_day
from inbox_worker.model import CloseData, Customer, Operator, Period, Rendered
from inbox_worker.months import MonthError
from inbox_worker.outbox.place import place
from inbox_worker.paper_facts import MonthFacts, customers_in, for_customer, part_of
from inbox_worker.rules import Rules

T = TypeVar("T")
R = TypeVar("R")

CUSTOMERS_KINDS = ("act", "turnover", "distribution", "debtors", "bill_rows", "payments", "directory")
OPERATORS_KINDS = ("bills", "close_protocol")
KINDS = (*CUSTOMERS_KINDS, *OPERATORS_KINDS)
FROM_DRAFT = ("bill_rows", "payments", "directory", "bills")
_MADE_OF_DRAFT = ("bill_rows", "bills")  # when no kind is named
_BATCH = 50
_WORTH_A_PROCESS = 8  # customers; a process takes a second to start


def render_documents(
    office: Office,
    month: Period,
    kinds: Sequence[str],
    only: str,
    now: datetime,
    day: date | None = None,
    accounts: Sequence[str] = (),
) -> list[Path]:
    """Renders into outbox/pending; the operator's own papers into a folder of the operator.

    Without `kinds` all that the month's state allows; `only`: one Customer's; `day`: the payments of that day;
    `accounts`: the bills of these, a file each. Raises MonthError when a document is asked that needs the close, or an
    unknown kind, Customer or account, or a day that is not of the month.
    """
    if accounts and list(kinds) != ["bills"]:
        raise MonthError("only bills are made for an account: add `--kind bills`")
    kinds = _kinds(office, month, kinds, only, day)
    facts = MonthFacts(office, month)
    made_of = {"close": facts.whole.sha256, "close_number": str(facts.whole.number), "rules": office.rules.version}
    written: list[Path] = []
    customers = customers_of(office, facts.whole, only)
    own = tuple(kind for kind in kinds if kind in CUSTOMERS_KINDS)
    for some in batched(customers) if own else ():
        orders = [order_of(facts, customer, own, day) for customer in some]
        rendered = dict(zip([c.bin for c in some], in_parallel(render, orders, office), strict=True))
        _add_pdf(rendered, office.home.fonts)
        for customer in some:
            written += place(office.home.outbox, month, customer, rendered[customer.bin], made_of, now)
    if "bills" in kinds:
        written += place_bills(facts, operators_folder(office), only, accounts, made_of, now)
    if "close_protocol" in kinds:
        names = {bin: customer.name for bin, customer in office.journal.customers().items()}
        protocol = render_close_protocol(facts.whole, names, facts.protocol(), office.home.operator, office.rules)
        written += place(office.home.outbox, month, operators_folder(office), [protocol], made_of, now)
    return written


def _kinds(office: Office, month: Period, kinds: Sequence[str], only: str, day: date | None) -> Sequence[str]:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise MonthError(f"there is no document {unknown[0]!r}; there are: {', '.join(KINDS)}")
    if day and Period.of(day) != month:
        raise MonthError(f"{day.isoformat()} is no day of {month}")
    if day and list(kinds) != ["payments"]:
        raise MonthError("only the file of payments is made for a day: add `--kind payments`")
    if not office.months.is_closed(month):
        needing = [kind for kind in kinds if kind not in FROM_DRAFT]
        if needing:
            raise MonthError(f"{month} is not closed: {', '.join(needing)} need `close {month}` first")
        return kinds or _MADE_OF_DRAFT
    return kinds or (CUSTOMERS_KINDS if only else KINDS)


@dataclass(frozen=True)
class Order:
    """All that one Customer's documents are rendered from; can be handed to another process."""

    kinds: tuple[str, ...]
    data: CloseData
    customer: Customer
    operator: Operator
    rules: Rules
    template: bytes = b""
    number: tuple[str, date] = ("", date.min)  # of the act
    day: date | None = None  # of the payments
    tables: Mapping[str, pa.Table] = field(default_factory=dict)  # ages, last_payments, directory, stopped


def order_of(facts: MonthFacts, customer: Customer, kinds: tuple[str, ...], day: date | None) -> Order:
    """What one Customer's documents are made of."""
    office = facts.office
    data = for_customer(facts.whole, customer.bin)
    order = Order(kinds, data, customer, office.home.operator, office.rules, day=day, tables={
        name: part_of(getattr(facts, name), customer.bin)
        for kind, names in _TABLES.items() if kind in kinds for name in names
    })  # fmt: skip
    if "act" not in kinds:
        return order
    template = office.home.document_template("act.docx").read_bytes()
    number = office.journal.document_number(facts.month, customer.bin, "act", last_day(facts.month))
    return replace(order, template=template, number=number)


_TABLES = {"debtors": ("ages", "last_payments"), "directory": ("directory",), "bill_rows": ("stopped",)}


def render(order: Order) -> list[Rendered]:
    """One Customer's documents, in the order of the kinds asked."""
    return [document for kind in order.kinds for document in _RENDER[kind](order)]


def _whose(order: Order) -> tuple[CloseData, Customer, Operator, Rules]:
    return order.data, order.customer, order.operator, order.rules


def _billed(order: Order) -> CloseData:
    """The month without lines that are left out of bills (10.3)."""
    keys = ["account", "customer", "service"]
    lines = order.data.lines.join(order.tables["stopped"], keys=keys, join_type="left anti")
    return replace(order.data, lines=lines.sort_by([(key, "ascending") for key in keys]))


_RENDER: Mapping[str, Callable[[Order], Iterable[Rendered]]] = {
    "act": lambda o: [render_act(*_whose(o), *o.number, o.template)],
    "turnover": lambda o: [render_turnover(*_whose(o))],
    "distribution": lambda o: [render_distribution(*_whose(o))],
    "debtors": lambda o: [render_debtors(*_whose(o), o.tables["ages"], o.tables["last_payments"])],
    "bill_rows": lambda o: [render_bill_rows(_billed(o), *_whose(o)[1:])],
    "payments": lambda o: render_payments(*_whose(o), o.day),
    "directory": lambda o: [
        render_directory(o.tables["directory"], o.data.month, o.customer, o.operator, o.rules)
    ],
}  # fmt: skip


def in_parallel(work: Callable[[T], R], orders: Sequence[T], office: Office) -> list[R]:
    """The answers in order; many orders are shared among processes, as many as the close may use threads."""
    processes = min(office.home.config.ledger.threads, len(orders) // _WORTH_A_PROCESS)
    if processes < 2:
        return [work(order) for order in orders]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, orders, chunksize=max(1, len(orders) // (processes * 4))))


def batched(customers: Sequence[Customer]) -> Iterator[Sequence[Customer]]:
    """So many customers at a time that memory stays small and LibreOffice is started seldom."""
    for start in range(0, len(customers), _BATCH):
        yield customers[start : start + _BATCH]


def _add_pdf(rendered: dict[str, list[Rendered]], fonts: Path) -> None:
    """A PDF beside every act when LibreOffice is there (interface.md, documents)."""
    soffice = find_soffice()
    acts = [(bin, document) for bin, documents in rendered.items() for document in documents if document.kind == "act"]
    if soffice is None or not acts:
        return
    for (bin, _), pdf in zip(acts, to_pdf([document for _, document in acts], soffice, fonts), strict=True):
        rendered[bin].append(pdf)


def customers_of(office: Office, whole: CloseData, only: str) -> list[Customer]:
    """The Customers with lines in the month, or the one asked. Raises MonthError when that one has none."""
    known = office.journal.customers()
    with_lines = customers_in(whole)
    if only and only not in with_lines:
        raise MonthError(f"customer {only} has no lines in {whole.month}")
    return [known[bin] for bin in with_lines if bin in known and only in ("", bin)]


def operators_folder(office: Office) -> Customer:
    """The operator as the owner of an outbox folder: bills and the close's protocol are nobody else's."""
    o = office.home.operator
    return Customer(o.bin, o.name, "исполнитель", "", date.min, None, (), o.bic, o.iban, "", o.head, o.address, False)
