"""Letters of an archive that a ledger made of workbooks names, and those that it does not know."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from inbox_worker.core.files import make_folder
from inbox_worker.core.hashes import trouble
from inbox_worker.core.progress import follow
from inbox_worker.ledger.rebuilt_journal import CarriedRows

_DIGITS = 64  # of the name that a letter has in the archive


def take_letters(carried: CarriedRows, archive: Path, target: Path) -> Iterator[str]:
    """Put every letter that the workbooks name beside the new ledger; one that is not what came is named."""
    for number, row in follow(sorted(carried.arrivals.items()), "restoring"):
        source, place = archive / row["raw"], target / row["raw"]
        what, _ = trouble(source, row["sha256"])
        if what:
            yield f"{source}, the letter IW-{number:06d}, {what.replace('the journal names', 'the workbooks name')}"
            continue
        make_folder(place.parent)
        if not place.exists():
            try:
                os.link(source, place)
            except OSError:  # of another disk
                shutil.copyfile(source, place)


def find_later(carried: CarriedRows, archive: Path) -> Iterator[str]:
    """Find letters in the archive that no workbook names."""
    named = {row["raw"] for row in carried.arrivals.values()}
    for path in sorted(archive.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*")):
        if len(path.name) == _DIGITS and path.relative_to(archive).as_posix() not in named:
            yield str(path)
