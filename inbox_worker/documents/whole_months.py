"""All workbooks of whole months of a ledger, read and proven to be one row of months without a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.core.progress import follow
from inbox_worker.documents.whole_book import NAME
from inbox_worker.documents.whole_read import ReadMonth, read_whole

_MONTHS = "[0-9][0-9][0-9][0-9]-[0-9][0-9]"


def read_months(books: Path) -> list[ReadMonth]:
    """Read the workbooks of whole months, `YYYY-MM/ledger.xlsx`, in order. Raises UseError when there is none."""
    paths = sorted(books.glob(f"{_MONTHS}/{NAME}"))
    if not paths:
        raise UseError(
            f"there is no workbook {NAME} in {books}/YYYY-MM; name the folder that `ledger books` wrote into"
        )
    return [read_whole(path) for path in follow(paths, "reading")]


def find_gaps(books: Path, read: Sequence[ReadMonth]) -> Iterator[str]:
    """Find months that are missing, in the wrong place or of another ledger: each names the close before it."""
    there = {one.path.parent.name for one in read}
    for folder in sorted(books.glob(_MONTHS)):
        if folder.name not in there:
            yield f"{folder} lacks its {NAME}; take it from another copy"
    known = [one for one in read if one.is_known]
    for one in known:
        if one.path.parent.name != one.month:
            yield f"{one.path} is the workbook of {one.month}; put it into the folder of that month, and its own here"
    if read[:1] == known[:1] and known and known[0].head["before"]:
        first = Period.parse(known[0].month)
        yield f"{books}: the workbook of {first.plus(-1)} is missing; {first} goes on from it"
    for before, one in pairwise(read):
        if not (before.is_known and one.is_known):
            continue  # what it is not is told of it already
        month = Period.parse(before.month).plus(1)
        if str(month) != one.month:
            yield f"{books}: the workbook of {month} is missing; take it from another copy"
        elif (one.head["before"], one.head["journal"]) != (before.head["close"], before.head["journal"]):
            yield f"{one.path} does not go on from {before.path}; write both again by `ledger books`, or see who did it"
