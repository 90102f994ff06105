"""Letters that leave the house: the journal's record of each, from the decision to send it to the server's answer.

A letter is recorded before it is sent, with the Message-ID it will carry. One that was being sent when the program
ended is `uncertain`: nobody can know whether it arrived, so people decide, and the program never repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.outbox_tables import LetterState as LetterState

c = o.deliveries.c


WAITING = (LetterState.QUEUED, LetterState.RETRY)
INTERRUPTED = "the program ended while the letter was being sent: it may have arrived or not"
SENT_AGAIN = "again by staff"  # and the moment, as behind DROPPED
DROPPED = "dropped by staff"
ANEW = "composed anew in other letters"
ELSEWHERE = "the register has another address"
TELLS_MORE = "a later answer to the same letter tells more"
NOTICE = "notice"  # the kind of a letter that tells of a form to those who did not send it; `document`: the form
UNSENT = (LetterState.REVIEW, *WAITING)


@dataclass(frozen=True)
class Delivery:
    """One letter to one address. Moments are ISO 8601 in Almaty, '' when not yet.

    `thread`: Message-IDs the letter answers, oldest first, parted by blanks. `path` (under archive/) and `sha256`
    are those of the letter's bytes, '' until it is written. `next_at` '' = at once.
    """

    id: int
    kind: str  # receipt | notice | document | bill | digest
    arrival: int  # 0 when it answers none
    document: str
    mailbox: str
    recipient: str
    subject: str
    message_id: str
    thread: str
    state: LetterState
    tries: int = 0
    created_at: str = ""
    next_at: str = ""
    sent_at: str = ""
    last_answer: str = ""
    sha256: str = ""
    path: str = ""

    @property
    def month(self) -> str:
        """Return the month that it was recorded in, `2026-08`."""
        return self.created_at[:7]


def stamp(moment: datetime) -> str:
    """Write a moment as the journal keeps it: seconds are enough, and texts sort as moments do."""
    return to_almaty(moment).isoformat(timespec="seconds")


class Letters:
    """Read and write the records of letters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- inside somebody's transaction ------------------------------------------------------------------------

    def add(self, connection: Connection, delivery: Delivery) -> int:
        """Record a letter and return its number; `delivery.id` is not looked at."""
        number = (connection.execute(select(func.max(c.id))).scalar() or 0) + 1
        connection.execute(o.deliveries.insert().values(**{**vars(delivery), "id": number}))
        return number

    def count_of_arrival(self, connection: Connection, arrival: int) -> int:
        """Return how many letters answered an arrival, in whatever state."""
        return connection.execute(select(func.count()).where(c.arrival == arrival)).scalar_one()

    def count_on_day(self, connection: Connection, day: str, recipient: str = "") -> int:
        """Count the receipts of a day (`2026-08-20`) that were not dropped; to one address, or to all."""
        query = select(func.count()).where(
            c.kind == "receipt", c.created_at.like(f"{day}%"), c.state != LetterState.DROPPED
        )
        return connection.execute(query.where(c.recipient == recipient) if recipient else query).scalar_one()

    def drop_unsent(self, connection: Connection, arrival: int, recipient: str, why: str) -> None:
        """Drop unsent answers to an arrival: a later answer tells everything that they would."""
        connection.execute(
            o.deliveries.update()
            .where(c.arrival == arrival, c.recipient == recipient, c.kind == "receipt", c.state.in_(UNSENT))
            .values(state=LetterState.DROPPED, last_answer=why)
        )

    def withdraw(self, connection: Connection, number: int, why: str) -> bool:
        """End a letter that has not left; False when it is leaving, left, or may have."""
        was = (*WAITING, LetterState.REFUSED, LetterState.DROPPED)
        update = o.deliveries.update().where(c.id == number, c.state.in_(was))
        return connection.execute(update.values(state=LetterState.DROPPED, last_answer=why, next_at="")).rowcount == 1

    def turn(
        self, connection: Connection, number: int, was: tuple[LetterState, str], now: tuple[LetterState, str]
    ) -> None:
        """Turn a letter from a state and the words why into another, as its document is moved; any other stays."""
        state, why = was
        update = o.deliveries.update().where(c.id == number, c.state == state, c.last_answer == why)
        connection.execute(update.values(state=now[0], last_answer=now[1]))

    # --- in transactions of their own -------------------------------------------------------------------------

    def change(
        self, number: int, was: Sequence[LetterState], also: Callable[[Connection], None] | None = None, **values: Any
    ) -> bool:
        """Change a record if it still is in one of those states, and does `also` in the same transaction; False when
        another hand was quicker."""
        with self._database.transaction() as connection:
            done = connection.execute(o.deliveries.update().where(c.id == number, c.state.in_(was)).values(**values))
            if done.rowcount == 1 and also:
                also(connection)
            return done.rowcount == 1

    def mark_interrupted(self) -> list[Delivery]:
        """Make letters that were being sent when the program ended uncertain, and return them."""
        found = self.all([LetterState.SENDING])
        return [
            d
            for d in found
            if self.change(d.id, [LetterState.SENDING], state=LetterState.UNCERTAIN, last_answer=INTERRUPTED)
        ]

    def postpone(self, now: datetime, until: datetime, why: str) -> None:
        """Let everything due wait, for the server cannot be used; no letter's tries are used up."""
        with self._database.transaction() as connection:
            due = and_(c.state.in_(WAITING), c.next_at <= stamp(now))
            values = {"state": LetterState.RETRY, "next_at": stamp(until), "last_answer": why}
            connection.execute(o.deliveries.update().where(due).values(**values))

    # --- reading ----------------------------------------------------------------------------------------------

    def find(self, number: int) -> Delivery | None:
        return self._database.find(Delivery, select(o.deliveries).where(c.id == number))

    def all(self, states: Sequence[LetterState] = ()) -> list[Delivery]:
        """Return letters in order of number; those in the named states, or every one."""
        query = select(o.deliveries).order_by(c.id)
        return self._database.find_all(Delivery, query.where(c.state.in_(states)) if states else query)

    def count(self, states: Sequence[LetterState]) -> int:
        """Return how many letters are in these states."""
        return int(self._database.value(select(func.count()).where(c.state.in_(states))))

    def at(self, path: str) -> list[Delivery]:
        """Return the letter whose bytes are there (under archive/)."""
        return self._database.find_all(Delivery, select(o.deliveries).where(c.path == path))

    def with_message_ids(self, message_ids: Sequence[str]) -> list[Delivery]:
        """Return the letters that carry these Message-IDs."""
        query = select(o.deliveries).where(c.message_id.in_(message_ids))
        return self._database.find_all(Delivery, query.order_by(c.id))

    def last_to(self, recipients: Collection[str], since: datetime) -> Delivery | None:
        """Return the letter that left last to one of these addresses (in small letters), of those since a moment."""
        left = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN)
        to = and_(func.lower(c.recipient).in_(recipients), c.state.in_(left), c.created_at > stamp(since))
        return self._database.find(Delivery, select(o.deliveries).where(to).order_by(c.id.desc()))

    def arrivals_answered_by(self, message_ids: Sequence[str]) -> list[int]:
        """Return the arrivals whose answer a letter replies to."""
        query = select(c.arrival).where(c.message_id.in_(message_ids), c.arrival > 0).order_by(c.id)
        return [row.arrival for row in self._database.rows(query)]

    def due(self, now: datetime, longest_wait: timedelta, most: int) -> list[Delivery]:
        """Return letters whose time has come. One that waits longer than any wait can be was given its time by a clock
        that went wrong, and is due too."""
        wrong = stamp(now + longest_wait)
        query = select(o.deliveries).where(c.state.in_(WAITING), or_(c.next_at <= stamp(now), c.next_at > wrong))
        return self._database.find_all(Delivery, query.order_by(c.id).limit(most))

    def sent_since(self, moment: datetime, now: datetime) -> int:
        """Return how many letters were given to the server between two moments."""
        query = select(func.count()).where(c.sent_at > stamp(moment), c.sent_at <= stamp(now))
        return int(self._database.value(query))
