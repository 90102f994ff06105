"""Answers to senders as letters: written from the journal when they leave, or when people review them (4.3.2).

With `reply: review` an answer is a document of the outbox, `<state>/<month>/receipts/<Message-ID>.eml`, and goes the
way of all documents (`transitions.py`). What is its own is here: its letter is known before it is approved, waits in
REVIEW and follows the document; one that needs no review any more, because a later answer tells more or staff decided
about the letter, leaves the folders of review.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from inbox_worker.core.files import SHARED_FOLDER, make_folder, read_file, sha256, sha256_file, write_atomic
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.ledger.letters import NOTICE, Delivery, LetterState, stamp
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.month.witnesses import describe_head
from inbox_worker.outbox.compose import compose
from inbox_worker.outbox.folder_manifests import name_unwritable
from inbox_worker.outbox.folders import RECEIPTS, keep_replaced
from inbox_worker.outbox.letters import LetterGone, file_name, keep_letter
from inbox_worker.outbox.manifest import EDIT_OF, STATES, ManifestProblem, read_entries, write_entries
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.receipt_letter import receipt_letter
from inbox_worker.outbox.receipt_words import ReceiptProblem
from inbox_worker.outbox.reconcile import VersionStep
from inbox_worker.outbox.trouble import Trouble, trouble_of
from inbox_worker.settings.delivery_rules import RECEIPT

PENDING, APPROVED = DocumentState.PENDING, DocumentState.APPROVED
_IN_REVIEW, _WITH_DOCUMENT = (LetterState.REVIEW, ""), (LetterState.DROPPED, "rejected in the outbox")
_WORDS = 40_000  # bytes of a letter beside its workbooks


def write_letter(office: Office, delivery: Delivery, now: datetime, server_takes: int = 0) -> bytes:
    """Return the letter's bytes: those in the archive; a receipt that is not written yet is written and recorded now.

    `server_takes`: bytes of a letter, 0 = not known; what does not fit goes without its workbook, as does a receipt
    that a server called too large. Raises LetterGone, ReceiptProblem.
    """
    if delivery.path:
        try:
            data = read_file(office.home.archive / delivery.path)
        except FileNotFoundError:
            data = b""
        if sha256(data) == delivery.sha256:
            return data
        if delivery.kind not in ("receipt", NOTICE) or delivery.tries:
            raise LetterGone(f"archive/{delivery.path} is gone or changed; put it back from the backup")
    room = office.rules.limits.answer_letter
    if server_takes:
        room = min(room, max(0, (server_takes - _WORDS) * 57 // 78))  # base64 in lines
    if trouble_of(delivery.last_answer) is Trouble.LARGE:
        room = 0
    with office.journal.database.connect_for_queries() as connection:
        head = describe_head(connection)
    data = compose(replace(receipt_letter(office, delivery, now, room), witness=head))
    path = keep_letter(office.home, delivery.message_id, data)
    office.journal.letters.change(delivery.id, list(LetterState), path=path, sha256=sha256(data))
    return data


def put_up_receipts(office: Office, now: datetime) -> list[Problem]:
    """Put answers that wait for review into `pending`, with a manifest as documents have. Return those that cannot be
    written now."""
    waiting, problems = office.journal.letters.all([LetterState.REVIEW]), list[Problem]()
    months = {letter.month for letter in waiting}
    known = {v.name for v in office.journal.documents.versions(months=months, kinds=[RECEIPT])} if waiting else set()
    for letter in waiting:
        name = file_name(letter.message_id)
        path = office.home.outbox / PENDING / letter.month / RECEIPTS / name
        try:
            if name not in known:
                _put_up(office, letter, path, now)
        except (ReceiptProblem, LetterGone, DamagedFile) as error:
            shown = path.relative_to(office.home.outbox).as_posix()
            problems.append(Problem("outbox.receipt_unwritten", shown, more=str(error)))
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            problems.append(name_unwritable(office, path, error))
        except ManifestProblem:  # the look at the folders tells it
            continue
    return problems


def _put_up(office: Office, letter: Delivery, path: Path, now: datetime) -> None:
    """The file first, unless people moved it already, then the manifest by which the next look knows it."""
    data, outbox = write_letter(office, letter, now), office.home.outbox
    places = {state: outbox / state / letter.month / RECEIPTS / path.name for state in STATES}
    for state, place in places.items():
        earlier = outbox / state / RECEIPTS / path.name  # where answers were reviewed before they were documents
        if earlier.is_file() and not place.exists():
            make_folder(place.parent, SHARED_FOLDER)
            earlier.replace(place)
    if not any(place.exists() for place in places.values()):
        write_atomic(path, data, shared=True)
    entry = {
        "kind": RECEIPT,
        "sha256": sha256(data),
        "made_at": letter.created_at,
        "made_of": {"arrival": letter.arrival},
        "letter": letter.id,
        "message_id": letter.message_id,
        "recipient": letter.recipient,
    }
    write_entries(path.parent, letter.month, "", "", {**read_entries(path.parent), path.name: entry})


def withdraw_receipts(office: Office) -> set[int]:
    """Take away the files of answers that will not be sent, or leave without review, and return their versions. An
    edit of one is kept under archive/replaced."""
    withdrawn = set[int]()
    for version in office.journal.documents.versions((PENDING, APPROVED), kinds=[RECEIPT]):
        letter, path = _letter_of(office, version), office.home.outbox / version.place
        if letter is None or EDIT_OF in version.entry or not _is_over(office, version, letter):
            continue
        with suppress(FileNotFoundError):
            if sha256_file(path) == version.sha256:
                path.unlink()
            else:
                keep_replaced(office.home.archive, path)
        withdrawn.add(version.id)
    return withdrawn


def _is_over(office: Office, version: Version, letter: Delivery) -> bool:
    """Tell whether a letter goes its way without this document. What was rejected may be moved back."""
    if letter.state is LetterState.REVIEW or (letter.state, letter.last_answer) == _WITH_DOCUMENT:
        return False
    return all(proof.state is LetterState.DROPPED for proof in office.journal.documents.proofs(version.id))


def _letter_of(office: Office, version: Version) -> Delivery | None:
    """None where the manifest, which people can write, names another letter."""
    letter = office.journal.letters.find(int(version.entry.get("letter", 0)))
    return letter if letter and file_name(letter.message_id) == version.name else None


def follow_step(connection: Connection, office: Office, step: VersionStep) -> None:
    """Let the letter of an answer follow a step of its review, in the transaction that records the step: it is dropped
    with its document, and waits again when that is moved back. It is queued only when the document is delivered."""
    if not step.version.is_receipt or EDIT_OF in step.version.entry:
        return
    turn, number = office.journal.letters.turn, int(step.version.entry.get("letter", 0))
    if step.state is DocumentState.REJECTED:
        turn(connection, number, _IN_REVIEW, _WITH_DOCUMENT)
    elif step.state is DocumentState.SENT:
        turn(connection, number, _IN_REVIEW, (LetterState.DROPPED, "its document was handed over"))
    elif step.was == DocumentState.REJECTED:
        turn(connection, number, _WITH_DOCUMENT, _IN_REVIEW)


def queue_receipt(office: Office, version: Version, data: bytes, now: datetime) -> list[Problem]:
    """Queue the letter of an approved answer as it lies there, with its proof; one that was refused goes again when it
    was edited since."""
    out, letter = office.journal.documents, _letter_of(office, version)
    if letter is None:
        return [Problem("outbox.not_ours", version.place, version.id)]
    was = (LetterState.REVIEW, LetterState.REFUSED)
    if letter.state not in was or any(proof.sha256 == version.sha256_now for proof in out.proofs(version.id)):
        return []
    keep_letter(office.home, letter.message_id, data)
    said = f"{'edited and ' if version.amended else ''}approved in the outbox"
    proof = Proof(version.id, "mail", letter.recipient, LetterState.QUEUED, stamp(now), letter.id, letter.message_id,
                  answer=said, sha256=version.sha256_now, path=letter.path)  # fmt: skip
    queued = {"state": LetterState.QUEUED, "tries": 0, "last_answer": said, "sha256": version.sha256_now}
    office.journal.letters.change(letter.id, was, lambda connection: out.prove_anew(connection, proof), **queued)
    return []
