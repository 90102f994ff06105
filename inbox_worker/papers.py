"""Documents and ledger workbooks of a month, out of its close (bill rows also out of its draft)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.close.engine import totals
from inbox_worker.close.frozen import read_close
from inbox_worker.context import Office
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.pdf import find_soffice, to_pdf
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.files import write_atomic
from inbox_worker.ledger.book import render_book
from inbox_worker.model import CloseData, Customer, Operator, Period, Rendered
from inbox_worker.months import MonthError
from inbox_worker.outbox.place import place
from inbox_worker.rules import Rules

T = TypeVar("T")
R = TypeVar("R")

KINDS = ("act", "turnover", "bill_rows")
_BATCH = 50
_WORTH_A_PROCESS = 8  # customers; a process takes a second to start
_BOOK_TABLES = {
    "recalculations": "select * from recalculation_rows where customer = $customer "
    "order by account, service, past_month, kind, submission, row",
    "tariffs": "select account, service, tariff, from_month, submission, sheet, row from tariffs_in_force "
    "where customer = $customer order by account, service",
    "directory": "select account, house, address, flat, name, area, residents, service, base, meter, from_month, "
    "submission, sheet, row from line_rows where customer = $customer order by account, service, meter",
}
_SOURCES = pa.schema(
    [
        (name, pa.string())
        for name in (
            "submission", "form", "attachment", "sheet", "sender", "received_at", "documents", "rules", "sha256",
        )
    ]
)  # fmt: skip
_USED = """
select distinct submission, sheet from (
  select customer, submission, sheet from line_rows
  union all select customer, submission, sheet from tariffs_in_force
  union all select customer, submission, sheet from meter_use where submission is not null
  union all select customer, submission, sheet from recalculation_rows
  union all select customer, submission, sheet from undelivered_rows
  union all select a.customer, a.submission, a.sheet from allocations a cross join period p where a.month = p.month
) where customer = $customer order by submission, sheet
"""


def render_documents(office: Office, month: Period, kinds: Sequence[str], only: str, now: datetime) -> list[Path]:
    """Renders into outbox/pending. Before the close only bill rows can be made, from the draft (4.1.1).

    Raises MonthError when a document is asked that needs the close, or an unknown kind or Customer.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise MonthError(f"there is no document {unknown[0]!r}; there are: {', '.join(KINDS)}")
    if not office.months.is_closed(month):
        needing = [kind for kind in kinds if kind != "bill_rows"]
        if needing:
            raise MonthError(f"{month} is not closed: {', '.join(needing)} need `close {month}` first")
    kinds = kinds or (KINDS if office.months.is_closed(month) else ("bill_rows",))
    whole = month_data(office, month)
    customers = _customers(office, whole, only)
    template = (office.home.templates / "documents" / "act.docx").read_bytes()
    made_of = {"close": whole.sha256, "close_number": str(whole.number), "rules": office.rules.version}
    written = []
    for some in batched(customers):
        orders = [
            Order(tuple(kinds), for_customer(whole, c.bin), c, office.home.operator, office.rules, template,
                  _number(office, kinds, month, c))
            for c in some
        ]  # fmt: skip
        rendered = dict(zip([c.bin for c in some], in_parallel(render, orders, office), strict=True))
        _add_pdf(rendered)
        for customer in some:
            written += place(office.home.outbox, month, customer, rendered[customer.bin], made_of, now)
    return written


@dataclass(frozen=True)
class Order:
    """All that one Customer's documents are rendered from; can be handed to another process."""

    kinds: tuple[str, ...]
    data: CloseData
    customer: Customer
    operator: Operator
    rules: Rules
    template: bytes
    number: tuple[str, date]


def render(order: Order) -> list[Rendered]:
    """One Customer's documents, in the order of the kinds asked."""
    return [_render(order, kind) for kind in order.kinds]


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


def _add_pdf(rendered: dict[str, list[Rendered]]) -> None:
    """A PDF beside every act when LibreOffice is there (interface.md, documents)."""
    soffice = find_soffice()
    acts = [(bin, document) for bin, documents in rendered.items() for document in documents if document.kind == "act"]
    if soffice is None or not acts:
        return
    for (bin, _), pdf in zip(acts, to_pdf([document for _, document in acts], soffice), strict=True):
        rendered[bin].append(pdf)


