"""Destroyed files compared with what is there: nothing half done is called whole, and nothing comes back unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inbox_worker.core.hashes import DESTROYED
from inbox_worker.ledger.destroyed import GONE, CertificateState, find_people, hash_files, read_lines, write_lines
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.verify import LedgerProblem

_FINISH = "`inbox-worker retention destroy {number}` finishes it"
_NAMED = 5  # files


def destroyed_problems(journal: Journal, home: Path) -> Iterator[LedgerProblem]:
    """Find destructions that are not finished, destroyed files that are there again, and certificates that are not what
    was recorded."""
    known = {one.number: one for one in journal.destroyed.all()}
    for one in known.values():
        named, finish = f"certificate {one.number}", _FINISH.format(number=one.number)
        if hash_files(journal.destroyed.files(one.number)) != one.items:
            yield LedgerProblem(named, "names other files than were proposed", named, "restore the journal")
        people = find_people(journal.database, one.number)
        if any(
            said and said != stated for said, stated in zip(people, (one.proposed_by, one.destroyed_by), strict=True)
        ):
            yield LedgerProblem(named, "names other people than its acts do", named, "restore the journal")
        if one.state is CertificateState.DESTROYING:
            yield LedgerProblem(named, f"of {one.destroyed_at[:10]} is not finished", "", finish)
        elif one.state in GONE:
            yield from _back(home, one.number, [file.path for file in journal.destroyed.files(one.number)])
    shown = DESTROYED.as_posix()
    try:
        stated = read_lines(home)
    except (OSError, ValueError) as error:
        yield LedgerProblem(shown, f"is not what was written: {error}", "", "restore it from the backup")
        return
    unknown = [(one, files) for one, files in stated if one.number not in known or known[one.number].state not in GONE]
    for one, files in unknown:
        yield from _back(home, one.number, [file.path for file in files])
    written = write_lines(journal.destroyed)
    if not unknown and written != ((home / DESTROYED).read_bytes() if stated else b""):
        last = max((one.number for one in known.values() if one.state in GONE), default=0)
        yield LedgerProblem(shown, "is not what the journal says", "", _FINISH.format(number=last))


def _back(home: Path, number: int, paths: list[str]) -> Iterator[LedgerProblem]:
    """Files that a restore of an older backup, or somebody, brought back."""
    there = [path for path in paths if (home / path).exists()]
    if there:
        some = ", ".join(there[:_NAMED]) + (f" and {len(there) - _NAMED} more" if len(there) > _NAMED else "")
        what = f"destroyed what is there again: {some}"
        yield LedgerProblem(f"certificate {number}", what, "", _FINISH.format(number=number))
