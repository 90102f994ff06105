"""Which letters of a mailbox were taken, and where they lay: what makes every letter count exactly once.

A letter is known by (account, folder, UIDVALIDITY, UID) while it lies where it came in. When the server gave
new numbers, or a letter comes back, its bytes decide: the same bytes in the same mailbox are the same letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.journal import Journal
from inbox_worker.model import Arrival, Outcome

GONE = ""  # `moved_to` of a letter that was not there any more when we came to move it


@dataclass(frozen=True)
class Shelf:
    """A folder of an account as the server numbers it; `mailbox` is its name in config.yaml."""

    mailbox: str
    account: str
    folder: str
    uidvalidity: int


@dataclass(frozen=True)
class Lying:
    """A letter that was taken and lies where it came in; `outcome` is None while it has none."""

    size: int  # RFC822.SIZE, bytes
    outcome: Outcome | None


@dataclass(frozen=True)
class Taken:
    """A letter about to be registered: its bytes are in the archive."""

    uid: int
    size: int
    arrival: Arrival


class MailPlaces:
    """Reads and writes the places; every write is one transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def lying(self, shelf: Shelf) -> dict[int, Lying]:
        """By UID: letters of this shelf that were taken and not moved yet."""
        places, arrivals = t.mail_places, t.arrivals
        query = (
            select(places.c.uid, places.c.size, arrivals.c.outcome)
            .join(arrivals, arrivals.c.number == places.c.arrival)
            .where(*_on(shelf), places.c.moved_to.is_(None))
        )
        with self._journal.reading() as connection:
            rows = connection.execute(query).all()
        return {row.uid: Lying(row.size, Outcome(row.outcome) if row.outcome else None) for row in rows}

    def register(self, shelf: Shelf, letters: Sequence[Taken]) -> dict[int, int]:
        """UID -> number of the arrival: a new one, or the one that these bytes got in this mailbox before."""
        with self._journal.transaction() as connection:
            return {letter.uid: self._place(connection, shelf, letter) for letter in letters}

    def _place(self, connection: Connection, shelf: Shelf, letter: Taken) -> int:
        number = _same_letter(connection, shelf.mailbox, letter.arrival.sha256)
        number = number or self._journal.register_in(connection, letter.arrival)
        connection.execute(t.mail_places.delete().where(*_on(shelf), t.mail_places.c.uid == letter.uid))
        connection.execute(
            t.mail_places.insert().values(
                **vars(shelf), uid=letter.uid, size=letter.size, sha256=letter.arrival.sha256, arrival=number
            )
        )
        return number

    def moved(self, shelf: Shelf, folders: Mapping[int, str]) -> None:
        """Writes where letters went, by UID. What lay there under another UIDVALIDITY is gone."""
        places = t.mail_places
        with self._journal.transaction() as connection:
            for uid, folder in folders.items():
                here = (*_on(shelf), places.c.uid == uid, places.c.moved_to.is_(None))
                connection.execute(places.update().where(*here).values(moved_to=folder))
            older = (places.c.account == shelf.account, places.c.folder == shelf.folder, places.c.moved_to.is_(None))
            connection.execute(
                places.update().where(*older, places.c.uidvalidity != shelf.uidvalidity).values(moved_to=GONE)
            )


def _same_letter(connection: Connection, mailbox: str, sha256: str) -> int | None:
    places = t.mail_places.c
    query = select(places.arrival).where(places.mailbox == mailbox, places.sha256 == sha256)
    return connection.execute(query.order_by(places.arrival)).scalar()


def _on(shelf: Shelf) -> tuple[ColumnElement[bool], ...]:
    places = t.mail_places.c
    return (
        places.account == shelf.account,
        places.folder == shelf.folder,
        places.uidvalidity == shelf.uidvalidity,
    )
