"""Trouble with a mailbox's server, in words and as a log's event; a refused log-in is an act, too (4.1.17)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JobError, JournalError
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.login_acts import record_refused_login
from inbox_worker.receiving.imap_login import LoginRefused, UnreachableServer, words_of
from inbox_worker.settings.home import Home


class MailEvent(StrEnum):
    """Trouble with a mailbox as a log calls it: the words for people hold the server's own, and names."""

    REFUSED = "a mailbox refused the log-in"
    UNREACHABLE = "a mailbox cannot be reached"
    UNREAD = "a mailbox cannot be read"
    NO_JOURNAL = "a mailbox waits for the journal"
    NOT_MOVED = "letters of a mailbox cannot be moved"
    NOT_TAKEN = "letters of a mailbox wait to be taken"
    NOT_STORED = "letters of a mailbox cannot be stored"
    LEFT_ALONE = "letters of a mailbox are left alone"
    NO_DATE = "a letter of a mailbox has no date of receipt"


def event_of(error: BaseException) -> MailEvent:
    """Return what a log calls an error that ended a connection."""
    if isinstance(error, LoginRefused):
        return MailEvent.REFUSED
    if isinstance(error, UnreachableServer):
        return MailEvent.UNREACHABLE
    return MailEvent.NO_JOURNAL if isinstance(error, (JournalError, DBAPIError)) else MailEvent.UNREAD


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
