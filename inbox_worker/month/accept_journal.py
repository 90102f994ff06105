"""The way out of a lost journal: an older one is taken for that of these files, knowingly. What it does not name is
moved aside, nothing is deleted; numbers that were given since are given again, and are printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import JournalError, UseError
from inbox_worker.core.files import free_path, write_atomic
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.belonging import compare, letters_since, record_alone
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import FOLDER, set_aside, unnamed_facts
from inbox_worker.ledger.mark import Mark
from inbox_worker.ledger.place import journal_of
from inbox_worker.ledger.verify import file_problems, kept_files
from inbox_worker.month.stored import closes_named, find_storage_problems
from inbox_worker.settings.home import Home


class AcceptError(UseError):
    """The journal cannot be accepted; the text says why."""


def accept_journal(home: Home, reason: str, who: str, now: datetime) -> list[str]:
    """Make the journal that of the home's files and return what was done. Use inside `lock_for_writing`.

    Raises AcceptError when journal and files belong together already, JournalError when facts, closes or letters that
    it names are gone or changed: figures would be made of what is not there.
    """
    with _unlike(home) as (journal, mark):
        record_alone(journal, "accept journal", str(home.ledger), now, who=who, details=reason)
        return _accept(journal, mark, home, f"{to_almaty(now).isoformat()} {who}: {reason}")


def foresee_accepting(home: Home) -> list[str]:
    """Return what `accept_journal` would do; nothing is written. Raises as it does."""
    with _unlike(home) as (journal, mark):
        aside = [*unnamed_facts(home.ledger, journal.facts.find_paths()), *_unnamed_closes(journal, home)]
        lines = [f"would be moved aside: {path.relative_to(home.path)}" for path in aside]
        return [*lines, *_tell_numbers(journal, mark, home), _tell_state(journal, mark)]


@contextmanager
def _unlike(home: Home) -> Iterator[tuple[Journal, Mark]]:
    """Yield the journal and the mark of a home that do not belong together, where all that the journal names is
    there."""
    journal = journal_of(home)
    mark = Mark(home.ledger)
    try:
        try:
            compare(journal, mark, home.ledger, home.archive)
        except JournalError:
            pass
        else:
            raise AcceptError("the journal and the files of this home belong together; there is nothing to accept")
        _require_files(journal, home)
        yield journal, mark
    finally:
        mark.close()
        journal.database.dispose()


def _require_files(journal: Journal, home: Home) -> None:
    broken = file_problems(kept_files(journal, home.path), home.path, deep=True)
    found = [str(problem) for problem in broken]
    found += [f"{path} {what}" for close, _ in closes_named(journal, home.path) for path, what, _ in close.problems()]
    found += [str(problem) for problem in find_storage_problems(journal, home, deep=True)]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise JournalError(f"this journal cannot be accepted, for it names files that are not so: {found[0]}{more}")


def _accept(journal: Journal, mark: Mark, home: Home, why: str) -> list[str]:
    head, ledger = journal.database.head(), home.ledger
    aside = [set_aside(ledger, path) for path in list(unnamed_facts(ledger, journal.facts.find_paths()))]
    aside += [set_aside(ledger, path) for path in _unnamed_closes(journal, home)]
    _put_closes_in_force(journal, home)
    lines = [f"moved aside: {path.relative_to(home.path)}" for path in aside] + _tell_numbers(journal, mark, home)
    state = _tell_state(journal, mark)
    write_atomic(free_path(ledger / FOLDER / "accepted.txt"), f"{why}\n{state}\n".encode())
    if mark.path.exists():
        lines.append(f"moved aside: {set_aside(ledger, mark.path).relative_to(home.path)}")
    mark.write(head)
    return [*lines, state]


def _tell_numbers(journal: Journal, mark: Mark, home: Home) -> list[str]:
    """Return which numbers will be given again, or which letters the journal does not know."""
    before, head = mark.read(), journal.database.head()
    if before and before.journal == head.journal and before.arrival > head.arrival:
        return [
            f"numbers IW-{head.arrival + 1:06d} to IW-{before.arrival:06d} were given before and will be given again: "
            "their letters are in archive/, tell their senders"
        ]
    unnamed = list(letters_since(journal, home.archive)) if before is None else []
    more = f" and {len(unnamed) - 1} more" if len(unnamed) > 1 else ""
    return [f"letters that the journal does not know; take them in again: {unnamed[0]}{more}"] if unnamed else []


def _tell_state(journal: Journal, mark: Mark) -> str:
    before = mark.read()
    return f"the journal goes on at {journal.database.head().last}" + (
        f"; the mark said {before.last}" if before else ""
    )


def _unnamed_closes(journal: Journal, home: Home) -> list[Path]:
    """Return the closes that the journal does not know."""
    places, named = home.ledger / "closes", {close.folder for close, _ in closes_named(journal, home.path)}
    there = sorted(places.iterdir()) if places.is_dir() else []
    return [folder for folder in there if folder.is_dir() and folder not in named]


def _put_closes_in_force(journal: Journal, home: Home) -> None:
    """Put every close in force under its month."""
    places = home.ledger / "closes"
    in_force = {str(close.month): close.number for close in journal.closes.all() if not close.reopened_at}
    for month, number in in_force.items():
        kept = places / f"{month}.{number}"
        if kept.is_dir() and not (places / month).exists():
            kept.rename(places / month)
