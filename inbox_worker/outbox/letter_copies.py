"""Copies of letters in the home beside the archive: in quarantine, and files that were dropped. They go with the letter
(4.1.12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from inbox_worker.core.files import sync_folder
from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Arrival
from inbox_worker.deciding.quarantine import find_letters, forget
from inbox_worker.month.office import Office


def find_copies(office: Office, *numbers: int) -> list[tuple[int, Path]]:
    """Return the copies that are there of letters that these certificates destroy or destroyed, each with the
    certificate's number."""
    aside = find_letters(office.home.outbox)
    return [
        (number, path)
        for number, arrival in _find_destroyed(office, numbers)
        for path in (*aside.get(arrival.id, ()), *_find_dropped(office, arrival))
    ]


def remove_copies(office: Office, number: int) -> None:
    """Remove the copies of the letters of a certificate, and what the notes of the quarantine say of them."""
    copies = [path for _, path in find_copies(office, number)]
    for path in copies:
        path.unlink(missing_ok=True)
    for _, arrival in _find_destroyed(office, [number]):
        forget(office.home.outbox, arrival)
    for folder in sorted({path.parent for path in copies}):
        sync_folder(folder)


def _find_destroyed(office: Office, numbers: Sequence[int]) -> Iterator[tuple[int, Arrival]]:
    gone = {file.path: number for number in numbers for file in office.journal.destroyed.items(number).files}
    for arrival in office.journal.arrivals.all() if gone else ():
        if number := gone.get(f"archive/{arrival.raw}"):
            yield number, arrival


def _find_dropped(office: Office, arrival: Arrival) -> Iterator[Path]:
    dropped = office.home.path / arrival.place
    ours = dropped.resolve().is_relative_to(office.home.inbox.resolve())  # what staff named from elsewhere is their own
    if (
        arrival.place
        and ours
        and dropped.is_relative_to(office.home.path)
        and dropped.is_file()
        and hash_of(dropped) == arrival.sha256
    ):
        yield dropped
