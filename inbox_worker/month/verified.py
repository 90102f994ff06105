"""A record of what `ledger verify` found whole, `ledger/verified.json`: the next run reads only what changed since.

The file's own hash is in the act `verify` of the run that wrote it (4.1.17), so who changes a file of the ledger and
this one must change the chain of acts, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.hashes import FileHashes, remember_hashes
from inbox_worker.ledger.acts import VERIFY, find_chained_acts
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.place import begins_anew
from inbox_worker.ledger.row_seals import SeenRows
from inbox_worker.month.office import Busy, lock_for_writing
from inbox_worker.month.verified_record import LOST, has_lost_record, read_record, record_run
from inbox_worker.settings.home import Home


@dataclass
class Verified:
    """A record of what was found whole. `closes`, `books`: by month, a hash over all that they were computed of;
    `files`: by path, state and hash; `differs`: whether the file is not the one that the last run recorded."""

    closes: dict[str, str] = field(default_factory=dict)
    books: dict[str, str] = field(default_factory=dict)
    files: FileHashes = field(default_factory=dict)
    differs: bool = False
    unrecorded: str = ""
    remarks: list[str] = field(default_factory=list)  # of what is no difference: workbooks of an earlier version
    read: int = 0  # files that were read in this run
    computed: list[str] = field(default_factory=list)  # months whose close was computed anew in this run
    seen: SeenRows = field(default_factory=SeenRows)


@contextmanager
def know_verified(home: Home, full: bool, now: datetime) -> Iterator[Verified]:
    """Know what the last run found whole (nothing but rows, if `full`), and record the run as an act when it ends. The
    caller changes what is known to what it found; `closes`, `books` and `seen` are kept as it leaves them.

    Where it cannot be recorded, `unrecorded` says why: a journal that does not open, a home that may only be read,
    another who writes in it for long.
    """
    last = _read(home)
    verified = Verified(seen=last.seen) if full else last
    with remember_hashes(verified.files) as found:
        yield verified
    kept_in = (f"{home.path}/", *([f"{storage}/"] if (storage := home.config.ledger.storage.rstrip("/")) else []))
    own = (path for path in found if path.startswith(kept_in) and "/.spill-" not in path)
    inside = {path: found[path] for path in own}
    verified.read = sum(verified.files.get(path) != kept for path, kept in inside.items())
    kept = {
        "closes": verified.closes,
        **verified.seen.as_json(),
        "books": verified.books,
        "files": {path: one for path, one in inside.items() if one[0]},
    }
    data = json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()
    details = f"{'full, ' if full else ''}files {len(inside)}, closes {len(verified.closes)}"
    details += LOST if last.differs else ""
    try:
        if begins_anew(home):
            return
        with lock_for_writing(home), own_journal(home) as journal:
            record_run(home, journal, data, details, now)
    except (Busy, JournalError, DBAPIError, OSError) as error:
        verified.unrecorded = str(getattr(error, "orig", error))


def _read(home: Home) -> Verified:
    """What the file says when it is the one that the last run recorded; else nothing, so that all is read again."""
    try:
        if begins_anew(home):
            return Verified()
        with own_journal(home) as journal:
            acts = find_chained_acts(journal.database, VERIFY)
    except (JournalError, DBAPIError, OSError):
        return Verified()  # told by `verify`
    data = read_record(acts, home)
    if data is None:
        return Verified(differs=has_lost_record(acts, home))
    kept = json.loads(data)
    files = {path: (state, digest) for path, (state, digest) in kept["files"].items()}
    return Verified(kept["closes"], kept["books"], files, seen=SeenRows.read(kept))
