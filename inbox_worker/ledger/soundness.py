"""Soundness of the journal's database: it answers, and what it says can be believed - pages, the shape of its tables,
values that stand for something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_worker.core.errors import JournalError
from inbox_worker.ledger.guards import find_lacking
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.row_proofs import find_unreadable
from inbox_worker.ledger.shape import find_misshapen, prove_pages
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL

_PUT_BACK = (
    "`inbox-worker ledger put-back` makes guards, indexes and tables as they were; then `inbox-worker ledger verify "
    "--full` finds what was changed meanwhile"
)
_SHUT = ("is damaged", "cannot be read")
_MOST_NAMED = 20


def find_unsound(journal: Journal, deep: bool) -> Iterator[tuple[str, str]]:
    """Find what of the database is not as it was made, each with its remedy. Raises DBAPIError where it cannot be
    asked at all."""
    for look in (_database(journal, deep), _shape(journal), _values(journal)):
        found = list(look)
        yield from found
        if any(is_shut(what) for what, _ in found):
            return  # what stands in a torn index or a table that cannot be read proves nothing


def is_shut(what: str) -> bool:
    """Tell whether what the database says cannot be believed any more."""
    return what.startswith(_SHUT)


def _database(journal: Journal, deep: bool) -> Iterator[tuple[str, str]]:
    """Find what is wrong in the pages. An index can be made anew where nothing else is."""
    with journal.database.connect_for_queries() as connection:
        torn, damaged = prove_pages(connection, "integrity_check" if deep else "quick_check", _MOST_NAMED)
    yield from ((f"is damaged: {line}", RESTORE_JOURNAL) for line in damaged)
    if not damaged:
        yield from ((f"is damaged: its index {index} does not agree with its table", _PUT_BACK) for index in torn)


def _shape(journal: Journal) -> Iterator[tuple[str, str]]:
    """Find tables, indexes and guards that are not as `database.py` makes them."""
    with journal.database.connect_for_queries() as connection:
        for one in find_misshapen(connection):
            yield one.what, _PUT_BACK if one.can_be_remade else RESTORE_JOURNAL
        yield from ((what, _PUT_BACK) for what in find_lacking(connection))


def _values(journal: Journal) -> Iterator[tuple[str, str]]:
    """Find values that no column of ours holds: whoever reads them ends with a fault."""
    with journal.database.connect_for_queries() as connection:
        yield from ((f"cannot be read: {what}", RESTORE_JOURNAL) for what in find_unreadable(connection))


def tell_unreadable(error: DBAPIError) -> str:
    """Return what keeps it from answering. An OperationalError is of the place (a lock, a right, a lost line); any
    other is of the pages themselves."""
    return f"{_SHUT[isinstance(error, OperationalError)]}: {error.orig}"


def require_whole(journal: Journal, largest: int | None = None) -> None:
    """Raises JournalError when SQLite finds its own pages damaged. `largest`: a journal of more bytes is not looked at,
    for a look costs about a second a gigabyte."""
    if journal.database.engine.dialect.name != "sqlite":
        return
    if largest is not None and Path(journal.database.engine.url.database or "").stat().st_size > largest:
        return
    try:
        found = next((what for what, _ in _database(journal, deep=False)), "")
    except DBAPIError as error:
        found = tell_unreadable(error)
    if found:
        raise JournalError(
            f"the journal {journal.database.engine.url.database} {found}; {RESTORE_JOURNAL} (docs/operations.md)"
        )
