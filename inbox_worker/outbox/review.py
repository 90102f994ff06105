"""Review of documents: people move files and folders in the outbox, or give a command; the journal keeps who and when.

Law of order: the file is moved, the journal is told, the manifests follow. A kill between any two leads to the same
end at the next look; a move whose command was killed is then recorded as made in the folder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import SHARED_FOLDER, make_folder, read_file, sha256, sync_folder
from inbox_worker.core.hashes import Hashes
from inbox_worker.core.model import Period
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.approvals import AMEND, APPROVE, PUT_BACK, REJECT, describe_step
from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.render_acts import record_edit
from inbox_worker.ledger.sent_documents import PROGRAM, Documents, DocumentState, Move, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.approvals import find_unapproved
from inbox_worker.outbox.folder_manifests import write_manifests
from inbox_worker.outbox.folders import CustomerFolder, FolderFile, Outbox, keep_replaced, look
from inbox_worker.outbox.manifest import EDIT_OF, EXTRAS, Entry, first_name, revised_name, revision_of
from inbox_worker.outbox.problems import Problem, merge_alike
from inbox_worker.outbox.receipts import follow_step, put_up_receipts, withdraw_receipts
from inbox_worker.outbox.reconcile import (
    ANOTHER,
    BEING_WRITTEN,
    NOT_WHOLE,
    OLD_CLOSE,
    Known,
    Reconciled,
    VersionStep,
    fault_of,
    reconcile,
)
from inbox_worker.outbox.standing import OpenableFiles, Stillness, lines_of

FOLDER, RULE = "folder", "rule"
_ACTS = {
    DocumentState.PENDING: PUT_BACK,
    DocumentState.APPROVED: APPROVE,
    DocumentState.REJECTED: REJECT,
    DocumentState.SENT: "put into sent",
}
_HASHES, _STILLNESS, _WHOLE = Hashes(), Stillness(), OpenableFiles()
_SEEN_IN_PASSING = ("outbox.gone", "outbox.twice")  # a file moved between our looks at two folders seems to be so
_MISPLACED = ("outbox.not_ours", "outbox.half_made", "outbox.astray", "outbox.twice", "outbox.destroyed", ANOTHER)
_NOT_THERE = ("outbox.gone", "outbox.receipt_gone")
_FINAL = (LetterState.SENT, LetterState.DROPPED, LetterState.BOUNCED)


class ReviewError(JobError):
    """A document cannot be treated as asked; the text tells why."""


def look_through(office: Office, now: datetime, who: str = FOLDER, everything: bool = False) -> Reconciled:
    """Take up what people moved or changed since the last look and records it, moved by `who`, at once.

    Months in which nothing waits or leaves are looked at only when `everything` is: what was sent years ago too.
    What is not legal is in the problems, and nothing is done about it. Use inside `office.lock_for_writing`.
    """
    out, unwritten = office.journal.documents, put_up_receipts(office, now)
    outbox, found = _compare(office, out, now, everything)
    if any(problem.code in _SEEN_IN_PASSING for problem in found.problems):  # moved while we looked?
        outbox, found = _compare(office, out, now, everything)
    if found.steps:
        with office.journal.transaction() as connection:
            for step in found.steps:
                _record(out, connection, step, outbox, who, now)
                follow_step(connection, office, step)
    if any(not step.was for step in found.steps):  # a problem names its version, and what was new has a number now
        outbox, again = _compare(office, out, now, everything)
        found.problems, found.writing = again.problems, again.writing
    found.problems += [*unwritten, *find_unapproved(office), *write_manifests(office, outbox)]
    return found


def find_misplaced(office: Office, now: datetime, gone: bool = False) -> list[Problem]:
    """Return what lies in the outbox where it may not, and with `gone` what waits and is not there, for people to
    mend; nothing is taken up or changed."""
    found: list[Problem] = []
    for _ in range(2):  # a file that is moved while we look seems to be in two places
        _, seen = _compare(office, office.journal.documents, now, everything=True, withdraw=False)
        found = [one for one in seen.problems if one.code in _MISPLACED or (gone and _waits_nowhere(one))]
        if not found:
            break
    return merge_alike(found)


def _waits_nowhere(problem: Problem) -> bool:
    return problem.code in _NOT_THERE and problem.path.startswith(f"{DocumentState.PENDING}/")


def _compare(
    office: Office, out: Documents, now: datetime, everything: bool, withdraw: bool = True
) -> tuple[Outbox, Reconciled]:
    """Look at both sides, and at files with bytes that we did not make; then compare."""
    withdrawn = withdraw_receipts(office) if withdraw else set()
    waiting = (DocumentState.PENDING, DocumentState.APPROVED)
    outbox = look(office.home.outbox, _HASHES, None if everything else out.months_with(waiting))
    months, quiet = outbox.months, office.home.config.folders.quiet_seconds
    versions = out.versions(months=months)
    held = {v.sha256_now for v in versions if v.state in (DocumentState.APPROVED, DocumentState.SENT)}
    ours, files, new = held | {v.sha256 for v in versions}, list[FolderFile](), set[str]()
    for file in outbox.files:
        if file.place.state == DocumentState.APPROVED and file.sha256 not in ours:
            new.add(file.sha256)
            file = _look_into(file, quiet, now)
        files.append(file)
    proved, closes = find_finished(out.proofs(months=months)), office.journal.closes.find_current_hashes()
    known = Known(versions, out.begun(months), proved, withdrawn, out.with_bytes(new), closes)
    return outbox, reconcile(replace(outbox, files=tuple(files)), known)


def _look_into(file: FolderFile, quiet_seconds: float, now: datetime) -> FolderFile:
    """Add what is known of a file made by hand only from within: that it still changes or does not open, how many
    lines a text has, the Message-ID of a letter."""
    try:
        if not _STILLNESS.is_still(file.path, quiet_seconds, now):
            return replace(file, fault=BEING_WRITTEN)
        fault, data = "" if _WHOLE.is_whole(file.path) else NOT_WHOLE, read_file(file.path)
    except OSError:  # moved or closed to us meanwhile: the next look tells
        return replace(file, fault=BEING_WRITTEN)
    is_letter = file.path.suffix.lower() == ".eml"
    message_id = str(message_from_bytes(data)["Message-ID"] or "").strip() if is_letter else None
    return replace(file, fault=fault, lines=lines_of(file.name, data), message_id=message_id)


def unfit_to_move(office: Office, versions: Sequence[Version], now: datetime) -> list[Problem]:
    """Return problems of those that a command leaves alone: changed by hand, and still changing, not whole or another
    document; or rejected, and of a close that does not stand any more."""
    problems, out, quiet = [], office.journal.documents, office.home.config.folders.quiet_seconds
    closes = office.journal.closes.find_current_hashes()
    for version in versions:
        standing = closes.get(version.month) if version.state is DocumentState.REJECTED else None
        if standing is not None and is_of_old_close(version.kind, version.entry.get("made_of", {}), standing):
            problems.append(Problem(OLD_CLOSE, version.place, version.id, version.month))
            continue
        if not (version.amended or EDIT_OF in version.entry):
            continue
        place = CustomerFolder(version.state.value, version.month, version.folder)
        file = FolderFile(place, version.name, office.home.outbox / version.place, version.sha256_now)
        others = (v for v in out.with_bytes([version.sha256_now]).get(version.sha256_now, ()) if v.key != version.key)
        if other := next(others, None):
            problems.append(Problem(ANOTHER, version.place, version.id, other.place))
        elif code := fault_of(_look_into(file, quiet, now), version.entry):
            problems.append(Problem(code, version.place, version.id, file.path.suffix))
    return problems


def find_finished(proofs: Sequence[Proof]) -> set[int]:
    """Find versions that reached somebody, and about which nothing is open."""
    arrived = {proof.document for proof in proofs if proof.state in (LetterState.SENT, LetterState.BOUNCED)}
    return arrived - {proof.document for proof in proofs if proof.state not in _FINAL}


@dataclass(frozen=True)
class Selection:
    """Documents that are asked for: those that fit all that is named. `paths`: files, or folders with all in them;
    `everything`: nothing need be named."""

    paths: Sequence[Path] = ()
    month: Period | None = None
    customer: str = ""
    kinds: Sequence[str] = ()
    everything: bool = False


def chosen(office: Office, states: Collection[DocumentState], selection: Selection = Selection()) -> list[Version]:
    """Return the selected versions in those states."""
    root, wanted = office.home.outbox.resolve(), [path.resolve() for path in selection.paths]
    months = [str(selection.month)] if selection.month else None
    found = []
    for version in office.journal.documents.versions(tuple(states), months):
        inside = not wanted or any((root / version.place).is_relative_to(one) for one in wanted)
        of_customer = selection.customer in ("", version.bin)
        if inside and of_customer and (not selection.kinds or version.kind in selection.kinds):
            found.append(version)
    return found


def read_approved(office: Office, version: Version) -> bytes | None:
    """Return the file's bytes, if it still is what was approved; None when it was moved or changed meanwhile (the next
    look tells)."""
    try:
        data = read_file(office.home.outbox / version.place)
    except FileNotFoundError:
        return None
    return data if sha256(data) == version.sha256_now else None


def move(office: Office, versions: Sequence[Version], state: DocumentState, who: str, now: datetime) -> Reconciled:
    """Moves files into a state's folders and records it. An unsent file in their way is kept under archive/replaced.

    Give versions as the last look found them. Raises ReviewError when another file lies in the way of one.
    """
    for version in versions:
        source, target = office.home.outbox / version.place, office.home.outbox / version.place_in(state)
        if source != target:
            with suppress(FileNotFoundError):  # a hand was quicker: the look tells where it lies
                move_file(office, source, target, state)
    return look_through(office, now, who)


def approve_edits(office: Office, versions: Sequence[Version], who: str, now: datetime) -> None:
    """Make what was saved over a document while that was being sent its next revision, when people say so."""
    out = office.journal.documents
    for version in versions:
        same = [v for v in out.versions(months=[version.month]) if v.bin == version.bin]
        number = 1 + max(revision_of(v.name) for v in same if first_name(v.name) == first_name(version.name))
        renamed = replace(version, name=revised_name(version.name, number), state=DocumentState.APPROVED)
        with suppress(FileNotFoundError):  # moved meanwhile: the look tells where it is
            source = office.home.outbox / version.place
            move_file(office, source, office.home.outbox / renamed.place, DocumentState.APPROVED)
            entry = {name: value for name, value in version.entry.items() if name != EDIT_OF}
            changed = {"name": renamed.name, "revision": number, "entry": entry, "changed_at": stamp(now)}
            note = f"as {renamed.name}"
            step = Move(
                version.id, version.state.value, DocumentState.APPROVED, who, stamp(now), version.sha256_now, note
            )
            with office.journal.transaction() as connection:
                out.change(connection, version.id, state=DocumentState.APPROVED.value, **changed)
                out.add_move(connection, step)
                subject, said = renamed.place.partition("/")[2], describe_step(step.was, step.sha256, note)
                record_act(connection, APPROVE, subject, now, who=who, details=said)
                record_edit(connection, version.month, version.bin, (version.kind, version.sha256), now)


def move_file(office: Office, source: Path, target: Path, state: DocumentState) -> None:
    """Move one file, durably; nothing in `sent` is ever written over. Raises FileNotFoundError when it is not there."""
    source.stat()
    make_folder(target.parent, SHARED_FOLDER)
    if target.exists():
        if state is DocumentState.SENT:
            raise ReviewError(f"{target} is there already; what was sent stays. Render the month's documents again")
        keep_replaced(office.home.archive, target)
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def approve_by_rule(office: Office, now: datetime, blocked: Collection[int]) -> None:
    """Approve kinds whose rule says `review: no`; what was amended by hand still needs people."""
    free = [kind for kind, rule in office.rules.delivery.kinds.items() if not rule.review]
    waiting = chosen(office, (DocumentState.PENDING,), Selection(kinds=free)) if free else []
    ready = [version for version in waiting if not version.amended and version.id not in blocked]
    if ready:
        move(office, ready, DocumentState.APPROVED, RULE, now)


def _record(out: Documents, connection: Any, step: VersionStep, outbox: Outbox, who: str, now: datetime) -> None:
    version = step.version
    known = {**version.entry, **_read_pending_entry(outbox, version)}
    amended = step.sha256_now not in ("", version.sha256)
    seen = replace(
        version, state=step.state, folder=step.folder, sha256_now=step.sha256_now, changed_at=stamp(now), entry=known
    )
    number = version.id
    if step.was:
        changed = ("folder", "sha256_now", "changed_at", "entry")
        out.change(connection, number, state=step.state.value, **{name: getattr(seen, name) for name in changed})
    else:
        number = out.add(connection, seen)
    by = (
        PROGRAM
        if step.state is DocumentState.REPLACED or (not step.was and step.state is DocumentState.PENDING)
        else who
    )
    if EDIT_OF in version.entry and not step.was:
        by, amended = PROGRAM, True
    note = "" if not amended else "amended by hand" if step.sha256_now != version.sha256_now else "as amended before"
    sha256 = step.sha256_now or version.sha256_now
    out.add_move(connection, Move(number, step.was, step.state, by, seen.changed_at, sha256, note))
    act = AMEND if step.was == step.state else _ACTS.get(step.state)
    if by not in (PROGRAM, RULE) and act:
        shown = f"{version.month}/{seen.folder}/{version.name}"
        record_act(connection, act, shown, now, who=by, details=describe_step(step.was, sha256, note))


def _read_pending_entry(outbox: Outbox, version: Version) -> Entry:
    """What the manifest in `pending` says of this rendering now: it may be made of newer rules with the same bytes."""
    for place, entries in outbox.entries.items():
        if (place.state, place.month, place.bin) == (DocumentState.PENDING, version.month, version.bin):
            entry = entries.get(version.name, {})
            if entry.get("sha256") == version.sha256:
                return {name: value for name, value in entry.items() if name not in EXTRAS}
    return {}
