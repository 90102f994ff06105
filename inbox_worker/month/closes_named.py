"""Closes that the journal names, each with the folder that its files are in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inbox_worker.ledger.journal import Journal
from inbox_worker.month.frozen import FrozenClose


def closes_named(journal: Journal, home: Path) -> Iterator[tuple[FrozenClose, str]]:
    """Yield every close that the journal names, and how people call it. A reopened one is under its number as soon
    as the month is closed again."""
    places = home / "ledger" / "closes"
    for record in journal.closes.all():
        month, number = record.month, record.number
        kept = places / f"{month}.{number}"
        folder = kept if kept.is_dir() or journal.closes.count(month) > number else places / str(month)
        files, formats = journal.closes.files(month, number), journal.closes.formats(month, number)
        yield FrozenClose(folder, record.sha256, files, formats), f"close {number} of {month}"
