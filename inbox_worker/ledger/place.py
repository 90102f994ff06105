"""The place of a home's journal, and whether it may be made: a home that has a past never gets an empty journal, and
nothing is made at an address that somebody mistyped."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import make_url

from inbox_worker.core.errors import JournalError
from inbox_worker.ledger.journal import Journal, open_journal
from inbox_worker.ledger.leftover import traces_of_a_past
from inbox_worker.ledger.storage import follow_storage
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.home import Home

RESTORING = ".restoring"  # in a home: what `ledger restore` makes before all of it is proven
_NAMED_ALIKE = "a journal elsewhere is named in INBOX_WORKER_JOURNAL: name it alike for the service and for commands"


class NoSuchPlace(ConfigError, JournalError):
    """The journal's address names a place where there can be none."""


def journal_of(home: Home) -> Journal:
    """Opens the home's journal; makes one only for a home without a past. Raises JournalError."""
    begins_anew(home)
    follow_storage(home)
    return open_journal(home.journal_url)


def begins_anew(home: Home) -> bool:
    """Tell whether the home has no journal yet, and may be given one. Raises JournalError when it has none and must
    not."""
    if not home.journal_url.startswith("sqlite:"):
        _require_restored(home)
        return False
    path = _file_of(home)
    if path.is_file() and path.stat().st_size:
        return False
    if os.path.lexists(path.parent) and not path.parent.is_dir():
        raise JournalError(f"{_named_by(home)}: {path.parent} is no folder; put the folder in its place")
    if path.exists() and not path.is_file():
        raise JournalError(
            f"{_named_by(home)}: {path} is a folder, a pipe or a device; put the journal's file in its place"
        )
    if home.path not in path.parents and not path.parent.is_dir():
        raise NoSuchPlace(f"{_named_by(home)}: the folder {path.parent} is not there; write the journal's right place")
    if (home.path / RESTORING).exists():
        raise _make_unfinished_error(home)
    if trace := next(traces_of_a_past(home.ledger, home.archive), None):
        raise JournalError(
            f"{_named_by(home)}: the journal {path} is {'empty' if path.is_file() else 'not there'}, and {trace} shows "
            "that this home had one; an empty one is not begun. Restore it, with the files that belong to it, from one "
            f"backup (docs/operations.md, Backup), or name the right one; {_NAMED_ALIKE}"
        )
    return True


def _require_restored(home: Home) -> None:
    """Raises JournalError while a `ledger restore` into PostgreSQL is not done: an empty journal is not begun there."""
    if (home.path / RESTORING).exists():
        from inbox_worker.ledger.rebuilt_database import has_taken

        if not has_taken(home.journal_url, home.path / RESTORING / "ledger" / "journal.db"):
            raise _make_unfinished_error(home)


def _make_unfinished_error(home: Home) -> JournalError:
    return JournalError(
        f"{home.path / RESTORING} is there: a `ledger restore` is at work here or was ended before it was done, so "
        "this home has no ledger yet; wait, or run it again: it begins from empty"
    )


def _file_of(home: Home) -> Path:
    name = make_url(home.journal_url).database or ""
    if name in ("", ":memory:") or name.startswith("file:"):
        raise NoSuchPlace(f"{_named_by(home)}: names no file; write it like sqlite:///ledger/journal.db")
    return Path(os.path.normpath(name))


def _named_by(home: Home) -> str:
    by_environment = "INBOX_WORKER_JOURNAL" in os.environ
    return "INBOX_WORKER_JOURNAL" if by_environment else f"{home.path}/config.yaml: ledger.journal"
