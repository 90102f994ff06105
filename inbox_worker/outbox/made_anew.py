"""Documents rendered anew in place of ones that the journal knows: it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from inbox_worker.month.office import Office
from inbox_worker.outbox.manifest import first_name
from inbox_worker.outbox.review import look_through


def take_up_anew(office: Office, put_up: Iterable[Path], now: datetime) -> None:
    """Take up what was put up in place of documents that the journal knows, as a pass does: until then it says
    otherwise than their manifest. What is new to it waits for the next pass, for bills are many. Use inside
    `office.lock_for_writing`."""
    places = [path.relative_to(office.home.outbox).parts for path in put_up]
    made = {(month, folder[:12], first_name("/".join(name))) for _, month, folder, *name in places}
    known = office.journal.documents.versions(months={month for month, _, _ in made}) if made else ()
    if any((version.month, version.bin, first_name(version.name)) in made for version in known):
        look_through(office, now)
