"""Outcomes of deliveries: answers to letters, what staff handed over; what arrived is put into `sent` (10.12).

What went goes into `sent` byte for byte, whatever was saved over the file meanwhile. The bytes that left are in the
letter's copy under archive/letters, in the exchange folder, or, where neither holds them (a bill that left under a
password, a document handed over on paper), in archive/leaving until the file is in `sent`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_file, sha256, sha256_file, sync_folder, write_atomic
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import PROGRAM, Documents, DocumentState, Move, Proof, Version
from inbox_worker.ledger.staff_rows import HANDOVER, describe_handover
from inbox_worker.month.office import Office
from inbox_worker.outbox.folder_manifests import name_unwritable
from inbox_worker.outbox.manifest import first_name
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import find_finished, look_through, move_file, read_approved
from inbox_worker.outbox.trouble import Trouble, trouble_of

_CODES = {LetterState.UNCERTAIN: "uncertain", LetterState.REFUSED: "refused", LetterState.BOUNCED: "bounced"}
_SERVERS_TRY = timedelta(days=5)  # RFC 5321, 4.5.4.1
OPEN = (LetterState.QUEUED, LetterState.UNCERTAIN, LetterState.REFUSED, LetterState.DROPPED)
LETTER_WAITS = "outbox.letter_waits"
_LEAVING = "leaving"


class MailedGone(JobError):
    """The file was changed, and the bytes that left are nowhere any more; the text names the version's file."""


def settle(office: Office, now: datetime) -> list[Problem]:
    """Take up what became of letters, put what arrived into `sent`, return the letters that people must see to."""
    out, letters = office.journal.documents, office.journal.letters
    waiting = [proof for proof in out.proofs(states=OPEN) if proof.letter]
    found = {number: letters.find(number) for number in sorted({proof.letter for proof in waiting})}
    with office.journal.transaction() as connection:
        for proof in waiting:
            letter = found[proof.letter]
            if letter is None:
                continue
            values = {"state": letter.state.of_document.value, "answer": letter.last_answer, "path": letter.path}
            if values != {"state": proof.state.value, "answer": proof.answer, "path": proof.path}:
                out.settle(connection, proof.letter, **values, sent_at=letter.sent_at)
    return [*_put_away(office, out, now), *list_letter_problems(office, now)]


def record_handed_over(
    office: Office, versions: Sequence[Version], note: str, who: str, now: datetime, given: datetime | None = None
) -> list[Problem]:
    """Record that staff gave documents out of hand (on paper, on a stick), and put them into `sent`; `given`: when,
    where that was before now: terms run from it (4.3.7). One that was changed since the last look is not recorded:
    nobody knows which of the two was handed over."""
    out, at = office.journal.documents, stamp(now)
    read = {version: read_approved(office, version) for version in versions if version.state is DocumentState.APPROVED}
    versions = [version for version in versions if read.get(version, b"") is not None]
    for data in read.values():
        if data is not None:
            keep_leaving(office, data)
    with office.journal.transaction() as connection:
        for version in versions:
            sent_at, now_is = stamp(given or now), version.sha256_now
            proof = Proof(version.id, "hand", who, LetterState.SENT, at, sent_at=sent_at, answer=note, sha256=now_is)
            out.prove(connection, proof)
            details = describe_handover(note, sent_at)
            record_act(connection, HANDOVER, version.place, now, who=who, details=details)
    return _put_away(office, out, now)


