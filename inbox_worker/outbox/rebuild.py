"""`ledger restore`: a ledger out of ledger workbooks and the archive, made beside its place in an empty home and put
there when all of it is proven: rows and letters by their hashes, closes computed anew, workbooks cell by cell."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import make_folder
from inbox_worker.documents.whole_months import find_gaps, read_months
from inbox_worker.ledger.place import RESTORING
from inbox_worker.ledger.rebuilt_letters import find_certificates, find_later, take_letters
from inbox_worker.ledger.rebuilt_place import clear_unfinished, install_ledger, require_empty
from inbox_worker.ledger.storage import follow_storage
from inbox_worker.month.rebuilding import write_ledger
from inbox_worker.outbox.rebuilt_proof import RebuiltProof, prove_ledger
from inbox_worker.settings.home import Home

_MOST_NAMED = 20


@dataclass(frozen=True)
class RebuiltLedger:
    """Say what became of it. `problems`: what is not what was written, and then nothing was put into the home;
    `undecided`: letters that posted nothing, or of which a form did not; `later`: letters that came after the last
    close; `notes`: closes that come out otherwise by the rules of now; `rows`: by month, the hash of its lines;
    `destroyed`: letters that were destroyed, with number and day of their certificate; `lacking`: workbooks of
    Customers that are gone."""

    months: tuple[str, ...]
    problems: tuple[str, ...]
    ended_before: bool = False
    undecided: tuple[int, ...] = ()
    later: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)
    destroyed: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()


def rebuild(home: Home, books: Path, archive: Path, why: str, now: datetime) -> RebuiltLedger:
    """Make the home's ledger of workbooks and an archive. `why`: what is told of letters that are not decided.

    Raises UseError for a home that has a ledger, or no workbooks; whatever goes wrong, nothing is put into the home.
    """
    ended_before = clear_unfinished(home)
    require_empty(home)
    read = read_months(books)
    months = tuple(one.month for one in read)
    certificates, wrong = find_certificates((books.parent, home.ledger), archive)
    if problems := [*(what for one in read for what in one.problems), *find_gaps(books, read), *wrong]:
        return RebuiltLedger(months, tuple(problems), ended_before)
    staging = home.path / RESTORING
    built = Home(staging, home.config, f"sqlite:///{(staging / 'ledger' / 'journal.db').absolute()}")
    make_folder(built.ledger)
    follow_storage(built)
    try:
        carried = write_ledger(built, [(one.head, one.tables) for one in read], why, now, certificates)
        problems = list(take_letters(carried, archive, built.archive))
        proof = RebuiltProof(problems, []) if problems else prove_ledger(home, built, books, months)
        problems = proof.problems
        if not problems:
            later = tuple(find_later(carried, archive))
            install_ledger(home, built, books, archive)
            rows = {one.month: one.hashes["close lines"] for one in read}
            undecided = tuple(carried.find_undecided())
            gone = {f"IW-{number:06d}": f"{one.number} {one.destroyed_at[:10]}"
                    for number, (one, _) in sorted(carried.find_destroyed().items())}  # fmt: skip
            return RebuiltLedger(
                months, (), ended_before, undecided, later, tuple(proof.notes), rows, gone, tuple(proof.lacking)
            )
    finally:
        shutil.rmtree(built.path, ignore_errors=True)
    return RebuiltLedger(months, tuple(problems[:_MOST_NAMED]), ended_before)
