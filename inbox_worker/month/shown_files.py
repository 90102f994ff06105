"""Files that a command writes into the ledger for people to look at: pages of a month, workbooks as of a moment. An act
holds the hash of each, or of their list, so that a changed one is found (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import below, read_small_file, sha256, sha256_file, write_atomic
from inbox_worker.core.hashes import hash_of
from inbox_worker.ledger.acts import WRITE, find_chained_acts, record_act
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.verify import LedgerProblem
from inbox_worker.month.office import lock_for_writing
from inbox_worker.settings.home import Home

REPORTS, PAST_BOOKS = "reports", "books-as-of"  # in the ledger: what the command makes again
LIST = "sha256.txt"  # as `sha256sum --check` reads it
_AGAIN = "see who changed it; `inbox-worker report` or `inbox-worker ledger books --as-of` writes it anew"


def record_page(home: Home, path: Path, now: datetime) -> None:
    """Record as an act what a command wrote into a file. Raises Busy."""
    with lock_for_writing(home), own_journal(home) as journal, journal.transaction() as connection:
        record_act(connection, WRITE, path.relative_to(home.path).as_posix(), now, after=sha256_file(path))


def record_books(home: Home, paths: Sequence[Path], now: datetime) -> None:
    """Record as an act what a command wrote into files of one folder: their list lies beside them. Raises Busy."""
    place = paths[0].parent / LIST
    write_atomic(place, "".join(f"{sha256_file(path)}  {path.name}\n" for path in paths).encode())
    record_page(home, place, now)


def find_changed_files(home: Home, database: Database) -> Iterator[LedgerProblem]:
    """Find such files that are not what was written."""
    for path, (expected, act) in _find_proved(home, database).items():
        if path.is_file() and hash_of(path) != expected:
            name = path.relative_to(home.path).as_posix()
            yield LedgerProblem(name, "is not what the command wrote", f"act {act}", _AGAIN)


def tell_unproved(home: Home, database: Database) -> Iterator[str]:
    """Tell of such files that no act names, a line a folder."""
    proved = _find_proved(home, database)
    for folder in (home.ledger / REPORTS, home.ledger / PAST_BOOKS):
        unnamed = [path for path in below(folder) if path.is_file() and path not in proved]
        if unnamed:
            yield (
                f"files in ledger/{folder.name} of which no act says what was written (by an earlier version, or by "
                f"people): {len(unnamed)}; they are not proved, and the command writes them anew"
            )


def _find_proved(home: Home, database: Database) -> dict[Path, tuple[str, int]]:
    """Return the hash of each such file and the act that holds it; of those that a list names only while the list is
    what the act says."""
    found: dict[Path, tuple[str, int]] = {}
    for act in find_chained_acts(database, WRITE):
        found[home.path / act.subject] = act.after, act.number
    for path, (expected, number) in list(found.items()):
        data = read_small_file(path) if path.name == LIST and path.is_file() else b""
        if data and sha256(data) == expected:
            lines = (line.partition("  ") for line in data.decode().splitlines())
            found |= {path.parent / name: (digest, number) for digest, _, name in lines}
    return found
