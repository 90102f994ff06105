"""Guards, indexes and tables of the journal that somebody or a disk changed, made anew as the program makes them."""

from __future__ import annotations

from datetime import datetime

from inbox_worker.core.errors import JournalError
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.guards import drop_guards, drop_strange, find_lacking, make_guards
from inbox_worker.ledger.shape import find_misshapen, prove_pages, remake
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL
from inbox_worker.settings.home import Home

_MOST_FOUND = 1_000  # lines of what SQLite finds


def put_shape_back(home: Home, now: datetime) -> list[str]:
    """Put back guards, indexes and tables of the journal that are not as they were made, as one act; return what was
    wrong. Use inside `lock_for_writing`. Raises JournalError for what only a backup has."""
    with own_journal(home) as journal:
        with journal.database.connect_for_queries() as connection:
            wrong = list(find_misshapen(connection))
            torn, damaged = prove_pages(connection, "integrity_check", _MOST_FOUND)
            torn = [] if damaged else torn
            lacking = [one.what for one in wrong] + [f"its index {name} did not agree with its table" for name in torn]
            lacking += find_lacking(connection)
        if lost := next((one.what for one in wrong if not one.can_be_remade), ""):
            raise JournalError(f"the journal {lost}; {RESTORE_JOURNAL}")
        if lacking:
            with journal.transaction() as connection:
                drop_strange(connection)
                drop_guards(connection)
                remake(connection, torn)
                make_guards(connection)
                record_act(connection, "put back", "journal", now, details="; ".join(lacking))
    return lacking
