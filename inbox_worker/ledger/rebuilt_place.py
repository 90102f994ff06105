"""The place of a ledger that is made of workbooks: an empty home, where it is put when proven, the journal last: a file
of the home, or an empty database of PostgreSQL."""

from __future__ import annotations

import shutil
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import copy_folder, sync_disk, sync_folder
from inbox_worker.ledger.journal import open_journal
from inbox_worker.ledger.leftover import FOLDER as LEFTOVER
from inbox_worker.ledger.leftover import set_aside
from inbox_worker.ledger.place import RESTORING
from inbox_worker.ledger.rebuilt_database import fill_database, has_taken, require_no_tables
from inbox_worker.settings.home import Home

_MOVING = "moving"
_BOOKS = "books"
_OF_A_NEW_HOME = (_BOOKS, ".lock", LEFTOVER)  # in the folder `ledger`
_HISTORY = ("facts", "closes")
_JOURNAL = "journal.db"


def clear_unfinished(home: Home) -> bool:
    """Do away with what a restore that was ended left; return whether there was one. The journal is put in its place
    last: without it nothing of what was put there is a ledger, and it is moved to `leftover`."""
    staging = home.path / RESTORING
    if not staging.exists():
        return False
    if (staging / _MOVING).exists() and not _has_journal(home, staging):
        for path in list(home.ledger.iterdir()):
            if path.name not in _OF_A_NEW_HOME:
                set_aside(home.ledger, path)
    shutil.rmtree(staging)
    return True


def _has_journal(home: Home, staging: Path) -> bool:
    if is_in_file(home):
        return (home.ledger / _JOURNAL).exists()
    return has_taken(home.journal_url, staging / "ledger" / _JOURNAL)


def is_in_file(home: Home) -> bool:
    """Return whether the home's journal is a file, not a database of a server."""
    return home.journal_url.startswith("sqlite:")


def require_empty(home: Home) -> None:
    """Refuse a home that has a ledger, or whose journal is a file elsewhere: raises UseError; JournalError for a
    database that has tables."""
    if is_in_file(home) and Path(home.journal_url.removeprefix("sqlite:///")) != home.ledger.absolute() / _JOURNAL:
        raise UseError(
            f"`ledger restore` makes the journal in {home.ledger / _JOURNAL}, or in an empty database of PostgreSQL; "
            f"name sqlite:///ledger/{_JOURNAL} or that one in config.yaml, and no other in INBOX_WORKER_JOURNAL"
        )
    names = {path.name for path in home.ledger.iterdir()} if home.ledger.is_dir() else set()
    if names.intersection(_HISTORY) or (_JOURNAL in names and is_in_file(home) and _has_arrivals(home)):
        raise UseError(
            f"the home has a ledger already ({home.ledger}), and a restore replaces nothing; name an empty home"
        )
    if not is_in_file(home):
        require_no_tables(home.journal_url)


def _has_arrivals(home: Home) -> bool:
    """Tell whether anything ever came; a home that was only looked at has a journal without letters."""
    journal = open_journal(home.journal_url)
    try:
        return journal.arrivals.has_arrivals()
    finally:
        journal.database.dispose()


def install_ledger(home: Home, built: Home, books: Path, archive: Path) -> None:
    """Put the ledger into the home, the journal last; a kill before it leaves what the next run does away with."""
    sync_disk(built.path)
    (built.path / _MOVING).touch()
    sync_folder(built.path)
    if archive.resolve() != home.archive.resolve():
        copy_folder(built.archive, home.archive, merge=True)
    if books.resolve() != (home.ledger / _BOOKS).resolve():
        copy_folder(books, home.ledger / _BOOKS, merge=True)
    for path in sorted(home.ledger.iterdir()):  # of a journal without letters
        if path.name not in _OF_A_NEW_HOME:
            set_aside(home.ledger, path)
    names = sorted((path.name for path in built.ledger.iterdir()), key=lambda name: (name.startswith(_JOURNAL), name))
    for name in names:
        if name not in _OF_A_NEW_HOME and (is_in_file(home) or not name.startswith(_JOURNAL)):
            (built.ledger / name).rename(home.ledger / name)
    sync_folder(home.ledger)
    sync_disk(home.path)
    if not is_in_file(home):
        fill_database(home.journal_url, built.ledger / _JOURNAL)
