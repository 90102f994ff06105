"""Copies of letters in the home beside the archive: in quarantine, and files that were dropped. They go with the letter
(4.1.12)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inbox_worker.core.files import sync_folder
from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Arrival
from inbox_worker.deciding.quarantine import find_letters, forget
from inbox_worker.month.office import Office


def find_copies(office: Office, number: int) -> list[Path]:
    """Return the copies of letters that a certificate destroyed and that are there still."""
    return [path for arrival in _find_destroyed(office, number) for path in _copies_of(office, arrival)]


def remove_copies(office: Office, number: int) -> None:
    """Remove the copies of the letters of a certificate, and what the notes of the quarantine say of them."""
    folders = set()
    for arrival in _find_destroyed(office, number):
        for path in _copies_of(office, arrival):
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        forget(office.home.outbox, arrival)
    for folder in sorted(folders):
        sync_folder(folder)


def _find_destroyed(office: Office, number: int) -> Iterator[Arrival]:
    gone = {file.path for file in office.journal.destroyed.items(number).files}
    return (one for one in office.journal.arrivals.all() if f"archive/{one.raw}" in gone)


def _copies_of(office: Office, arrival: Arrival) -> Iterator[Path]:
    yield from find_letters(office.home.outbox, arrival)
    dropped = (office.home.path / arrival.place).resolve()
    ours = dropped.is_relative_to(office.home.inbox.resolve())  # what staff named from elsewhere is their own
    if arrival.place and ours and dropped.is_file() and hash_of(dropped) == arrival.sha256:
        yield dropped
