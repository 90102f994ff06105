"""The journal's arrivals, which are the queue: numbered, decided once, with their tries, place and own findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, or_, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome, WordedFinding
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_record, as_values

FETCHED = "imap://"  # so begins the place of a letter that was fetched from a mailbox
FAILED_CODE = "arrival.failed"  # of the finding that says so; it goes when the arrival is taken up again

_OF_NUMBER = select(t.arrivals).where(t.arrivals.c.number == bindparam("arrival"))


class NoSuchArrival(UseError):
    """Refuse a number that no arrival has."""


class Arrivals:
    """Keep what came, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, arrival: Arrival) -> Arrival:
        """Give an arrival its number; the same bytes still undecided, or failed, are taken up instead of doubled."""
        with self._database.transaction() as connection:
            [number] = register_in(connection, [arrival])
        return self.get(number)

    def get(self, number: int) -> Arrival:
        """Return the arrival of a number. Raise NoSuchArrival when there is none."""
        found = self._database.find_all(Arrival, _OF_NUMBER, {"arrival": number})
        if not found:
            raise NoSuchArrival(f"there is no arrival IW-{number:06d}")
        return found[0]

    def has_arrivals(self) -> bool:
        """Return whether anything ever came."""
        return self._database.value(select(t.arrivals.c.number).limit(1)) is not None

    def outcomes(self, numbers: Collection[int]) -> dict[int, Outcome | None]:
        """Return what became of these arrivals; None: not decided yet."""
        query = select(t.arrivals.c.number, t.arrivals.c.outcome).where(t.arrivals.c.number.in_(numbers))
        return {row.number: row.outcome for row in self._database.rows(query)}

    def find_undecided(self) -> list[Arrival]:
        """Return the arrivals that wait for a decision, in order of number: the queue."""
        query = select(t.arrivals).where(t.arrivals.c.outcome.is_(None)).order_by(t.arrivals.c.number)
        return self._database.find_all(Arrival, query)

    def count_undecided(self) -> int:
        """Return how many arrivals wait for a decision."""
        query = select(func.count()).select_from(t.arrivals).where(t.arrivals.c.outcome.is_(None))
        return int(self._database.value(query))

    def all(self) -> list[Arrival]:
        """Return all arrivals in order of number."""
        return self._database.find_all(Arrival, select(t.arrivals).order_by(t.arrivals.c.number))

    def with_message_ids(self, message_ids: Sequence[str]) -> list[Arrival]:
        query = select(t.arrivals).where(t.arrivals.c.message_id.in_(message_ids))
        return self._database.find_all(Arrival, query.order_by(t.arrivals.c.number))

    def finish(
        self,
        connection: Connection,
        number: int,
        outcome: Outcome,
        sender: str,
        message_id: str,
        findings: Sequence[WordedFinding],
    ) -> None:
        """Write the arrival's one outcome and its own findings."""
        connection.execute(
            t.arrivals.update()
            .where(t.arrivals.c.number == number)
            .values(outcome=outcome, sender=sender, message_id=message_id, tries=0, why="")
        )
        add_findings(connection, number, "", findings)

    def admit(
        self,
        connection: Connection,
        number: int,
        sender: str,
        customers: Sequence[str],
        findings: Sequence[WordedFinding],
    ) -> None:
        """Let a quarantined arrival that staff vouch for wait for a decision again, sent by `sender` for `customers`
        (БИНs). `findings` take the place of its own."""
        of_arrival = (t.findings.c.arrival == number) & (t.findings.c.submission == "")
        connection.execute(t.findings.delete().where(of_arrival))
        connection.execute(
            t.arrivals.update()
            .where(t.arrivals.c.number == number)
            .values(outcome=None, stated_sender=sender, customers=customers)
        )
        add_findings(connection, number, "", findings)

    def find_failed(self) -> list[Arrival]:
        """Return the arrivals that were set aside, in order of number."""
        query = select(t.arrivals).where(t.arrivals.c.outcome == Outcome.FAILED).order_by(t.arrivals.c.number)
        return self._database.find_all(Arrival, query)

    def last_from(self, place: str, sha256: str) -> Arrival | None:
        """Return the latest arrival of these bytes that is noted at this place; None when there is none."""
        a = t.arrivals.c
        query = select(t.arrivals).where(a.sha256 == sha256, a.place == place).order_by(a.number.desc()).limit(1)
        return self._database.find(Arrival, query)

    def undecided_with(self, mailbox: str, sha256: str) -> Arrival | None:
        """Return the arrival of these bytes in this mailbox that waits for a decision; None when there is none."""
        a = t.arrivals.c
        query = select(t.arrivals).where(a.sha256 == sha256, a.mailbox == mailbox, a.outcome.is_(None)).limit(1)
        return self._database.find(Arrival, query)

    def count_tries(self, number: int, tries: int, why: str) -> None:
        """Note how many tries ended without a decision, and why the last one did."""
        self._change(number, tries=tries, why=why)

    def note_place(self, number: int, place: str) -> None:
        """Note where the arrival's file or message is now."""
        self._change(number, place=place)

    def move_places(self, moves: Collection[tuple[int, str, str]]) -> None:
        """Note moves, each an arrival's number, from where, and to where. One that is noted elsewhere stays so."""
        if not moves:
            return
        a = t.arrivals.c
        with self._database.transaction() as connection:
            for number, source, target in moves:
                here = t.arrivals.update().where(a.number == number, a.place == source)
                connection.execute(here.values(place=target))

    def set_aside(self, connection: Connection, arrival: Arrival, findings: Collection[WordedFinding]) -> None:
        """Give an arrival the outcome `failed`, with what was found out about it until then."""
        connection.execute(
            t.arrivals.update()
            .where(t.arrivals.c.number == arrival.number)
            .values(
                outcome=Outcome.FAILED,
                tries=arrival.tries,
                why=arrival.why,
                sender=arrival.sender,
                message_id=arrival.message_id,
                customers=arrival.customers,
            )
        )
        add_findings(connection, arrival.number, "", list(findings))

    def take_up_again(self, number: int, also: Callable[[Connection], None]) -> Arrival | None:
        """Make a failed arrival undecided, with all its tries before it; None when it is not a failed one. `also` is
        done in the same transaction."""
        with self._database.transaction() as connection:
            reopen(connection, [number])
            also(connection)
            row = connection.execute(select(t.arrivals).where(t.arrivals.c.number == number)).first()
        return as_record(Arrival, row) if row and not row.outcome else None

    def _change(self, number: int, **values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(t.arrivals.update().where(t.arrivals.c.number == number).values(**values))


def add_findings(connection: Connection, number: int, submission: str, findings: Sequence[WordedFinding]) -> None:
    """Add findings of an arrival (`submission` is '') or of one of its forms."""
    if findings:
        rows = [{"arrival": number, "submission": submission, **finding.as_json()} for finding in findings]
        connection.execute(t.findings.insert(), rows)


def reopen(connection: Connection, numbers: Collection[int]) -> None:
    """Make those of the arrivals that failed undecided again. Their `why` stays until they are decided."""
    failed = (t.arrivals.c.number.in_(numbers), t.arrivals.c.outcome == Outcome.FAILED)
    found = [row.number for row in connection.execute(select(t.arrivals.c.number).where(*failed))]
    if not found:
        return
    own = (t.findings.c.arrival.in_(found), t.findings.c.submission == "", t.findings.c.code == FAILED_CODE)
    connection.execute(t.findings.delete().where(*own))
    connection.execute(t.arrivals.update().where(t.arrivals.c.number.in_(found)).values(outcome=None, tries=0))


def register_in(connection: Connection, arrivals: Sequence[Arrival]) -> list[int]:
    """Give several arrivals their numbers within a transaction, as `register` does. The same bytes twice get one."""
    hashes = {arrival.sha256 for arrival in arrivals}
    a = t.arrivals.c
    open_ = or_(a.outcome.is_(None), a.outcome == Outcome.FAILED)
    query = select(a.mailbox, a.sha256, a.number).where(a.sha256.in_(hashes), open_)
    known = {(row.mailbox, row.sha256): int(row.number) for row in connection.execute(query)}
    if known:
        reopen(connection, known.values())
    last = int(connection.execute(select(func.max(a.number))).scalar() or 0)
    new, numbers = [], []
    for arrival in arrivals:
        key = arrival.mailbox, arrival.sha256
        if key not in known:
            last += 1
            known[key] = last
            new.append(as_values(replace(arrival, number=last)))
        elif arrival.place:  # but a letter in a mailbox is known there by its place
            put = t.arrivals.update().where(a.number == known[key], ~a.place.startswith(FETCHED, autoescape=True))
            connection.execute(put.values(place=arrival.place))
        numbers.append(known[key])
    if new:
        connection.execute(t.arrivals.insert(), new)
    return numbers