def render_books(office: Office, month: Period) -> list[Path]:
    """Ledger workbooks of a closed month: `ledger/books/<month>/<БИН>.xlsx`."""
    whole = month_data(office, month)
    if not office.months.is_closed(month):
        raise MonthError(f"{month} is not closed; ledger workbooks show closes")
    engine = office.months.computed(month)
    folder = office.home.ledger / "books" / str(month)
    orders = []
    for customer in _customers(office, whole, ""):
        data = for_customer(whole, customer.bin)
        tables: dict[str, pa.Table] = {
            name: engine.connection.sql(query, params={"customer": customer.bin}).to_arrow_table()
            for name, query in _BOOK_TABLES.items()
        }
        tables["payments"] = data.payments
        tables["sources"] = _sources(office, engine.connection.execute(_USED, {"customer": customer.bin}).fetchall())
        orders.append(BookOrder(data, customer, office.home.operator.name, tables, office.rules))
    written = []
    for order, book in zip(orders, in_parallel(book_of, orders, office), strict=True):
        path = folder / f"{order.customer.bin}.xlsx"
        write_atomic(path, book)
        written.append(path)
    return written


@dataclass(frozen=True)
class BookOrder:
    """All that one Customer's ledger workbook is rendered from."""

    data: CloseData
    customer: Customer
    operator_name: str
    tables: dict[str, pa.Table]
    rules: Rules


def book_of(order: BookOrder) -> bytes:
    """One ledger workbook."""
    return render_book(order.data, order.customer, order.operator_name, order.tables, order.rules)


def _sources(office: Office, used: Sequence[tuple[str, str]]) -> pa.Table:
    """Every submission the workbook's rows came from: its file, sheet, sender, receipt time and hash."""
    rows = []
    for identifier, sheet in used:
        submission = office.journal.submission(identifier)
        if submission is None:
            raise MonthError(f"the journal has no submission {identifier} that facts name; restore it from the backup")
        arrival = office.journal.arrival(submission.arrival)
        rows.append(
            {
                "submission": identifier,
                "form": submission.form,
                "attachment": submission.attachment,
                "sheet": sheet,
                "sender": arrival.sender,
                "received_at": arrival.received_at.isoformat(),
                "documents": submission.documents,
                "rules": submission.rules,
                "sha256": submission.sha256,
            }
        )
    return pa.Table.from_pylist(rows, schema=_SOURCES)


def month_data(office: Office, month: Period) -> CloseData:
    """The close's tables joined with places; of a month not closed, its draft (number 0)."""
    record = office.journal.close_record(month)
    if record is not None:
        tables = read_close(office.home.ledger / "closes" / str(month))
        return CloseData(
            month, record["number"], _with_places(tables["lines"], tables["places"]), tables["payments"],
            record["sha256"],
        )  # fmt: skip
    engine = office.months.engine(month)
    computed = engine.compute(month)
    places = engine.connection.sql("select * from known_lines").to_arrow_table()
    sums = ";".join(f"{name}={value}" for name, value in totals(computed.lines).items())
    payments = office.months.payments(engine)
    return CloseData(month, 0, _with_places(computed.lines, places), payments, f"draft:{sums}")


def for_customer(whole: CloseData, customer: str) -> CloseData:
    """The part of one Customer."""
    lines = whole.lines.filter(pc.equal(whole.lines.column("customer"), customer))
    payments = whole.payments.filter(pc.equal(whole.payments.column("customer"), customer))
    return CloseData(whole.month, whole.number, lines, payments, whole.sha256)


def _with_places(lines: pa.Table, places: pa.Table) -> pa.Table:
    keys = ["account", "customer", "service"]
    wanted = places.select([*keys, "house", "address", "flat", "name", "area", "residents"])
    joined = lines.join(wanted, keys=keys, join_type="left outer")
    return joined.sort_by([(key, "ascending") for key in keys])


def _customers(office: Office, whole: CloseData, only: str) -> list[Customer]:
    known = office.journal.customers()
    with_lines = sorted(set(whole.lines.column("customer").to_pylist()))
    if only and only not in with_lines:
        raise MonthError(f"customer {only} has no lines in {whole.month}")
    return [known[bin] for bin in with_lines if bin in known and only in ("", bin)]


def _number(office: Office, kinds: Sequence[str], month: Period, customer: Customer) -> tuple[str, date]:
    """Number and date of the Customer's act; asked only when an act is made, so that numbers have no gaps."""
    last_day = date(month.year, month.month, month.days)
    if "act" not in kinds:
        return "", last_day
    return office.journal.document_number(month, customer.bin, "act", last_day)


def _render(order: Order, kind: str) -> Rendered:
    data, customer, operator, rules = order.data, order.customer, order.operator, order.rules
    if kind == "turnover":
        return render_turnover(data, customer, operator, rules)
    if kind == "bill_rows":
        return render_bill_rows(data, customer, operator, rules)
    return render_act(data, customer, operator, rules, *order.number, order.template)
