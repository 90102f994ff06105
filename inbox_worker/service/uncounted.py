"""Tries that count as none and could not be taken back, for the journal went away in their midst: taken back later.

Else an arrival that three outages met would be set aside as one that ended the program three times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import read_small_file, write_atomic
from inbox_worker.core.model import Arrival
from inbox_worker.ledger.journal import Journal

NAME = "uncounted.json"


@contextmanager
def note_when_down(ledger: Path, arrival: Arrival) -> Iterator[None]:
    """Note an arrival as it was before the try, where the journal cannot be told in the block; the error goes on."""
    try:
        yield
    except (JournalError, DBAPIError):
        noted = {**_read(ledger), arrival.id: (arrival.tries, arrival.why)}
        write_atomic(ledger / NAME, json.dumps(noted).encode())
        raise


def take_back_uncounted(ledger: Path, journal: Journal) -> None:
    """Take the noted tries back, of arrivals that nobody decided meanwhile. Use inside `lock_for_writing`."""
    noted = _read(ledger)
    for arrival in journal.arrivals.find_undecided() if noted else ():
        if arrival.id in noted and noted[arrival.id][0] < arrival.tries:
            journal.arrivals.count_tries(arrival.number, *noted[arrival.id])
    if noted:
        (ledger / NAME).unlink()


def _read(ledger: Path) -> dict[str, tuple[int, str]]:
    if not (ledger / NAME).exists():
        return {}
    noted: dict[str, tuple[int, str]] = json.loads(read_small_file(ledger / NAME))
    return noted
