"""The journal's months: their states, closes, and the numbers of documents made of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from inbox_worker.core.files import sha256
from inbox_worker.core.model import MonthState, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_values
from inbox_worker.ledger.rewritten import find_current_hashes
from inbox_worker.settings.delivery_rules import EXPORT, NOTICE_DOCUMENT, OF_BANKS, RECEIPT

# Of the files of a close: columns, types and order of rows. A change that an earlier program would read wrongly makes
# the next number, and what reads them knows both.
CLOSE_FORMAT = 1


@dataclass(frozen=True)
class CloseRecord:
    """A close as the journal names it. `sequence`: the last posting that it could see, so that it can be repeated."""

    month: Period
    number: int
    sha256: str
    made_at: datetime
    rules: str
    sequence: int
    reopened_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class FilesOfClose:
    """Files of a close by name, none of one that an earlier version made: the hash of each as it is now, and as the
    month was closed, of which the close's own is made (`rewritten.py` tells which were written anew since); the version
    of its format, 0 before formats had versions."""

    now: dict[str, str] = field(default_factory=dict)
    then: dict[str, str] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)


def hash_close(close: CloseRecord) -> str:
    """Return the hash over what a close is known by, which its act holds."""
    at = to_almaty(close.made_at).isoformat(timespec="seconds")
    words = [str(close.month), close.number, close.sha256, at, close.rules, close.sequence]
    return sha256(json.dumps(words).encode())


def is_of_old_close(kind: str, made_of: Mapping[str, Any], standing: str) -> bool:
    """Return whether a document's figures are those of a close that does not stand any more, or of a draft that its
    close came after. `standing`: the hash of the month's close in force, '' while it is open again.

    Payments of days stay what the bank paid in, and an act that cancels another repeats the other's figures.
    """
    if "cancels" in made_of:
        return False
    if not int(made_of.get("close_number", 0)):
        return bool(standing) and kind not in ("payments", RECEIPT, EXPORT, NOTICE_DOCUMENT, *OF_BANKS)
    return bool(made_of["close"] != standing)


@dataclass(frozen=True)
class NumberedDocument:
    """A document that got a number, whichever of its versions lies in the outbox."""

    month: Period
    customer: str
    number: str
    dated: date
    kind: str = ""


def mark_revision(number: str, revision: int) -> str:
    """Return a document's number as it is printed on a revision: that of the first, and which revision it is."""
    return f"{number} ред. {revision}" if revision > 1 else number


_MONTHS = select(t.months).order_by(t.months.c.month)


