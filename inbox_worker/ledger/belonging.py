"""Proof that a journal and the files of a home belong together: asked whenever a home is opened.

A journal older than its files would give numbers again, one newer than its files names facts that are gone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import is_read_only
from inbox_worker.core.hashes import is_kept, storage_of
from inbox_worker.core.model import FactFile
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import traces_of_a_past, unnamed_facts
from inbox_worker.ledger.mark import JournalHead, Mark
from inbox_worker.ledger.place import journal_of
from inbox_worker.ledger.storage import FOLDERS, LedgerStorage
from inbox_worker.settings.home import Home

_LOG = logging.getLogger(__name__)
_DIGITS = 64  # of the name that a letter has in the archive
_TOGETHER = (
    "Restore both from one backup; a journal elsewhere is named in INBOX_WORKER_JOURNAL: name it alike for the service "
    "and for commands"
)
_KNOWINGLY = (
    "If this journal is the last one there is, `inbox-worker ledger accept-journal --reason TEXT` moves aside what it "
    "does not name and goes on from it"
)


@contextmanager
def own_journal(home: Home) -> Iterator[Journal]:
    """Open the journal of a home's files and mark its commits. Raise JournalError when it belongs to other files."""
    journal = journal_of(home)
    follow_own_files(journal, home.ledger, home.archive)
    try:
        yield journal
    finally:
        journal.database.dispose()


def record_alone(
    journal: Journal, act: str, subject: str, now: datetime, *, who: str = "", details: str, before: str = ""
) -> None:
    """Record an act that changes nothing else, in a transaction of its own."""
    with journal.transaction() as connection:
        record_act(connection, act, subject, now, who=who, details=details, before=before)


def follow_own_files(journal: Journal, ledger: Path, archive: Path) -> None:
    """Raises JournalError, and gives the journal back, when it is not that of these files; marks it from now on."""
    mark = Mark(ledger)
    try:
        compare(journal, mark, ledger, archive)
    except BaseException:
        mark.close()
        journal.database.dispose()
        raise
    journal.database.follow(mark)


def compare(journal: Journal, mark: Mark, ledger: Path, archive: Path) -> None:
    """Raises JournalError when the journal is older or newer than the files, or another home's.

    The mark is asked first: it follows the commits, so a journal asked after it is never behind it. A journal that is
    ahead of it (a kill, another process that has just committed) is marked when all that it names is there.
    """
    marked = mark.read()
    head = journal.database.head()
    if marked is None:
        _require_nothing_later(journal, head, ledger, archive)
        if last := journal.facts.last():
            _is_there(ledger, last)
        if head.commits and not _begins_as_copy(journal, head, ledger):
            _refuse_without_mark(mark, head)
        if journal.arrivals.has_arrivals():  # of an earlier version, which made no marks
            _LOG.warning("%s is new: the journal is taken for that of these files, at %s", mark.path, head.last)
    elif marked.journal != head.journal:
        raise JournalError(
            f"it is the journal of another home: {mark.path} names another one. {_TOGETHER}. {_KNOWINGLY}"
        )
    elif head.commits < marked.commits or (head.commits == marked.commits and head.head != marked.head):
        raise JournalError(
            f"the journal is older than the files of this home: it knows {head.last}, and {mark.path} says that they "
            f"went on to {marked.last}. Numbers would be given again. {_TOGETHER}. {_KNOWINGLY}"
        )
    elif head.commits > marked.commits:
        _all_there(journal, marked, ledger, archive)
    if (marked is None or head.commits > marked.commits) and not is_read_only(ledger):
        mark.write(head)


