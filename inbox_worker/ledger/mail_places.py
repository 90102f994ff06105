"""The places of letters in a mailbox, which make every letter count exactly once.

A letter in the folder where it came in is known by its account, folder, UIDVALIDITY, UID and size: that is the `place`
of its arrival. When the server gave new numbers, or a letter comes back, its bytes decide: the same bytes in the same
mailbox are the same letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select

from inbox_worker.core.model import Arrival
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.arrivals import FETCHED, register_in, reopen
from inbox_worker.ledger.database import Database


@dataclass(frozen=True)
class Inbox:
    """The folder where letters of an account come in, as the server numbers it; `mailbox`: its name in config.yaml."""

    mailbox: str
    account: str
    folder: str
    uidvalidity: int

    @property
    def numbered(self) -> str:
        """Return how the places of letters in it begin, up to their UID."""
        return f"{folder_place(self.account, self.folder)}{_NUMBERS}{self.uidvalidity}{_UID}"

    def place(self, uid: int, size: int) -> str:
        """Return the place of a letter in it; `size` is its RFC822.SIZE in bytes."""
        return f"{self.numbered}{uid}{_SIZE}{size}"

    def moved_to(self, folder: str) -> str:
        """Return the place of a letter that came in here and was moved; '' for one that somebody took away."""
        return f"{folder_place(self.account, self.folder)}{_MOVED}{folder}"


_NUMBERS, _UID, _SIZE, _MOVED = ";UIDVALIDITY=", "/;UID=", ";SIZE=", " -> "


def folder_place(account: str, folder: str) -> str:
    """Return how the places of letters that came in by this folder begin."""
    return f"{FETCHED}{account}/{folder}"


def is_fetched(arrival: Arrival) -> bool:
    """Return whether an arrival was fetched from a mailbox, as against handed in by staff."""
    return arrival.place.startswith(FETCHED)


class MailPlaces:
    """Read and write the places; every write is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_unmoved(self, inbox: Inbox) -> dict[int, tuple[int, int]]:
        """Return by UID the arrival's number and the size of letters that were taken and not moved."""
        query = select(t.arrivals.c.number, t.arrivals.c.place).where(_begins_with(inbox.numbered))
        found = {}
        for row in self._database.rows(query.order_by(t.arrivals.c.number)):
            uid, _, size = row.place.removeprefix(inbox.numbered).partition(_SIZE)
            found[int(uid)] = (int(row.number), int(size))
        return found

    def knows(self, account: str, folder: str) -> bool:
        """Return whether letters of this folder were ever taken."""
        begin = folder_place(account, folder)
        query = select(t.arrivals.c.number).where(_begins_with(begin + _NUMBERS) | _begins_with(begin + _MOVED))
        return self._database.value(query.limit(1)) is not None

    def register(self, inbox: Inbox, letters: Mapping[int, Arrival]) -> dict[int, int]:
        """Return by UID the number of the arrival: a new one, or the one that these bytes got in this mailbox before.

        A failed letter that staff moved back is tried again.
        """
        with self._database.transaction() as connection:
            known = _same_letters(connection, inbox.mailbox, [arrival.sha256 for arrival in letters.values()])
            reopen(connection, [number for number, _ in known.values()])
            new = [arrival for arrival in letters.values() if arrival.sha256 not in known]
            numbers = register_in(connection, new)
            known |= {a.sha256: (n, inbox.numbered) for a, n in zip(new, numbers, strict=True)}
            for arrival in letters.values():
                number, place = known[arrival.sha256]
                if not place.startswith(inbox.numbered):  # else the same letter twice, of which the first is noted
                    put = t.arrivals.update().where(t.arrivals.c.number == number)
                    connection.execute(put.values(place=arrival.place))
            return {uid: known[arrival.sha256][0] for uid, arrival in letters.items()}

    def forget_older(self, inbox: Inbox) -> None:
        """Note that what was in the folder under another UIDVALIDITY is not known there any more."""
        noted = _begins_with(folder_place(inbox.account, inbox.folder) + _NUMBERS)
        older = noted & ~t.arrivals.c.place.startswith(inbox.numbered, autoescape=True)
        if self._database.value(select(t.arrivals.c.number).where(older).limit(1)) is not None:
            with self._database.transaction() as connection:
                connection.execute(t.arrivals.update().where(older).values(place=inbox.moved_to("")))


def _same_letters(connection: Connection, mailbox: str, hashes: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return by sha256 the number and place of the arrival that these bytes got first in this mailbox."""
    a = t.arrivals.c
    query = select(a.sha256, a.number, a.place).where(a.mailbox == mailbox, a.sha256.in_(hashes), _begins_with(FETCHED))
    rows = connection.execute(query.order_by(a.number.desc()))
    return {row.sha256: (int(row.number), row.place) for row in rows}


def _begins_with(text: str) -> ColumnElement[bool]:
    """Return the condition that a place begins so, which the index of fetched letters answers."""
    place = t.arrivals.c.place
    return and_(t.IS_FETCHED, place >= text, place < text[:-1] + chr(ord(text[-1]) + 1))