def _put_away(office: Office, out: Documents, now: datetime) -> list[Problem]:
    """What reached everybody lies in `sent`; the version that it revises is marked. What cannot be moved is told."""
    moved, problems = False, list[Problem]()
    done = find_finished(out.proofs(months=out.months_with((DocumentState.APPROVED,))))
    for version in out.versions((DocumentState.APPROVED,)) if done else ():
        source, target = office.home.outbox / version.place, office.home.outbox / version.place_in(DocumentState.SENT)
        if version.id in done and _complete(office, out, version) and source.is_file() and not target.exists():
            try:
                _put_into_sent(office, out, version)
            except FileNotFoundError:  # moved meanwhile: the next look tells
                continue
            except MailedGone:
                problems.append(Problem("outbox.mailed_gone", version.place, version.id))
                continue
            except (PermissionError, FileExistsError, NotADirectoryError) as error:
                problems.append(name_unwritable(office, target, error))
                continue
            _mark_revised(office, out, version, now)
            moved = True
    if moved:
        look_through(office, now, PROGRAM)
    return problems


def _complete(office: Office, out: Documents, version: Version) -> bool:
    """Tell whether every way to the Customer was gone; what was handed out needs no other."""
    ways = {proof.way for proof in out.proofs(version.id)}
    if office.rules.delivery.kind(version.kind).to != "customer":
        return True
    return "hand" in ways or ways >= set(office.rules.delivery.ways_to(version.bin))


def _mark_revised(office: Office, out: Documents, version: Version, now: datetime) -> None:
    if version.revision == 1:
        return
    for old in out.versions((DocumentState.SENT,), [version.month]):
        same = (old.bin, first_name(old.name)) == (version.bin, first_name(version.name))
        if same and old.revision < version.revision and "revised_by" not in old.entry:
            note = f"revised by {version.name}"
            with office.journal.transaction() as connection:
                out.change(connection, old.id, entry={**old.entry, "revised_by": version.name})
                out.add_move(
                    connection, Move(old.id, "sent", DocumentState.SENT, PROGRAM, stamp(now), old.sha256_now, note)
                )


def list_letter_problems(office: Office, now: datetime, bills_of: str = "") -> list[Problem]:
    """List letters that may have arrived or not, were refused, came back or are late, and were not handed out since.

    `bills_of` a month: of its bills, else of documents: many consumers' addresses are wrong, every month. A report of
    delay is told as long as mail servers go on trying; after that they report again.
    """
    out, months = office.journal.documents, [bills_of] if bills_of else None
    proofs = out.proofs(states=tuple(_CODES), months=months)
    late = _late(office, now)
    proofs += [proof for proof in out.proofs(states=[LetterState.SENT], months=months) if proof.letter in late]
    problems = []
    for proof in proofs:
        version = out.version(proof.document)
        handed_over = any(other.way == "hand" for other in out.proofs(proof.document))
        if version and bool(version.account) == bool(bills_of) and not handed_over:
            code, said = _CODES.get(proof.state, ""), proof.answer
            if not code:
                code, said = late[proof.letter]
            trouble = Trouble.UNCERTAIN if proof.state is LetterState.UNCERTAIN else trouble_of(said)
            more = f"{proof.recipient}: {said}"
            number = (
                0 if proof.state is LetterState.SENT else version.id
            )  # anybody can write a report: it stops nothing
            problem = Problem(f"outbox.letter_{code}", version.place, number, more, letter=proof.letter)
            problems.append(replace(problem, trouble=trouble.value))
    return problems if bills_of else [*problems, *_find_dropped(out)]


def list_waiting_letters(office: Office, documents: Collection[int]) -> list[Problem]:
    """List letters with these documents that the mail server was asked to take and did not yet, with its words."""
    out, again = office.journal.documents, {d.id: d for d in office.journal.letters.all([LetterState.RETRY])}
    proofs = [p for p in out.proofs(states=[LetterState.QUEUED]) if p.document in documents and p.letter in again]
    return [
        Problem(LETTER_WAITS, version.place, more=again[proof.letter].last_answer, letter=proof.letter)
        for proof in proofs
        if (version := out.version(proof.document))
    ]