def _begins_as_copy(journal: Journal, head: JournalHead, ledger: Path) -> bool:
    """Tell whether nothing of a ledger is here yet, and all that the journal names is in the storage: another machine
    begins. Raises JournalError when the storage lacks some, or has what came after all that the journal knows."""
    storage = storage_of(ledger / FOLDERS[0] / "any")
    if not isinstance(storage, LedgerStorage) or next(traces_of_a_past(ledger, ledger / FOLDERS[0]), None):
        return False
    named = {storage.name(ledger / file.path, file.sha256): ledger / file.path for file in journal.facts.since(0)}
    there = storage.list_objects()  # after: what another machine posts meanwhile is put there before it is named
    known = journal.database.head().arrival
    if lacking := next((path for name, path in named.items() if name not in there), None):
        raise _newer(lacking)
    for name in sorted(there.keys() - named.keys()):
        if number_of(name.rpartition("/")[2].partition("-")[2]) > known:
            raise JournalError(
                f"the journal is older than the storage of this home: it knows {head.last}, and {storage.shown}/{name} "
                f"is of a later arrival. Numbers would be given again. {_TOGETHER}"
            )
    return True


def _require_nothing_later(journal: Journal, head: JournalHead, ledger: Path, archive: Path) -> None:
    """Raises JournalError when files lie here that came after all that the journal knows."""
    if not journal.arrivals.has_arrivals() and (trace := next(traces_of_a_past(ledger, archive), None)):
        raise JournalError(
            f"the journal is empty, and {trace} is there: it is the journal of another home, or of another day than "
            f"these files. {_TOGETHER}"
        )
    for file in unnamed_facts(ledger, journal.facts.find_paths()):
        if number_of(file.stem.partition("-")[2]) > head.arrival:
            raise JournalError(
                f"the journal is older than the files of this home: it knows {head.last}, and {file} is of a later "
                f"arrival. Numbers would be given again. {_TOGETHER}. {_KNOWINGLY}"
            )
    if letter := next(letters_since(journal, archive), None):
        raise JournalError(
            f"the journal is older than the files of this home: it knows {head.last}, and {letter} came later. Numbers "
            f"would be given again. {_TOGETHER}. {_KNOWINGLY}"
        )


def letters_since(journal: Journal, archive: Path) -> Iterator[Path]:
    """Find letters in the archive that no arrival names and that were stored after the last one that has a number."""
    a = t.arrivals.c
    with journal.database.connect_for_queries() as connection:
        named = set(connection.execute(select(a.raw)).scalars())
        last = connection.execute(select(a.raw).order_by(a.number.desc()).limit(1)).scalar()
    since = _modified_at(archive / last) if last else 0
    for place in sorted(archive.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*")):
        unnamed = len(place.name) == _DIGITS and place.relative_to(archive).as_posix() not in named
        if unnamed and place.is_file() and _modified_at(place) > since:
            yield place


def _modified_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _refuse_without_mark(mark: Mark, head: JournalHead) -> None:
    """A journal that has committed had a mark then: one that is lost says nothing of what came since."""
    state = "says nothing any more" if mark.path.exists() else "is not there any more"
    raise JournalError(
        f"{mark.path} {state}, so nobody can tell whether the journal, that knows {head.last}, is as new as the files: "
        "an older one would give numbers again. If the mark alone was lost (no backup holds it), `inbox-worker ledger "
        "accept-journal --reason TEXT` writes it anew, and moves aside what the journal does not name. Else restore "
        "journal and files from one backup"
    )


def _all_there(journal: Journal, since: JournalHead, ledger: Path, archive: Path) -> None:
    """What the journal names beyond a marked state. Bytes are there before they are named, so no kill breaks this."""
    for file in journal.facts.since(since.sequence):
        _is_there(ledger, file)
    raw = select(t.arrivals.c.raw).where(t.arrivals.c.number > since.arrival).order_by(t.arrivals.c.number)
    with journal.database.connect_for_queries() as connection:
        letters = list(connection.execute(raw).scalars())
    for place in letters:
        if not (archive / place).is_file():
            raise _newer(archive / place)


def _is_there(ledger: Path, file: FactFile) -> None:
    if not is_kept(ledger / file.path, file.sha256):
        raise _newer(ledger / file.path)


def _newer(path: Path) -> JournalError:
    return JournalError(
        f"the journal names {path}, which is not there: it is the journal of another home, or of another day, newer "
        f"than the files of this one. {_TOGETHER}"
    )


def number_of(submission: str) -> int:
    """Return the arrival's number out of a submission's, 'IW-000012-1'; 0 for none."""
    digits = submission.partition("-")[2].partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
