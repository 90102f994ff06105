"""Trouble with a mailbox's server, in words; a refused log-in is an act, too (4.1.17)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JobError, JournalError
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.login_acts import record_refused_login
from inbox_worker.receiving.imap_login import LoginRefused, words_of
from inbox_worker.settings.home import Home


def account_of(name: str) -> str:
    """Return what the acts about a mailbox's log-ins call it."""
    return f"mailbox {name}"


def describe_trouble(error: BaseException, home: Home, name: str, now: datetime) -> str:
    """Return the words of an error of a mailbox; a refused log-in is recorded."""
    if isinstance(error, DBAPIError):
        return f"the journal cannot be asked: {' '.join(str(error.orig).split())}; it is tried again"
    if isinstance(error, LoginRefused):
        return f"{error}{_record(error, home, name, now)}"
    return str(error) if isinstance(error, JobError) else f"the connection broke: {words_of(error)}"


def _record(error: LoginRefused, home: Home, name: str, now: datetime) -> str:
    """Record a refusal; return why it could not be, for whoever reads the trouble: the next try records it again."""
    try:
        with own_journal(home) as journal:
            record_refused_login(journal, account_of(name), str(error), now)
    except (JournalError, DBAPIError) as unrecorded:
        why = unrecorded.orig if isinstance(unrecorded, DBAPIError) else unrecorded
        return f" (and this could not be recorded as an act: {' '.join(str(why).split())})"
    return ""
