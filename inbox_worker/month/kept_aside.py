"""Files that were moved aside into `ledger/leftover`: no certificate reaches them, so what it destroyed or took out may
still lie there (4.1.12, 8.10). Nothing is changed here: they may be proofs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inbox_worker.core.hashes import hash_of
from inbox_worker.ledger.destroyed import GONE
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import FOLDER, list_aside
from inbox_worker.ledger.personal_data import find_named_aside
from inbox_worker.ledger.verify import LedgerProblem

_LOOK = "look at it, and delete it: no command does"
_LEFT = (
    "files in ledger/{folder} that were moved aside and are read by nothing: {count}; they may hold names that are "
    "taken out elsewhere: look at them, and delete what is no proof any more"
)


def find_destroyed_aside(journal: Journal, home: Path) -> Iterator[LedgerProblem]:
    """Find files that were moved aside and are, or hold, what a certificate destroyed."""
    ledger, of_hash, of_account = home / "ledger", dict[str, int](), dict[str, int]()
    if not (ledger / FOLDER).is_dir():
        return
    for one in journal.destroyed.all():
        if one.state in GONE:
            items = journal.destroyed.items(one.number)
            of_hash |= {file.sha256: one.number for file in items.files}
            of_hash |= {file.old_sha256: one.number for file in items.rewritten}
            of_account |= {account.account: one.number for account in items.accounts}
    found = {path: of_account[min(named)] for path, named in find_named_aside(ledger, of_account)}
    found |= {path: of_hash[digest] for path in list_aside(ledger) if (digest := hash_of(path)) in of_hash}
    for path, number in sorted(found.items()):
        what = f"may hold what certificate {number} destroyed or took out"
        yield LedgerProblem(path.relative_to(home).as_posix(), what, "", _LOOK)


def tell_aside(ledger: Path) -> Iterator[str]:
    """Tell how many files were moved aside."""
    if count := len(list_aside(ledger)):
        yield _LEFT.format(count=count, folder=FOLDER)
