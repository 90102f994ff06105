"""`ledger restore`: a ledger out of ledger workbooks and the archive, made beside its place in an empty home and put
there when all of it is proven: rows and letters by their hashes, closes computed anew, workbooks cell by cell."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import make_folder, sync_disk, sync_folder
from inbox_worker.documents.whole_months import find_gaps, read_months
from inbox_worker.ledger.place import RESTORING
from inbox_worker.ledger.rebuilt_letters import find_later, take_letters
from inbox_worker.month.rebuilding import write_ledger
from inbox_worker.outbox.rebuilt_proof import prove_ledger
from inbox_worker.settings.home import Home

_MOVING = "moving"
_BOOKS = "books"
_OF_A_NEW_HOME = (_BOOKS, ".lock")  # in the folder `ledger`
_JOURNAL = "journal.db"
_MOST_NAMED = 20


@dataclass(frozen=True)
class RebuiltLedger:
    """Say what became of it. `problems`: what is not what was written, and then nothing was put into the home;
    `undecided`: letters that posted nothing, or of which a form did not; `later`: letters that came after the last
    close; `notes`: closes that come out otherwise by the rules of now; `rows`: by month, the hash of its lines."""

    months: tuple[str, ...]
    problems: tuple[str, ...]
    ended_before: bool = False
    undecided: tuple[int, ...] = ()
    later: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)


def rebuild(home: Home, books: Path, archive: Path, why: str, now: datetime) -> RebuiltLedger:
    """Make the home's ledger of workbooks and an archive. `why`: what is told of letters that are not decided.

    Raises UseError for a home that has a ledger, or no workbooks; whatever goes wrong, nothing is put into the home.
    """
    ended_before = _clear(home)
    _require_empty(home)
    read = read_months(books)
    months = tuple(one.month for one in read)
    if problems := [*(what for one in read for what in one.problems), *find_gaps(books, read)]:
        return RebuiltLedger(months, tuple(problems), ended_before)
    built = Home(home.path / RESTORING, home.config)
    make_folder(built.ledger)
    try:
        carried = write_ledger(built, [(one.head, one.tables) for one in read], why, now)
        problems = list(take_letters(carried, archive, built.archive))
        notes: list[str] = []
        if not problems:
            problems, notes = prove_ledger(home, built, books, months)
        if not problems:
            later = tuple(find_later(carried, archive))
            _install(home, built, books, archive)
            rows = {one.month: one.hashes["close lines"] for one in read}
            undecided = tuple(carried.find_undecided())
            return RebuiltLedger(months, (), ended_before, undecided, later, tuple(notes), rows)
    finally:
        shutil.rmtree(built.path, ignore_errors=True)
    return RebuiltLedger(months, tuple(problems[:_MOST_NAMED]), ended_before)


def _clear(home: Home) -> bool:
    """Do away with what a restore that was ended left; return whether there was one. The journal is put in its place
    last: without it nothing of what was put there is a ledger."""
    staging = home.path / RESTORING
    if not staging.exists():
        return False
    if (staging / _MOVING).exists() and not (home.ledger / _JOURNAL).exists():
        for path in list(home.ledger.iterdir()):
            if path.name not in _OF_A_NEW_HOME:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(staging)
    return True


def _require_empty(home: Home) -> None:
    if Path(home.journal_url.removeprefix("sqlite:///")) != home.ledger.absolute() / _JOURNAL:
        raise UseError(
            f"`ledger restore` makes the journal in {home.ledger / _JOURNAL}; name sqlite:///ledger/{_JOURNAL} in "
            "config.yaml, and nothing in INBOX_WORKER_JOURNAL"
        )
    for path in sorted(home.ledger.iterdir()) if home.ledger.is_dir() else ():
        if path.name not in _OF_A_NEW_HOME:
            raise UseError(
                f"the home has a ledger already ({path}), and a restore replaces nothing; name an empty home"
            )


def _install(home: Home, built: Home, books: Path, archive: Path) -> None:
    """Put the ledger into the home, the journal last; a kill before it leaves what the next run does away with."""
    sync_disk(built.path)
    (built.path / _MOVING).touch()
    sync_folder(built.path)
    if archive.resolve() != home.archive.resolve():
        shutil.copytree(built.archive, home.archive, dirs_exist_ok=True)
    if books.resolve() != (home.ledger / _BOOKS).resolve():
        shutil.copytree(books, home.ledger / _BOOKS, dirs_exist_ok=True)
    names = sorted((path.name for path in built.ledger.iterdir()), key=lambda name: (name.startswith(_JOURNAL), name))
    for name in names:
        if name not in _OF_A_NEW_HOME:
            (built.ledger / name).rename(home.ledger / name)
    sync_folder(home.ledger)
    sync_disk(home.path)
