"""Letters of an archive that a ledger made of workbooks names: taken, lawfully destroyed, or lost; and those that it
does not know."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from inbox_worker.core.files import make_folder, sha256_file, write_atomic
from inbox_worker.core.hashes import DESTROYED, trouble
from inbox_worker.core.progress import follow
from inbox_worker.ledger.destroyed import (
    CERTIFICATES,
    Certificate,
    CertificateState,
    StatedCertificate,
    read_stated,
    write_line,
)
from inbox_worker.ledger.rebuilt_journal import CarriedRows

_DIGITS = 64  # of the name that a letter has in the archive


def find_certificates(places: Iterable[Path], archive: Path) -> tuple[list[StatedCertificate], list[str]]:
    """Return the certificates of what was destroyed (4.1.12), as `destroyed.jsonl` of these folders and the archive
    state them; and what is no certificate, or says another thing elsewhere, with what to do."""
    found: dict[int, StatedCertificate] = {}
    problems = []
    folder = archive.joinpath(*Path(CERTIFICATES).parts[1:])
    for path in dict.fromkeys([*(place / DESTROYED.name for place in places), *sorted(folder.glob("*.jsonl"))]):
        try:
            stated = read_stated(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path} is not what was written: {error}; take it from another copy")
            continue
        for one, items in stated:
            if found.setdefault(one.number, (one, items))[0].items != one.items:
                problems.append(
                    f"{path} names other files of certificate {one.number} than another copy; see which is right"
                )
    return [(_as_finished(one, folder), items) for one, items in found.values()], problems


def _as_finished(one: Certificate, folder: Path) -> Certificate:
    """Of the document the hash is that of what lies in the archive, '' when it is not there."""
    document = folder / Path(one.path).name
    digest = sha256_file(document) if document.is_file() else ""
    return replace(one, state=CertificateState.DESTROYED, finished_at=one.destroyed_at, sha256=digest)


def take_letters(carried: CarriedRows, archive: Path, target: Path) -> Iterator[str]:
    """Put every letter that the workbooks name beside the new ledger, but those that were destroyed by certificate; one
    that is not what came is named. Certificates come with them."""
    destroyed = carried.find_destroyed()
    for number, row in follow(sorted(carried.arrivals.items()), "restoring"):
        if number in destroyed:
            continue
        source, place = archive / row["raw"], target / row["raw"]
        what, _ = trouble(source, row["sha256"])
        if what:
            yield f"{source}, the letter IW-{number:06d}, {what.replace('the journal names', 'the workbooks name')}"
            continue
        _take(source, place)
    for source in sorted(archive.joinpath(*Path(CERTIFICATES).parts[1:]).glob("*")):
        _take(source, target / source.relative_to(archive))
    for one, items in carried.destroyed:  # an archive of an earlier version has no lines beside its certificates
        lines = target.joinpath(*Path(one.lines).parts[1:])
        if not lines.exists():
            make_folder(lines.parent)
            write_atomic(lines, write_line(one, items))


def _take(source: Path, place: Path) -> None:
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
