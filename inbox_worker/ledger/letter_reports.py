"""The journal's record of reports about our letters: which letter, what is claimed, the arrival that brought it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.database import Database

r = o.letter_returns.c


@dataclass(frozen=True)
class LetterReturn:
    """A report about a letter (`delivery`, its number): `fate` failed | delayed, `status` like 5.1.1 or '',
    `said` the server's words on one line, `arrival` the number of the report itself, `at` when it came."""

    delivery: int
    arrival: int
    fate: str
    status: str
    said: str
    at: str


class Returns:
    """Read and write reports. Nothing is ever deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, found: LetterReturn) -> bool:
        """Record a report, in the caller's transaction; False when this arrival told of this letter already."""
        same = select(r.id).where(r.delivery == found.delivery, r.arrival == found.arrival)
        if connection.execute(same).first():
            return False
        number = (connection.execute(select(func.max(r.id))).scalar() or 0) + 1
        connection.execute(o.letter_returns.insert().values(id=number, **vars(found)))
        return True

    def all(self, deliveries: Sequence[int] | None = None) -> list[LetterReturn]:
        """Return the reports in the order they came; of those letters only, if given."""
        query = select(o.letter_returns).order_by(r.id)
        query = query if deliveries is None else query.where(r.delivery.in_(deliveries))
        return self._database.find_all(LetterReturn, query)
