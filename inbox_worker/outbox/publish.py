"""Documents of a month, out of its close; those that consumers and Customers need before it, out of its draft."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa

from inbox_worker.contract.act_numbers import FIRST_ACT, NextAct, find_next_acts
from inbox_worker.core.files import read_small_file
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.progress import follow
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.debtors import render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.distribution import render_distribution
from inbox_worker.documents.month_data import MonthFacts, customers_of, for_customer, part_of, split_customers
from inbox_worker.documents.payments import ONE_C, render_payments
from inbox_worker.documents.pdf import find_soffice, to_pdf
from inbox_worker.documents.processes import Workers
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.documents.view import last_day
from inbox_worker.month.months import MonthError, is_closed
from inbox_worker.month.office import Office
from inbox_worker.outbox.place import put_up
from inbox_worker.outbox.publish_bills import place_bills
from inbox_worker.outbox.publish_notices import put_up_due_notices
from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT
from inbox_worker.settings.rules import Rules

CUSTOMERS_KINDS = ("act", "turnover", "distribution", "debtors", "bill_rows", "payments", "directory")
OPERATORS_KINDS = ("bills", "close_protocol")
KINDS = (*CUSTOMERS_KINDS, *OPERATORS_KINDS)
FROM_DRAFT = ("bill_rows", "payments", "directory", "bills")
_MADE_OF_DRAFT = ("bill_rows", "bills")  # when no kind is named


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
    `accounts`: the bills of these, a file each; the kind `notice`: those that terms call for now. Raises MonthError
    when a document is asked that needs the close, or an unknown kind, Customer or account, or a day of another month.
    """
    if accounts and list(kinds) != ["bills"]:
        raise MonthError("only bills are made for an account: add `--kind bills`")
    if NOTICE_DOCUMENT in kinds:  # of today, whatever the month
        rest = [kind for kind in kinds if kind != NOTICE_DOCUMENT]
        others = render_documents(office, month, rest, only, now, day) if rest else []
        return [*put_up_due_notices(office, now, only), *others]
    kinds = _kinds(office, month, kinds, only, day)
    facts = MonthFacts(office, month)
    made_of = {"close": facts.sha256, "close_number": str(facts.number), "rules": office.rules.version}
    written: list[Path] = []
    customers = customers_of(facts, only)
    own = tuple(kind for kind in kinds if kind in CUSTOMERS_KINDS)
    if own:
        with Workers(office.home.config.ledger.threads, len(customers)) as workers:
            made = follow(render_customers(facts, customers, own, day, workers), "documents", len(customers))
            for customer, documents in made:
                written += put_up(office, month, customer, documents, made_of, now)
    if "bills" in kinds:
        written += place_bills(facts, operators_folder(office), only, accounts, made_of, now)
    if "close_protocol" in kinds:
        names = {bin: customer.name for bin, customer in office.journal.customers.on(month.last_day).items()}
        protocol = render_close_protocol(facts.protocol(), names, office.home.operator, office.rules)
        written += put_up(office, month, operators_folder(office), [protocol], made_of, now)
    return written


def render_for(
    office: Office, month: Period, kind: str, bins: Collection[str], days: Sequence[date | None], now: datetime,
    formats: tuple[str, ...] = (),
) -> list[Path]:  # fmt: skip
    """Write a document of some Customers into outbox/pending, one for each of the days (None: the month's). Those
    without lines in the month have none. `formats`: of the file of payments, () = the usual ones."""
    facts = MonthFacts(office, month)
    made_of = {"close": facts.sha256, "close_number": str(facts.number), "rules": office.rules.version}
    customers = [customer for customer in customers_of(facts) if customer.bin in bins]
    with Workers(office.home.config.ledger.threads, len(customers)) as workers:
        made = [one for day in days for one in render_customers(facts, customers, (kind,), day, workers, formats)]
    return [path for customer, some in made for path in put_up(office, month, customer, some, made_of, now)]


def render_customers(
    facts: MonthFacts,
    customers: Sequence[Customer],
    kinds: tuple[str, ...],
    day: date | None,
    workers: Workers,
    formats: tuple[str, ...] = (),
) -> Iterator[tuple[Customer, list[Rendered]]]:
    """Yield every Customer's documents, so many Customers at a time that memory stays small. Acts first: LibreOffice
    makes PDFs of them while the others are rendered."""
    for some in split_customers(customers, facts.customers):
        made = _render_some(facts, some, kinds, day, workers, formats)
        made.reverse()
        while made:  # what is put up is kept no longer: the next ones need the memory
            yield made.pop()
        pa.default_memory_pool().release_unused()


def _render_some(
    facts: MonthFacts,
    some: Sequence[Customer],
    kinds: tuple[str, ...],
    day: date | None,
    workers: Workers,
    formats: tuple[str, ...],
) -> list[tuple[Customer, list[Rendered]]]:
    orders = [replace(one, formats=formats) for one in orders_of(facts, some, kinds, day)]
    if ONE_C in formats:
        template = read_small_file(facts.office.home.document_template("payments_1c.txt"))
        orders = [replace(one, template=template) for one in orders]
    with ThreadPoolExecutor(1, "pdf") as beside:
        acts = _render_each(orders, ("act",), workers)
        of_acts = beside.submit(_make_pdf, acts, facts.office.home.fonts)
        others = _render_each(orders, tuple(kind for kind in kinds if kind != "act"), workers)
        pdfs = of_acts.result()
    made = (act + rest + pdf for act, rest, pdf in zip(acts, others, pdfs, strict=True))
    return list(zip(some, made, strict=True))


