"""Log-ins that our mail servers refused, and the first that was accepted again, as acts of the chain (4.1.17)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import RecordedAct, record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.journal import Journal

REFUSED, ACCEPTED = "log-in refused", "log-in accepted"
a = t.acts.c


def record_refused_login(journal: Journal, subject: str, why: str, now: datetime) -> None:
    """Record that a server refused us, once a day for the same words: it is tried again every minute. `subject`: which
    of our accounts; `why`: the server's words, without a secret."""
    last = _find_last(journal, subject)
    today = to_almaty(now).date().isoformat()
    if not (last and last.act == REFUSED and last.details == why and last.at[:10] == today):
        _record(journal, REFUSED, subject, why, now)


def record_accepted_login(journal: Journal, subject: str, now: datetime) -> None:
    """Record the first log-in that is accepted after one that was refused."""
    last = _find_last(journal, subject)
    if last and last.act == REFUSED:
        _record(journal, ACCEPTED, subject, f"refused since {last.at}", now)


def _find_last(journal: Journal, subject: str) -> RecordedAct | None:
    query = select(t.acts).where(a.act.in_((REFUSED, ACCEPTED)), a.subject == subject)
    return journal.database.find(RecordedAct, query.order_by(a.number.desc()).limit(1))


def _record(journal: Journal, act: str, subject: str, details: str, now: datetime) -> None:
    with journal.transaction() as connection:
        record_act(connection, act, subject, now, who=SERVICE, details=details)
