"""Destroyed files compared with what is there: nothing half done is called whole, and nothing comes back unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import select

from inbox_worker.core.files import read_file
from inbox_worker.core.hashes import DESTROYED
from inbox_worker.ledger import certificate_tables as t
from inbox_worker.ledger.acts import find_chained_acts
from inbox_worker.ledger.destroyed import (
    BROUGHT_BACK,
    DESTROY,
    FINISH,
    GONE,
    PROPOSE,
    Certificate,
    CertificateState,
    CertifiedItems,
    read_lines,
    read_stated,
    write_line,
    write_lines,
)
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL
from inbox_worker.ledger.verify import LedgerProblem, unread
from inbox_worker.settings.likeness import is_same_person

_FINISH = "`inbox-worker retention destroy {number}` finishes it"
_ASK = "ask who did it: two people destroy (4.1.12)"
_NAMED = 5  # files


def destroyed_problems(journal: Journal, home: Path) -> Iterator[LedgerProblem]:
    """Find destructions that are not finished, destroyed files that are there again, and certificates that are not what
    was recorded."""
    yield from find_changed_certificates(journal)
    known = {one.number: one for one in journal.destroyed.all()}
    for one in known.values():
        named, finish = f"certificate {one.number}", _FINISH.format(number=one.number)
        if one.state is CertificateState.DESTROYING:
            yield LedgerProblem(named, f"of {one.destroyed_at[:10]} is not finished", "", finish)
        elif one.state in GONE:
            yield from _back(home, one.number, [file.path for file in journal.destroyed.files(one.number)])
            if not is_stated(journal, home, one):
                yield LedgerProblem(one.lines, "is not there, or not what the journal says", "", finish)
    shown = DESTROYED.as_posix()
    try:
        stated = read_lines(home)
    except OSError as error:
        yield unread(error)
        return
    except ValueError as error:
        yield LedgerProblem(shown, f"is not what was written: {error}", "", "restore it from the backup")
        return
    unknown = [(one, items) for one, items in stated if one.number not in known or known[one.number].state not in GONE]
    for one, items in unknown:
        yield from _back(home, one.number, [file.path for file in items.files])
    written, place = write_lines(journal.destroyed), home / DESTROYED
    if not unknown and written != (read_file(place) if place.exists() else b""):
        last = max((one.number for one in known.values() if one.state in GONE), default=0)
        yield LedgerProblem(shown, "is not what the journal says", "", _FINISH.format(number=last))


def find_changed_certificates(journal: Journal) -> Iterator[LedgerProblem]:
    """Find certificates, and rows of what each is about, that are not what the acts of two people say."""
    known = {one.number: one for one in journal.destroyed.all()}
    yield from _differ_from_acts(journal, known)
    for one in known.values():
        named = f"certificate {one.number}"
        if journal.destroyed.items(one.number).hash != one.items:
            yield LedgerProblem(named, "names other files than were proposed", named, RESTORE_JOURNAL)
    for table in (t.destroyed_files, t.cleared_accounts, t.rewritten_files):
        of = table.c.certificate
        for number in (row[0] for row in journal.database.rows(select(of).where(of.not_in(known)).distinct())):
            what = f"is named by {table.name}, and there is none in certificates"
            yield LedgerProblem(f"certificate {number}", what, "", RESTORE_JOURNAL)


def find_proven_items(journal: Journal, home: Path, one: Certificate) -> CertifiedItems | None:
    """Return what a certificate is about, as its acts prove it, where rows of the journal were changed out of what is
    written outside of it: nothing where no act says that it was destroyed; None where nothing says it any more."""
    acts = [act for act in find_chained_acts(journal.database, PROPOSE, DESTROY) if act.subject == str(one.number)]
    if not any(act.act == DESTROY for act in acts):
        return CertifiedItems()
    digest = next((act.after for act in reversed(acts) if act.after), one.items)
    rows = journal.destroyed.items(one.number)
    if rows.hash == digest:
        return rows
    for path in (home / one.lines, home / DESTROYED):
        try:
            stated = read_stated(path)
        except (OSError, ValueError):
            continue  # told by `destroyed_problems`
        for _, items in stated:
            if items.hash == digest:
                return items
    return None


def is_stated(journal: Journal, home: Path, one: Certificate) -> bool:
    """Tell whether the archive says of a certificate what the journal says: `ledger restore` has nothing else."""
    path = home / one.lines
    return path.is_file() and read_file(path) == write_line(one, journal.destroyed.items(one.number))


def _differ_from_acts(journal: Journal, known: Mapping[int, Certificate]) -> Iterator[LedgerProblem]:
    """Compare certificates with the chain of acts: it alone says who proposed and who destroyed, and what (4.1.12)."""
    acts = find_chained_acts(journal.database, PROPOSE, DESTROY, FINISH)
    for number in sorted({act.subject for act in acts} - {str(number) for number in known}):
        yield LedgerProblem(f"certificate {number}", "is not there any more, and acts name it", "", RESTORE_JOURNAL)
    for one in known.values():
        named = f"certificate {one.number}"
        own = {act.act: act for act in acts if act.subject == str(one.number)}
        taken_up = DESTROY in own and own[DESTROY].details.endswith(BROUGHT_BACK)
        for act, who, digest, is_said in (
            (PROPOSE, one.proposed_by, one.items, not taken_up),
            (DESTROY, one.destroyed_by, one.items, one.state in GONE),
            (FINISH, one.destroyed_by, one.sha256, one.state is CertificateState.DESTROYED and not taken_up),
        ):
            said = own.get(act)
            if said is None and is_said:
                yield LedgerProblem(named, f"is {one.state.value}, and no act says {act!r}", "", RESTORE_JOURNAL)
            elif said and act != PROPOSE and not is_said and not taken_up:
                yield LedgerProblem(
                    named, f"is {one.state.value}, and act {said.number} says {act!r}", "", RESTORE_JOURNAL
                )
            elif said and said.after not in ("", digest):  # acts of earlier versions name no hash of a proposal
                yield LedgerProblem(named, f"is another than act {said.number} says", "", RESTORE_JOURNAL)
            elif said and said.who != who and act != FINISH and not said.details.endswith(BROUGHT_BACK):
                yield LedgerProblem(named, "names other people than its acts do", named, RESTORE_JOURNAL)
        if one.destroyed_by and is_same_person(one.destroyed_by, one.proposed_by):
            who = " and ".join(dict.fromkeys((one.proposed_by, one.destroyed_by)))
            yield LedgerProblem(named, f"was proposed and destroyed by one person, {who}", "", _ASK)


def _back(home: Path, number: int, paths: list[str]) -> Iterator[LedgerProblem]:
    """Files that a restore of an older backup, or somebody, brought back."""
    there = [path for path in paths if (home / path).exists()]
    if there:
        some = ", ".join(there[:_NAMED]) + (f" and {len(there) - _NAMED} more" if len(there) > _NAMED else "")
        what = f"destroyed what is there again: {some}"
        yield LedgerProblem(f"certificate {number}", what, "", _FINISH.format(number=number))
