"""The journal's months: their states, closes, and the numbers of documents made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from inbox_worker.core.model import (
    MonthState,
    Period,
)
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database


class Closes:
    """Months, closes, document numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def months(self) -> dict[Period, MonthState]:
        """Every month that has a state, in order."""
        with self._database.reading() as connection:
            rows = connection.execute(select(t.months).order_by(t.months.c.month))
            return {Period.parse(row.month): MonthState(row.state) for row in rows}

    def set_month(self, connection: Connection, month: Period, state: MonthState) -> None:
        connection.execute(t.months.delete().where(t.months.c.month == str(month)))
        connection.execute(t.months.insert().values(month=str(month), state=state.value))

    def in_force(self, month: Period) -> Mapping[str, Any] | None:
        """The month's close in force: number, sha256, made_at, rules, sequence."""
        query = select(t.closes).where(t.closes.c.month == str(month), t.closes.c.reopened_at == "")
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def files(self, month: Period, number: int) -> dict[str, str]:
        """Name -> hash of each file of a close; empty of one that an earlier version made."""
        c = t.close_files.c
        query = select(c.name, c.sha256).where(c.month == str(month), c.number == number)
        with self._database.reading() as connection:
            return {row.name: row.sha256 for row in connection.execute(query)}

    def all(self) -> list[Mapping[str, Any]]:
        """All closes, reopened ones too, in order of month and number."""
        query = select(t.closes).order_by(t.closes.c.month, t.closes.c.number)
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def count(self, month: Period) -> int:
        """How many closes the month has had, reopened ones included."""
        query = select(func.max(t.closes.c.number)).where(t.closes.c.month == str(month))
        with self._database.reading() as connection:
            return connection.execute(query).scalar() or 0

    def reopened(self, month: Period) -> dict[str, int]:
        """Hash -> number of the month's closes that were reopened."""
        query = select(t.closes).where(t.closes.c.month == str(month), t.closes.c.reopened_at != "")
        with self._database.reading() as connection:
            return {row.sha256: row.number for row in connection.execute(query.order_by(t.closes.c.number))}

    def record(
        self,
        connection: Connection,
        month: Period,
        number: int,
        sha256: str,
        rules: str,
        sequence: int,
        made_at: datetime,
        files: Mapping[str, str],
    ) -> None:
        """Names a close in force. `sequence`: the last posting it could see, so that it can be repeated; `files`: name
        -> hash."""
        connection.execute(
            t.closes.insert().values(
                month=str(month),
                number=number,
                sha256=sha256,
                rules=rules,
                sequence=sequence,
                made_at=made_at.isoformat(),
            )
        )
        rows = [{"month": str(month), "number": number, "name": n, "sha256": digest} for n, digest in files.items()]
        if rows:
            connection.execute(t.close_files.insert(), rows)
        self.set_month(connection, month, MonthState.CLOSED)

    def reopen(self, connection: Connection, month: Period, reason: str, at: datetime) -> None:
        connection.execute(
            t.closes.update()
            .where(t.closes.c.month == str(month), t.closes.c.reopened_at == "")
            .values(reopened_at=at.isoformat(), reason=reason)
        )
        self.set_month(connection, month, MonthState.DRAFT)

    def document_number(
        self,
        month: Period,
        customer: str,
        kind: str,
        dated: date,
        also: Callable[[Connection, str], None] | None = None,
    ) -> tuple[str, date]:
        """Number and date of a document: given once, without gaps within a kind and year, kept for re-rendering.

        `also`: done with a new number, in the transaction that gives it.

        Once the document of an earlier close was sent, that of a later close is its revision: `2026-00001 ред. 2`.
        """
        c = t.documents.c
        with self._database.transaction() as connection:
            mine = connection.execute(
                select(t.documents).where(c.month == str(month), c.customer == customer, c.kind == kind)
            ).first()
            if mine:
                revision = _sent_before(connection, month, customer, kind) + 1
                marked = f"{mine.number} ред. {revision}" if revision > 1 else mine.number
                return marked, date.fromisoformat(mine.dated)
            base = kind.partition("_cancel")[0]  # a document and its reversal are numbered in one series
            series = (c.kind == base) | c.kind.like(f"{base}_cancel%")
            count = connection.execute(select(func.count()).where(series, c.month.like(f"{month.year}-%"))).scalar_one()
            number = f"{month.year}-{count + 1:05d}"
            connection.execute(
                t.documents.insert().values(
                    month=str(month), customer=customer, kind=kind, number=number, dated=dated.isoformat()
                )
            )
            if also:
                also(connection, number)
        return number, dated

    def document_numbers(self, customer: str, kind: str) -> set[str]:
        """Numbers of the documents of a kind, and of those that cancel them, that were made for a Customer."""
        c = t.documents.c
        same = (c.kind == kind) | c.kind.like(f"{kind}_cancel%")
        with self._database.reading() as connection:
            rows = connection.execute(select(c.number).where(c.customer == customer, same))
            return {row.number for row in rows}


def _sent_before(connection: Connection, month: Period, customer: str, kind: str) -> int:
    """The last revision of a document, made of an earlier close, that was sent or is on its way; 0 for none."""
    d, p, closes = o.outbox_documents.c, o.outbox_proofs.c, t.closes.c
    current = select(func.max(closes.number)).where(closes.month == str(month)).scalar_subquery()
    going = select(p.document).where(p.state.not_in(("refused", "dropped")))
    query = select(func.max(d.revision)).where(d.month == str(month), d.bin == customer, d.kind == kind)
    gone = (d.state == "sent") | d.id.in_(going)
    return connection.execute(query.where(d.close_number < current, gone)).scalar() or 0
