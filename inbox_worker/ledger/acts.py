"""Acts of people: who did what, to what, when. Each is recorded in the transaction of the act itself (4.1.17)."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database

a = t.acts.c
ASSIGN = "bank suspense assign"  # the act; its subject is the payment


@dataclass(frozen=True)
class RecordedAct:
    """An act of a person: what was done, to what, and the words beside it."""

    at: str
    who: str
    act: str
    subject: str
    details: str


def find_acts_named(database: Database, *names: str) -> list[RecordedAct]:
    """Return the recorded acts of these names, oldest first."""
    return database.find_all(RecordedAct, select(t.acts).where(a.act.in_(names)).order_by(a.number))


def find_user() -> str:
    """Return who runs the program: INBOX_WORKER_USER, else the log-in name, or the user's number where there is no
    name."""
    user = os.environ.get("INBOX_WORKER_USER", "").strip()
    if user:
        return user
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def record_act(
    connection: Connection, act: str, subject: str, now: datetime, *, who: str = "", details: str = ""
) -> None:
    """Record an act of a person in the transaction of what it does. `who` is empty for the person who runs us."""
    number = (connection.execute(select(func.max(a.number))).scalar() or 0) + 1
    at = to_almaty(now).isoformat(timespec="seconds")
    values = {"number": number, "at": at, "who": who or find_user(), "act": act, "subject": subject, "details": details}
    connection.execute(t.acts.insert().values(**values))
