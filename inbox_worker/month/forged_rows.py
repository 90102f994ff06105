"""Rows of certificates that were changed by hand, and the files that they speak for (4.1.12, 8.10).

Who reads a file that was written anew, or misses a destroyed one, follows rows of the journal. Here they are compared
with what the acts of two people prove, so that a forged row hides no file behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from inbox_worker.core.hashes import hash_of
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.destroyed import GONE, CertifiedItems
from inbox_worker.ledger.destroyed_check import find_proven_items
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.rewritten import find_current_hashes, follow_steps
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL
from inbox_worker.ledger.verify import LedgerProblem
from inbox_worker.month.stored import closes_named

_ADDED = "is said to be destroyed by certificate {number}, in a row that nobody's act proves"
_REMOVED = "was destroyed by certificate {number}, and its row was removed"
_WHOLE = "is what its certificate says, and a row of rewritten_files that nobody's act proves names another"
_OTHER = "is not what its certificate says, and a row of rewritten_files that nobody's act proves speaks for it"
_UNKNOWN = "is written anew by certificate {number}, and nothing says any more what it came to"


def find_forged_rows(journal: Journal, home: Path) -> list[LedgerProblem]:
    """Find files, below the home, of which rows of certificates say something else than was proposed and destroyed."""
    pairs = []  # rows, and what is proven
    found: list[LedgerProblem] = []
    for one in journal.destroyed.all():
        if one.state in GONE:
            rows, proven = journal.destroyed.items(one.number), find_proven_items(journal, home, one)
            pairs.append((rows, proven or rows))
            found += _find_files(one.number, rows, proven)
    if all(rows is proven or rows.hash == proven.hash for rows, proven in pairs):
        return found
    proven_now = follow_steps(file for _, proven in pairs for file in proven.rewritten)
    return [*found, *_compare_files(journal, home, proven_now)]


def _find_files(number: int, rows: CertifiedItems, proven: CertifiedItems | None) -> Iterator[LedgerProblem]:
    if proven is None:
        for file in rows.rewritten:
            yield LedgerProblem(file.path, _UNKNOWN.format(number=number), "", RESTORE_JOURNAL)
        return
    for what, some, others in ((_ADDED, rows, proven), (_REMOVED, proven, rows)):
        for path in sorted({file.path for file in some.files} - {file.path for file in others.files}):
            yield LedgerProblem(path, what.format(number=number), "", RESTORE_JOURNAL)


def _compare_files(journal: Journal, home: Path, proven: dict[str, str]) -> Iterator[LedgerProblem]:
    now = find_current_hashes(journal.database)
    for path, first in _list_first_hashes(journal, home):
        expected = proven.get(first, first)
        if now.get(first, first) != expected and path.is_file():
            what = _WHOLE if hash_of(path) == expected else _OTHER
            yield LedgerProblem(path.relative_to(home).as_posix(), what, "", RESTORE_JOURNAL)


def _list_first_hashes(journal: Journal, home: Path) -> Iterator[tuple[Path, str]]:
    """Yield facts and files of closes with the hash that each had first."""
    f = t.fact_files.c
    for row in journal.database.rows(select(f.path, f.sha256).order_by(f.path)):
        yield home / "ledger" / row.path, row.sha256
    for close, _ in closes_named(journal, home):
        yield from ((close.folder / f"{name}.parquet", digest) for name, digest in close.files_then.items())
