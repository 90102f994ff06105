"""Acts of people and of the service: who did what, to what, from where, when. Each is recorded in the transaction of
the act itself, and chained to the act before it (4.1.17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from inbox_worker.core.time import to_almaty
from inbox_worker.core.users import find_user as find_user
from inbox_worker.core.users import origin
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.act_chain import hash_act
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.text_types import as_kept

a = t.acts.c
_LAST = select(a.number, a.hash).order_by(a.number.desc()).limit(1)
COMMAND = "command"  # that somebody gave and that may write; its subject is its name
INCIDENT = "incident"  # begins the acts of one; their subject is its number
CONSENT = "consent"  # to process personal data (4.3.8); its subject is the Customer
ACCEPT_ROWS = "accept rows"  # a person answers for rows that came or went beside the program
ACCEPT_ANCHORS = "accept anchors"  # a person answers for those that are gone
VERIFY = "verify"  # `before` is the hash of the anchors that it saw, so many bytes as its details say
WRITE = "write"  # of a file for people (`report`, `ledger books --as-of`); its subject is the file
CONFIRM_CLOCK = "clock confirmed"  # its subject is the moment that the clock showed
ASSIGN, RETURN = "bank suspense assign", "bank suspense return"  # their subject is the payment


@dataclass(frozen=True)
class RecordedAct:
    """An act of a person: what was done, to what, and the words beside it."""

    at: str
    who: str
    act: str
    subject: str
    details: str


@dataclass(frozen=True)
class ChainedAct:
    """An act as the chain has it. `origin`: machine and, over the network, address; `before`, `after`: hashes of what
    was changed, where there are any; `hash`: over all that and the hash of the act before."""

    number: int
    at: str
    who: str
    origin: str
    act: str
    subject: str
    details: str
    before: str
    after: str
    hash: str


def find_acts(database: Database, since: int = 1) -> list[ChainedAct]:
    """Return the acts from a number on, in their order."""
    return database.find_all(ChainedAct, select(t.acts).where(a.number >= since).order_by(a.number))


def find_chained_acts(database: Database, *names: str) -> list[ChainedAct]:
    """Return the acts of these names as the chain has them, oldest first."""
    return database.find_all(ChainedAct, select(t.acts).where(a.act.in_(names)).order_by(a.number))


def find_last_hash(database: Database) -> str:
    """Return the hash that the journal's state keeps of the last act."""
    return str(database.value(select(t.journal_state.c.last_act)) or "")


def find_acts_named(database: Database, *names: str) -> list[RecordedAct]:
    """Return the recorded acts of these names, oldest first; decisions of the service are none of them."""
    named = select(t.acts).where(t.IS_NO_DECISION, a.act.in_(names))
    return database.find_all(RecordedAct, named.order_by(a.number))


def record_act(
    connection: Connection,
    act: str,
    subject: str,
    now: datetime,
    *,
    who: str = "",
    details: str = "",
    before: str = "",
    after: str = "",
) -> None:
    """Record an act in the transaction of what it does, chained to the act before. `who` is empty for the person who
    runs us; `before`, `after`: hashes of what it changes."""
    last = connection.execute(_LAST).first()
    at = to_almaty(now).isoformat(timespec="seconds")
    words = {"who": who or find_user(), "origin": origin(), "act": act, "subject": subject, "details": details}
    kept = {name: as_kept(text) for name, text in words.items()}
    row = {"number": last.number + 1 if last else 1, "at": at, **kept, "before": before, "after": after}
    digest = hash_act(last.hash if last else "", row)
    connection.execute(t.acts.insert(), {**row, "hash": digest})
    connection.execute(t.journal_state.update().values(last_act=digest))
