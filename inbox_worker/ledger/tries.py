"""The journal's arrivals on their way to a decision: tries in vain, set aside as failed, taken up again."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection, select

from inbox_worker.core.model import Arrival, Outcome, WordedFinding
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.arrivals import add_findings, reopen
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import arrival_of


class Tries(Database):
    """What could not be decided yet, by a fault of ours."""

    def failed(self) -> list[Arrival]:
        """Arrivals that were set aside, in order of number."""
        query = select(t.arrivals).where(t.arrivals.c.outcome == Outcome.FAILED.value).order_by(t.arrivals.c.number)
        with self.reading() as connection:
            return [arrival_of(row) for row in connection.execute(query)]

    def arrival_from(self, place: str, sha256: str) -> Arrival | None:
        """The latest arrival of these bytes that is noted at this place; None when there is none."""
        a = t.arrivals.c
        query = select(t.arrivals).where(a.sha256 == sha256, a.place == place).order_by(a.number.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(query).first()
        return arrival_of(row) if row else None

    def count_tries(self, number: int, tries: int, why: str) -> None:
        """Notes how many tries ended without a decision, and why the last one did."""
        self._change(number, tries=tries, why=why)

    def note_place(self, number: int, place: str) -> None:
        """Notes where the arrival's file or message is now."""
        self._change(number, place=place)

    def set_aside(self, connection: Connection, arrival: Arrival, findings: Collection[WordedFinding]) -> None:
        """Gives an arrival the outcome `failed`, with what was found out about it until then."""
        connection.execute(
            t.arrivals.update()
            .where(t.arrivals.c.number == arrival.number)
            .values(
                outcome=Outcome.FAILED.value,
                tries=arrival.tries,
                why=arrival.why,
                sender=arrival.sender,
                message_id=arrival.message_id,
                customers=arrival.customers,
            )
        )
        add_findings(connection, arrival.number, "", list(findings))

    def take_up_again(self, number: int, also: Callable[[Connection], None]) -> Arrival | None:
        """Makes a failed arrival undecided, with all its tries before it; None when it is not a failed one. `also` is
        done in the same transaction."""
        with self.transaction() as connection:
            reopen(connection, [number])
            also(connection)
            row = connection.execute(select(t.arrivals).where(t.arrivals.c.number == number)).first()
        return arrival_of(row) if row and not row.outcome else None

    def _change(self, number: int, **values: object) -> None:
        with self.transaction() as connection:
            connection.execute(t.arrivals.update().where(t.arrivals.c.number == number).values(**values))
