"""Which letters of a mailbox were taken, and where they lay: what makes every letter count exactly once.

A letter is known by (account, folder, UIDVALIDITY, UID) while it lies where it came in. When the server gave
new numbers, or a letter comes back, its bytes decide: the same bytes in the same mailbox are the same letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.arrivals import register_in, reopen
from inbox_worker.ledger.database import Database

_AT_ONCE = 500  # UIDs in one statement
GONE = ""  # `moved_to` of a letter that was not there any more when we came to move it


@dataclass(frozen=True)
class Shelf:
    """A folder of an account as the server numbers it; `mailbox` is its name in config.yaml."""

    mailbox: str
    account: str
    folder: str
    uidvalidity: int


@dataclass(frozen=True)
class LetterPlace:
    """A letter that was taken and lies where it came in; `outcome` is None while it has none."""

    size: int  # RFC822.SIZE, bytes
    outcome: Outcome | None


@dataclass(frozen=True)
class TakenLetter:
    """A letter about to be registered: its bytes are in the archive."""

    uid: int
    size: int
    arrival: Arrival


class MailPlaces:
    """Reads and writes the places; every write is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lying(self, shelf: Shelf) -> dict[int, LetterPlace]:
        """By UID: letters of this shelf that were taken and not moved yet."""
        places, arrivals = t.mail_places, t.arrivals
        query = (
            select(places.c.uid, places.c.size, arrivals.c.outcome)
            .join(arrivals, arrivals.c.number == places.c.arrival)
            .where(*_on(shelf), places.c.moved_to.is_(None))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.uid: LetterPlace(row.size, Outcome(row.outcome) if row.outcome else None) for row in rows}

    def has(self, arrival: int) -> bool:
        """Return whether an arrival was fetched from a mailbox, as against handed in by staff."""
        with self._database.reading() as connection:
            query = select(t.mail_places.c.uid).where(t.mail_places.c.arrival == arrival).limit(1)
            return connection.execute(query).first() is not None

    def knows(self, account: str, folder: str) -> bool:
        """Return whether letters of this folder were ever taken."""
        places = t.mail_places.c
        with self._database.reading() as connection:
            query = select(places.uid).where(places.account == account, places.folder == folder).limit(1)
            return connection.execute(query).first() is not None

    def register(self, shelf: Shelf, letters: Sequence[TakenLetter]) -> dict[int, int]:
        """UID -> number of the arrival: a new one, or the one that these bytes got in this mailbox before."""
        with self._database.transaction() as connection:
            known = _same_letters(connection, shelf.mailbox, [letter.arrival.sha256 for letter in letters])
            reopen(connection, known.values())  # a failed letter that staff moved back is tried again
            new = [letter.arrival for letter in letters if letter.arrival.sha256 not in known]
            known |= dict(zip((arrival.sha256 for arrival in new), register_in(connection, new), strict=True))
            numbers = {letter.uid: known[letter.arrival.sha256] for letter in letters}
            self._lay(connection, shelf, letters, numbers)
        return numbers

    def _lay(
        self, connection: Connection, shelf: Shelf, letters: Sequence[TakenLetter], numbers: Mapping[int, int]
    ) -> None:
        places = t.mail_places
        connection.execute(places.delete().where(*_on(shelf), places.c.uid.in_(list(numbers))))
        rows = [
            {
                **vars(shelf),
                "uid": letter.uid,
                "size": letter.size,
                "sha256": letter.arrival.sha256,
                "arrival": numbers[letter.uid],
            }
            for letter in letters
        ]
        if rows:
            connection.execute(places.insert(), rows)

    def moved(self, shelf: Shelf, folders: Mapping[int, str]) -> None:
        """Writes where letters went, by UID. What lay there under another UIDVALIDITY is gone."""
        places = t.mail_places
        with self._database.transaction() as connection:
            for folder in set(folders.values()):
                uids = [uid for uid, where in folders.items() if where == folder]
                for start in range(0, len(uids), _AT_ONCE):
                    some = places.c.uid.in_(uids[start : start + _AT_ONCE])
                    here = (*_on(shelf), some, places.c.moved_to.is_(None))
                    connection.execute(places.update().where(*here).values(moved_to=folder))
            older = (places.c.account == shelf.account, places.c.folder == shelf.folder, places.c.moved_to.is_(None))
            connection.execute(
                places.update().where(*older, places.c.uidvalidity != shelf.uidvalidity).values(moved_to=GONE)
            )


def _same_letters(connection: Connection, mailbox: str, hashes: Sequence[str]) -> dict[str, int]:
    """By sha256: the arrival that these bytes got first in this mailbox."""
    places = t.mail_places.c
    query = select(places.sha256, func.min(places.arrival).label("arrival"))
    query = query.where(places.mailbox == mailbox, places.sha256.in_(hashes)).group_by(places.sha256)
    return {row.sha256: int(row.arrival) for row in connection.execute(query)}


def _on(shelf: Shelf) -> tuple[ColumnElement[bool], ...]:
    places = t.mail_places.c
    return (
        places.account == shelf.account,
        places.folder == shelf.folder,
        places.uidvalidity == shelf.uidvalidity,
    )