def _render_each(orders: Sequence[Order], kinds: Sequence[str], workers: Workers) -> list[list[Rendered]]:
    """Render those of each order's documents that are of some kinds."""
    asked = [replace(one, kinds=tuple(kind for kind in one.kinds if kind in kinds)) for one in orders]
    return list(workers.map(render, asked, len(asked))) if any(one.kinds for one in asked) else [[] for _ in asked]


def _kinds(office: Office, month: Period, kinds: Sequence[str], only: str, day: date | None) -> Sequence[str]:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise MonthError(f"there is no document {unknown[0]!r}; there are: {', '.join(KINDS)}")
    if day and Period.of(day) != month:
        raise MonthError(f"{day.isoformat()} is no day of {month}")
    if day and list(kinds) != ["payments"]:
        raise MonthError("only the file of payments is made for a day: add `--kind payments`")
    if not is_closed(office, month):
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
    anew: str = ""  # its number, when it is made instead of a cancelled one
    day: date | None = None  # of the payments
    formats: tuple[str, ...] = ()  # of them, () = the usual ones
    tables: Mapping[str, pa.Table] = field(default_factory=dict)  # ages, last_payments, directory, stopped_lines


def orders_of(
    facts: MonthFacts, customers: Sequence[Customer], kinds: tuple[str, ...], day: date | None = None
) -> list[Order]:
    """Return what these Customers' documents are made of, a Customer an order."""
    bins = [customer.bin for customer in customers]
    whole = facts.of(bins)
    wanted = [name for kind, names in _TABLES.items() if kind in kinds for name in names]
    tables: dict[str, pa.Table] = {name: getattr(facts, name)(bins) for name in wanted}
    acts = find_next_acts(facts.office.journal, facts.month) if "act" in kinds else {}
    made = (acts.get(customer.bin, FIRST_ACT) for customer in customers)
    each = zip(customers, made, strict=True)
    return [_order(facts, whole, tables, customer, kinds, day, act) for customer, act in each]


def _order(
    facts: MonthFacts,
    whole: CloseData,
    tables: Mapping[str, pa.Table],
    customer: Customer,
    kinds: tuple[str, ...],
    day: date | None,
    act: NextAct,
) -> Order:
    office = facts.office
    data = for_customer(whole, customer.bin)
    if _needs_no_act(customer, data):
        kinds = tuple(kind for kind in kinds if kind != "act")
    own = {name: part_of(table, customer.bin) for name, table in tables.items()}
    order = Order(kinds, data, customer, office.home.operator, office.rules, day=day, tables=own)
    if "act" not in kinds:
        return order
    template = read_small_file(office.home.document_template("act.docx"))
    closes, whose, texts = office.journal.closes, (facts.month, customer.bin, act.kind), office.rules.texts.written
    number, dated = closes.document_number(*whose, last_day(facts.month), first=act.first)
    if act.instead_of:
        shown = f"{number} ({texts.both('act.instead_of', number=act.instead_of)})"
        return replace(order, template=template, number=(shown, dated), anew=number)
    return replace(order, template=template, number=(number, dated))


def _needs_no_act(customer: Customer, data: CloseData) -> bool:
    """Return whether a month is after the contract's end and nothing was withheld in it: no service was rendered."""
    ended = customer.valid_until is not None and customer.valid_until < data.month.first_day
    return ended and not data.payments.num_rows


_TABLES = {
    "debtors": ("ages", "last_payments"),
    "directory": ("directory",),
    "bill_rows": ("stopped_lines", "directory"),
}


def render(order: Order) -> list[Rendered]:
    """Render one Customer's documents, in the order of the kinds asked."""
    return [document for kind in order.kinds for document in _RENDER[kind](order)]


def _whose(order: Order) -> tuple[CloseData, Customer, Operator, Rules]:
    return order.data, order.customer, order.operator, order.rules


def _without_stopped_lines(order: Order) -> CloseData:
    """The month without lines that are left out of bills (10.3)."""
    keys = ["account", "customer", "service"]
    lines = order.data.lines.join(order.tables["stopped_lines"], keys=keys, join_type="left anti")
    return replace(order.data, lines=lines.sort_by([(key, "ascending") for key in keys]))


_RENDER: Mapping[str, Callable[[Order], Iterable[Rendered]]] = {
    "act": lambda o: [replace(render_act(*_whose(o), *o.number, o.template), anew=o.anew)],
    "turnover": lambda o: render_turnover(*_whose(o)),
    "distribution": lambda o: render_distribution(*_whose(o)),
    "debtors": lambda o: render_debtors(*_whose(o), o.tables["ages"], o.tables["last_payments"]),
    "bill_rows": lambda o: render_bill_rows(_without_stopped_lines(o), *_whose(o)[1:], o.tables["directory"]),
    "payments": lambda o: render_payments(*_whose(o), o.day, o.formats, o.template),
    "directory": lambda o: render_directory(o.tables["directory"], *_whose(o)),
}


def _make_pdf(acts: Sequence[Sequence[Rendered]], fonts: Path) -> list[list[Rendered]]:
    """Make a PDF of every act when LibreOffice is there (interface.md, documents); the same lists with them."""
    soffice = find_soffice()
    if soffice is None:
        return [[] for _ in acts]
    made = iter(to_pdf([act for some in acts for act in some], soffice, fonts))
    return [list(islice(made, len(some))) for some in acts]


def operators_folder(office: Office) -> Customer:
    """Return the operator as the owner of an outbox folder: bills and the close's protocol are nobody else's."""
    o = office.home.operator
    return Customer(o.bin, o.name, "исполнитель", "", date.min, None, (), o.bic, o.iban, "", o.head, o.address, False)
