"""Ledger workbooks of a closed month: the ledger's face (architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from inbox_worker.core.files import sha256, write_atomic
from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.progress import follow
from inbox_worker.core.queries import read_query
from inbox_worker.core.rendered import CloseData
from inbox_worker.documents.changed_cells import ChangedBook, compare_book, find_strange
from inbox_worker.documents.earlier_books import is_of_earlier_version
from inbox_worker.documents.ledger_book import render_book
from inbox_worker.documents.month_data import MonthFacts, customers_of, for_customer, split_customers
from inbox_worker.documents.processes import Workers
from inbox_worker.documents.view import last_day
from inbox_worker.documents.whole_book import NAME, render_whole
from inbox_worker.documents.whole_tables import WholeMonth, whole_month
from inbox_worker.month.months import MonthError, is_closed
from inbox_worker.month.office import Office

_BOOK_TABLES = {name: read_query(__file__, f"book_{name}") for name in ("recalculations", "tariffs", "directory")}
_OF_SUBMISSION = ("form", "attachment", "documents", "rules", "sha256")
_SOURCES = pa.schema([(name, pa.string()) for name in (
    "submission", "form", "attachment", "sheet", "sender", "received_at", "documents", "rules", "sha256",
)])  # fmt: skip
_USED = read_query(__file__, "book_sources")


def render_books(office: Office, month: Period, folder: Path | None = None) -> list[Path]:
    """Write the ledger workbooks of a closed month: `ledger/books/<month>/<БИН>.xlsx` for people, and `ledger.xlsx`,
    which a ledger can be made of again. `folder`: where else to."""
    facts = MonthFacts(office, month)
    if not is_closed(office, month):
        raise MonthError(f"{month} is not closed; ledger workbooks show closes")
    folder = folder or folder_of(office, month)
    customers = customers_of(facts)
    written = []
    with Workers(office.home.config.ledger.threads, len(customers)) as workers:
        for customer, book in follow(_books(facts, customers, workers), "books", len(customers)):
            written.append(folder / f"{customer.bin}.xlsx")
            write_atomic(written[-1], book)
    written.append(folder / NAME)
    write_atomic(written[-1], _write_whole(office, month, whole_month(office, month)))
    return written


def folder_of(office: Office, month: Period) -> Path:
    """Return where the ledger workbooks of a month are."""
    return office.home.ledger / "books" / str(month)


def find_changed_books(
    office: Office, month: Period, customer: str = "", folder: Path | None = None
) -> Iterator[ChangedBook]:
    """Find workbooks of a closed month that are not what its close makes, with the cells that differ, are gone or do
    not belong there; of a month without any, none. `customer`: only this one's; '' = all. `folder`: where they are,
    None = in the home."""
    folder = folder or folder_of(office, month)
    if not folder.is_dir():
        return
    facts = MonthFacts(office, month)
    customers = customers_of(facts)
    yield from (
        book
        for book in find_strange(folder, [f"{one.bin}.xlsx" for one in customers], NAME)
        if customer in ("", book.path.stem)
    )
    there = [one for one in customers if (folder / f"{one.bin}.xlsx").exists() and customer in ("", one.bin)]
    with Workers(office.home.config.ledger.threads, len(there)) as workers:
        for one, book in follow(_books(facts, there, workers), "books", len(there)):
            path = folder / f"{one.bin}.xlsx"
            if hash_of(path) != sha256(book):
                looks_earlier = hash_of(path) == sha256(_render((*_order(facts, facts.of([one.bin]), one), True)))
                yield ChangedBook(path, earlier=True) if looks_earlier else compare_book(path, book)
    path = folder / NAME
    if not customer and path.exists():
        yield from _compare_whole(office, month, path)


def _compare_whole(office: Office, month: Period, path: Path) -> Iterator[ChangedBook]:
    whole = whole_month(office, month)
    if hash_of(path) != sha256(book := _write_whole(office, month, whole)):
        yield ChangedBook(path, earlier=True) if is_of_earlier_version(path, whole) else compare_book(path, book)


def _write_whole(office: Office, month: Period, whole: WholeMonth) -> bytes:
    return render_whole(whole, office.home.operator.name, last_day(month), office.rules)


def _books(facts: MonthFacts, customers: Sequence[Customer], workers: Workers) -> Iterator[tuple[Customer, bytes]]:
    for some in split_customers(customers, facts.customers):
        whole = facts.of([customer.bin for customer in some])
        orders = (_order(facts, whole, customer) for customer in some)
        yield from zip(some, workers.map(_render, orders, len(some)), strict=True)


def _order(facts: MonthFacts, whole: CloseData, customer: Customer) -> tuple[Any, ...]:
    """Return what `render_book` needs for one Customer, to be handed to another process."""
    office, connection = facts.office, facts.engine.connection
    data = for_customer(whole, customer.bin)
    tables: dict[str, pa.Table] = {
        name: connection.sql(query, params={"customer": customer.bin}).to_arrow_table()
        for name, query in _BOOK_TABLES.items()
    }
    tables["payments"] = data.payments
    tables["sources"] = _sources(office, connection.execute(_USED, {"customer": customer.bin}).fetchall())
    return data, customer, office.home.operator.name, tables, office.rules


def _render(order: tuple[Any, ...]) -> bytes:
    return render_book(*order)


def _sources(office: Office, used: Sequence[tuple[str, str]]) -> pa.Table:
    """Return every submission the workbook's rows came from: its file, sheet, sender, receipt time and hash."""
    rows = []
    for identifier, sheet in used:
        submission = office.journal.submissions.get(identifier)
        if submission is None:
            raise MonthError(f"the journal has no submission {identifier} that facts name; restore it from the backup")
        arrival = office.journal.arrivals.get(submission.arrival)
        own = {name: getattr(submission, name) for name in _OF_SUBMISSION}
        came = {"sender": arrival.sender, "received_at": arrival.received_at.isoformat()}
        rows.append({"submission": identifier, "sheet": sheet, **own, **came})
    return pa.Table.from_pylist(rows, schema=_SOURCES)
