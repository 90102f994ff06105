"""Checks of a home's data as a whole: the journal, every file that it names, and what changed since the last
decision. `check` prints them; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_worker.core.errors import JournalError, reason_of
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.backup_places import find_wrong_places
from inbox_worker.ledger.belonging import compare
from inbox_worker.ledger.destroyed import StatedCertificate, read_lines
from inbox_worker.ledger.destroyed_check import destroyed_problems
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.leftover import unnamed_facts
from inbox_worker.ledger.mark import Mark
from inbox_worker.ledger.other_writers import tell_other_writers
from inbox_worker.ledger.place import begins_anew, journal_of
from inbox_worker.ledger.verify import (
    JOURNAL,
    LedgerProblem,
    cannot_be_asked,
    file_problems,
    journal_problems,
    named_files,
    unread,
)
from inbox_worker.month.clock import find_turned_back
from inbox_worker.month.forged_rows import find_forged_rows
from inbox_worker.month.kept_aside import find_destroyed_aside, tell_aside
from inbox_worker.month.rewriting import find_brought_back
from inbox_worker.month.shown_files import tell_unproved
from inbox_worker.month.stored import closes_named, find_storage_problems, tell_unnamed
from inbox_worker.month.watched import find_changes_since
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import rules_version

_DISK = "see that its disk has room and can be written, then try again"  # SQLite says no more than `disk I/O error`


def verify(home: Home, deep: bool, stored: bool = True) -> list[LedgerProblem]:
    """Return everything of a home's data that is not as the journal says. `deep`: every named file is read and
    compared with its hash, in the storage, too, where `stored`; else it must be there. `stored`: places of backups are
    looked at, too; a home that comes out of one is older than it by right."""
    try:
        if begins_anew(home):
            return []
        journal = journal_of(home)
    except JournalError as error:
        return [LedgerProblem(JOURNAL, f"cannot be opened: {error}", "", "until then nothing is decided")]
    except DBAPIError as error:
        remedy = _DISK if isinstance(error, OperationalError) else "restore it from the backup"
        return [LedgerProblem(JOURNAL, f"cannot be opened: {error.orig}", "", remedy)]
    except OSError as error:
        return [unread(error)]
    try:
        broken = journal_problems(journal, deep)
        if cannot_be_asked(broken):
            return broken
        found = file_problems(named_files(journal, home.path), home.path, deep)
        found += [*_close_problems(journal, home.path, deep)]
        back, named = find_brought_back(journal, home.path, _read_stated(home.path), deep)
        forged = find_forged_rows(journal, home.path)
        named |= {problem.file for problem in forged}
        aside = find_destroyed_aside(journal, home.path) if deep else ()
        found = [problem for problem in found if problem.file not in named]
        return [*_belongs(journal, home), *broken, *found, *destroyed_problems(journal, home.path), *forged, *back,
                *aside, *find_storage_problems(journal, home, deep and stored),
                *(find_wrong_places(journal.database) if stored else ())]  # fmt: skip
    finally:
        journal.database.dispose()


def notes(home: Home, *, stored: bool = True) -> list[str]:
    """Return what is no mistake and worth to know: rules and settings changed since the last decision, files that no
    journal names, approved documents that were amended by hand; a clock that was turned back. `stored`: objects of the
    storage, too."""
    try:
        if begins_anew(home):
            return []
        journal = journal_of(home)
    except (JournalError, DBAPIError, OSError):
        return []  # reported by `verify`
    try:
        looks = (
            _compare_versions(journal, home),
            _find_unnamed(journal, home),
            _find_old_closes(journal),
            tell_unnamed(journal, home) if stored else (),
            tell_aside(home.ledger),
            find_changes_since(home.path, journal.database),
            tell_other_writers(journal.database),
            tell_unproved(home, journal.database),
        )
        clock = [str(one) for one in find_turned_back(find_acts(journal.database)) if not one.confirmed]
        return [*clock, *(line for look in (*looks, _find_amended(journal)) for line in look)]
    except (JournalError, DBAPIError) as error:
        return [f"not all that is worth to know could be asked of the journal: {reason_of(error)}"]
    finally:
        journal.database.dispose()


def _close_problems(journal: Journal, home: Path, deep: bool) -> Iterator[LedgerProblem]:
    for close, named in closes_named(journal, home):
        for path, what, remedy in close.problems() if deep else close.missing_files():
            yield LedgerProblem(path.relative_to(home).as_posix(), what, named, remedy)


def _read_stated(home: Path) -> list[StatedCertificate]:
    try:
        return read_lines(home)
    except (OSError, ValueError):
        return []  # told by `destroyed_problems`


def _belongs(journal: Journal, home: Home) -> list[LedgerProblem]:
    mark = Mark(home.ledger)
    try:
        compare(journal, mark, home.ledger, home.archive)
    except JournalError as error:
        return [LedgerProblem(JOURNAL, f"does not belong to these files: {error}", "", "until then nothing is decided")]
    except OSError as error:
        return [unread(error)]
    finally:
        mark.close()
    return []


def _compare_versions(journal: Journal, home: Home) -> Iterator[str]:
    """Compare rules and config with those of the last decision."""
    s = t.submissions.c
    last = select(s.id, s.rules).order_by(s.arrival.desc(), s.ordinal.desc()).limit(1)
    with journal.database.connect_for_queries() as connection:
        decided = connection.execute(last).first()
        config = connection.execute(select(t.journal_state.c.config)).scalar()
    if decided is None:
        return
    rules = rules_version(home.rules)
    if decided.rules != rules:
        yield (
            f"rules have changed since the last decision: {decided.id} was decided by rules {decided.rules}, "
            f"{home.rules} holds rules {rules} now"
        )
    if config and config != home.version:
        yield f"config.yaml has changed since the last decision ({config} then, {home.version} now)"


def _find_unnamed(journal: Journal, home: Home) -> Iterator[str]:
    for path in unnamed_facts(home.ledger, journal.facts.find_paths()):
        yield (
            f"{path.relative_to(home.path)} is named by no journal: left by a kill, or just being written; the next "
            "command that writes moves it to ledger/leftover"
        )


def _find_old_closes(journal: Journal) -> Iterator[str]:
    for version in journal.documents.of_old_closes(journal.closes.find_current_hashes()):
        yield (
            f"outbox/{version.place} is made of a close that does not stand any more; "
            f"`documents {version.month}` makes it anew"
        )


def _find_amended(journal: Journal) -> Iterator[str]:
    for version in journal.documents.find_amended():
        yield f"outbox/{version.place} was amended by hand after it was rendered"