class Closes:
    """Months, closes, document numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def months(self) -> dict[Period, MonthState]:
        """Return every month that has a state, in order."""
        return {row.month: row.state for row in self._database.rows(_MONTHS)}

    def set_month(self, connection: Connection, month: Period, state: MonthState) -> None:
        connection.execute(t.months.delete().where(t.months.c.month == month))
        connection.execute(t.months.insert().values(month=month, state=state))

    def in_force(self, month: Period) -> CloseRecord | None:
        """Return the month's close in force."""
        query = select(t.closes).where(t.closes.c.month == month, t.closes.c.reopened_at == "")
        return self._database.find(CloseRecord, query)

    def list_in_force(self) -> list[CloseRecord]:
        """Return the close in force of every closed month, in order."""
        query = select(t.closes).where(t.closes.c.reopened_at == "").order_by(t.closes.c.month)
        return self._database.find_all(CloseRecord, query)

    def files_of(self, month: Period | None = None) -> dict[tuple[Period, int], FilesOfClose]:
        """Return the files of a month's closes, None = of every close, by month and number of close. All closes are one
        question: a month asks for each before it."""
        query = select(t.close_files) if month is None else select(t.close_files).where(t.close_files.c.month == month)
        query = query.order_by(*t.close_files.primary_key)  # workbooks show them in this order
        now = find_current_hashes(self._database)
        found: dict[tuple[Period, int], FilesOfClose] = defaultdict(FilesOfClose)
        for row in self._database.rows(query):
            files = found[row.month, row.number]
            files.then[row.name] = row.sha256
            files.now[row.name] = now.get(row.sha256, row.sha256)
            files.formats[row.name] = row.format
        return found

    def find_current_hashes(self) -> dict[str, str]:
        """Return the hash of the close in force of every month that was ever closed; '' while it is open again."""
        return {str(close.month): "" if close.reopened_at else close.sha256 for close in self.all()}

    def all(self) -> list[CloseRecord]:
        """Return all closes, reopened ones too, in order of month and number."""
        query = select(t.closes).order_by(t.closes.c.month, t.closes.c.number)
        return self._database.find_all(CloseRecord, query)

    def count(self, month: Period) -> int:
        """Return how many closes the month has had, reopened ones included."""
        query = select(func.max(t.closes.c.number)).where(t.closes.c.month == month)
        return self._database.value(query) or 0

    def record(self, connection: Connection, close: CloseRecord, files: Mapping[str, str]) -> None:
        """Name a close in force, of the format of this program. `files`: name -> hash."""
        connection.execute(t.closes.insert().values(**as_values(close)))
        of_close = {"month": close.month, "number": close.number}
        rows = [{**of_close, "name": name, "sha256": digest, "format": CLOSE_FORMAT} for name, digest in files.items()]
        if rows:
            connection.execute(t.close_files.insert(), rows)
        self.set_month(connection, close.month, MonthState.CLOSED)

    def reopen(self, connection: Connection, month: Period, reason: str, at: datetime) -> None:
        connection.execute(
            t.closes.update()
            .where(t.closes.c.month == month, t.closes.c.reopened_at == "")
            .values(reopened_at=at, reason=reason)
        )
        self.set_month(connection, month, MonthState.DRAFT)

    def document_number(
        self,
        month: Period,
        customer: str,
        kind: str,
        dated: date,
        also: Callable[[Connection, str], None] | None = None,
        prefix: str = "",
        first: int = 1,
    ) -> tuple[str, date]:
        """Number and date of a document: given once, without gaps within a kind and year, kept for re-rendering.

        `also`: done with a new number, in the transaction that gives it. `prefix` stands before the numbers of a series
        (what follows the first `_` of a kind makes none of its own: `act_cancel_1` is numbered with `act`). `first`:
        the revision that the number begins with; those before it had another one.

        Once the document of an earlier close was sent, that of a later close is its revision: `2026-00001 ред. 2`.
        """
        c = t.documents.c
        with self._database.transaction() as connection:
            mine = connection.execute(
                select(t.documents).where(c.month == month, c.customer == customer, c.kind == kind)
            ).first()
            if mine:
                sent_as = kind.partition("_")[0] if first > 1 else kind
                revision = _sent_before(connection, month, customer, sent_as) + 2 - first
                return mark_revision(mine.number, revision), mine.dated
            series = _is_of_series(kind)
            count = connection.execute(select(func.count()).where(series, c.month.like(f"{month.year}-%"))).scalar_one()
            number = f"{prefix}{month.year}-{count + 1:05d}"
            connection.execute(
                t.documents.insert().values(month=month, customer=customer, kind=kind, number=number, dated=dated)
            )
            if also:
                also(connection, number)
        return number, dated

    def find_number(self, customer: str, kind: str) -> NumberedDocument | None:
        """Return a Customer's document of a kind, of whichever month."""
        c = t.documents.c
        query = select(t.documents).where(c.customer == customer, c.kind == kind)
        return self._database.find(NumberedDocument, query.order_by(c.month.desc()))

    def find_numbered(self, kind: str) -> list[NumberedDocument]:
        """Return the documents that are numbered in one series with a kind, in order of number: those that cancel, and
        those made anew, are of kinds that begin with it."""
        query = select(t.documents).where(_is_of_series(kind)).order_by(t.documents.c.number)
        return self._database.find_all(NumberedDocument, query)

    def document_dates(self, customer: str, kind: str) -> dict[str, date]:
        """Return numbers and dates of a Customer's documents of a kind, and of those that cancel them."""
        query = select(t.documents).where(t.documents.c.customer == customer, _is_of_series(kind))
        return {one.number: one.dated for one in self._database.find_all(NumberedDocument, query)}


def _is_of_series(kind: str) -> ColumnElement[bool]:
    """Return whether a document is numbered in one series with a kind: reversals, and what is made anew after them."""
    base, c = kind.partition("_")[0], t.documents.c
    return (c.kind == base) | c.kind.startswith(f"{base}_", autoescape=True)


def _sent_before(connection: Connection, month: Period, customer: str, kind: str) -> int:
    """The last revision of a document, made of an earlier close, that was sent or is on its way; 0 for none."""
    d, p, closes = o.outbox_documents.c, o.outbox_proofs.c, t.closes.c
    current = select(func.max(closes.number)).where(closes.month == month).scalar_subquery()
    going = select(p.document).where(p.state.not_in(("refused", "dropped")))
    query = select(func.max(d.revision)).where(d.month == month, d.bin == customer, d.kind == kind)
    gone = (d.state == "sent") | d.id.in_(going)
    return connection.execute(query.where(d.close_number < current, gone)).scalar() or 0