def _find_dropped(out: Documents) -> list[Problem]:
    """Approved documents all of whose letters were dropped: nothing would ever become of them unseen."""
    proofs = dict[int, list[Proof]]()
    for proof in out.proofs(months=out.months_with((DocumentState.APPROVED,))):
        proofs.setdefault(proof.document, []).append(proof)
    found = []
    for version in out.versions((DocumentState.APPROVED,)):
        own = proofs.get(version.id, [])
        if (
            own
            and not (version.account or version.is_receipt)
            and all(proof.state is LetterState.DROPPED for proof in own)
        ):
            more = f"{own[-1].recipient}: {own[-1].answer}"
            found.append(Problem("outbox.letter_dropped", version.place, more=more))
    return found


def _late(office: Office, now: datetime) -> dict[int, tuple[str, str]]:
    """Letters that a mail server still tries to hand over, or that an unconfirmed report is about, with the words."""
    since = stamp(now - _SERVERS_TRY)
    return {
        found.delivery: ("unconfirmed" if found.fate == "unconfirmed" else "delayed", found.said)
        for found in office.journal.letter_reports.all()
        if found.at > since
    }


def keep_leaving(office: Office, data: bytes) -> None:
    """Keep bytes that neither a letter nor the exchange folder will hold."""
    path = _kept_path(office, sha256(data))
    if not path.exists():
        write_atomic(path, data)


def _hash_as_left(out: Documents, version: Version) -> str:
    """What the proofs say left; what was approved, of proofs that do not say."""
    arrived = [p for p in out.proofs(version.id) if p.state in (LetterState.SENT, LetterState.BOUNCED) and p.sha256]
    return max(arrived, key=lambda proof: proof.sent_at).sha256 if arrived else version.sha256_now


def _put_into_sent(office: Office, out: Documents, version: Version) -> None:
    """Put what was mailed into `sent`. Raises FileNotFoundError when the file was moved away, MailedGone, OSError.

    The file itself is moved when its bytes are those that left. If not, those are written into `sent`, and the file
    stays: the next look takes it up as a version of its own.
    """
    source, target = office.home.outbox / version.place, office.home.outbox / version.place_in(DocumentState.SENT)
    left = _hash_as_left(out, version)
    if sha256_file(source) == left:
        move_file(office, source, target, DocumentState.SENT)
        if sha256_file(target) != left:  # saved while it was being moved
            _move_back(office, target, source)
    if not target.exists():
        data = _as_left(office, out, version, left)
        if data is None:
            raise MailedGone(str(source))
        write_atomic(target, data)
    _kept_path(office, left).unlink(missing_ok=True)


def _move_back(office: Office, target: Path, source: Path) -> None:
    """An edit goes back where people look for it; if a newer one is there, it is kept under archive/replaced."""
    if source.exists():
        source = office.home.archive / "replaced" / f"{sha256_file(target)}{target.suffix}"
        source.parent.mkdir(parents=True, exist_ok=True)
    target.replace(source)
    sync_folder(source.parent)
    sync_folder(target.parent)


def _as_left(office: Office, out: Documents, version: Version, left: str) -> bytes | None:
    with suppress(OSError):
        data = read_file(_kept_path(office, left))
        if sha256(data) == left:
            return data
    for proof in out.proofs(version.id):
        with suppress(OSError):
            found = _of_proof(office, proof, left)
            if found is not None:
                return found
    return None


def _of_proof(office: Office, proof: Proof, left: str) -> bytes | None:
    if not proof.path:
        return None
    if proof.way == "folder":
        candidates = [read_file(office.home.path / proof.path)]
    else:
        letter = read_file(office.home.archive / proof.path)  # an answer to a sender is its letter itself
        parts = (part for part in message_from_bytes(letter).walk() if part.get_filename())
        found = (part.get_payload(decode=True) for part in parts)
        candidates = [letter, *(data for data in found if isinstance(data, bytes))]
    return next((data for data in candidates if sha256(data) == left), None)


def _kept_path(office: Office, digest: str) -> Path:
    return office.home.archive / _LEAVING / digest
