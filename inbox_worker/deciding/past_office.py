"""An office as it was at a moment, to be read beside the one of now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from inbox_worker.core.scratch import make_scratch
from inbox_worker.deciding.open_office import directory_of
from inbox_worker.ledger.past import open_past
from inbox_worker.month.office import Office


@contextmanager
def open_past_office(office: Office, moment: datetime) -> Iterator[Office]:
    """Open what was known at a moment; nothing is written into the home. Rules, settings and files are those of now:
    facts and closes never change, and a close keeps the version of its rules."""
    with make_scratch("as-of") as folder:
        journal = open_past(office.journal.database, moment, Path(folder) / "journal.db")
        try:
            directory = directory_of(office.home, office.rules, journal)
            yield Office(office.home, office.rules, journal, directory, as_of=moment)
        finally:
            journal.database.dispose()
