"""Answers to senders as letters: written from the journal when they leave, or when people review them (4.3.2).

With `reply: review` an answer is a document of the outbox, `<state>/<month>/receipts/<Message-ID>.eml`, and goes the
way of all documents (`transitions.py`). What is its own is here: its letter is known before it is approved, waits in
REVIEW and follows the document; one that needs no review any more, because a later answer tells more or staff decided
about the letter, leaves the folders of review.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from inbox_worker.core.files import SHARED_FOLDER, make_folder, sha256, sha256_file, write_atomic
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.model import Arrival, Outcome, Submission, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.marked_workbook import answer_of, read_answer
from inbox_worker.deciding.report import submissions_shown
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.ledger.letters import NOTICE, Delivery, LetterState, stamp
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.compose import Enclosure, Letter, compose
from inbox_worker.outbox.folder_manifests import name_unwritable
from inbox_worker.outbox.folders import RECEIPTS, keep_replaced
from inbox_worker.outbox.letters import LetterGone, address_of, file_name, keep_letter
from inbox_worker.outbox.manifest import STATES, ManifestProblem, read_entries, write_entries
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.receipt import Book, FormAnswer, Receipt, render_receipt
from inbox_worker.outbox.receipt_words import ReceiptProblem
from inbox_worker.outbox.reconcile import EDIT_OF, VersionStep
from inbox_worker.outbox.trouble import Trouble, trouble_of
from inbox_worker.receiving.opening import customers_of
from inbox_worker.settings.delivery_rules import RECEIPT
from inbox_worker.settings.home import Home, shipped_path

PENDING, APPROVED = DocumentState.PENDING, DocumentState.APPROVED
_IN_REVIEW, _WITH_DOCUMENT = (LetterState.REVIEW, ""), (LetterState.DROPPED, "rejected in the outbox")
_NO_BOOK: Book = ""
_WORDS = 40_000  # bytes of a letter beside its workbooks


def write_letter(office: Office, delivery: Delivery, now: datetime, server_takes: int = 0) -> bytes:
    """Return the letter's bytes: those in the archive; a receipt that is not written yet is written and recorded now.

    `server_takes`: bytes of a letter, 0 = not known; what does not fit goes without its workbook, as does a receipt
    that a server called too large. Raises LetterGone, ReceiptProblem.
    """
    if delivery.path:
        try:
            data = (office.home.archive / delivery.path).read_bytes()
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
    data = compose(receipt_letter(office, delivery, now, room))
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
    """Whether a letter goes its way without this document. What was rejected may be moved back."""
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
    if step.version.kind != RECEIPT or EDIT_OF in step.version.entry:
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


def receipt_letter(office: Office, delivery: Delivery, now: datetime, room: int) -> Letter:
    """Write the answer to an arrival as the journal knows it now, with workbooks of at most `room` bytes."""
    about = delivery.document
    arrival = office.journal.arrivals.get(delivery.arrival)
    answers, books = _answers(office, arrival, room, about)
    receipt = Receipt(
        arrival=arrival,
        forms=answers,
        findings=_of_letter(arrival, office.journal.submissions.findings_of(arrival.number)) if not about else [],
        operator=office.home.operator,
        mailbox=office.home.config.address_of(delivery.mailbox),
        listed=office.rules.limits.answer_findings,
        task=office.journal.tasks.of_arrival(arrival.number) if not about else None,
        notice=bool(about),
    )
    text, html = render_receipt(receipt, templates(office.home))
    return Letter(
        sender=address_of(office.home, delivery.mailbox),
        sender_name=office.home.operator.name,
        reply_to=receipt.mailbox,
        recipient=delivery.recipient,
        subject=delivery.subject,
        message_id=delivery.message_id,
        date=to_almaty(now),
        text=text,
        html=html,
        enclosures=books,
        thread=tuple(delivery.thread.split()),
    )


def templates(home: Home) -> Path:
    """Return the home's own receipts, or the shipped ones in a home that was made before there were any."""
    own = home.templates / "receipts"
    return own if own.is_dir() else shipped_path("templates") / "receipts"


def _answers(office: Office, arrival: Arrival, room: int, about: str) -> tuple[list[FormAnswer], tuple[Enclosure, ...]]:
    """What is told of each form, and the marked workbooks that fit into a letter; of a notice the form it is `about`
    alone, without its workbook: its reader may know nothing of the letter's other forms (4.7)."""
    own = customers_of(arrival.sender, office.journal.customers.at(arrival.received_at))
    names = {customer.bin: customer.name for customer in own}
    left = room
    books: dict[str, Enclosure] = {}
    answers = []
    shown = submissions_shown(office.journal, arrival)
    for submission in [one for one in shown if about in ("", one.id)]:
        findings = _select_findings(office.journal.submissions.findings_of(submission.arrival, submission.id))
        named = bool(office.journal.submissions.answer_hash(submission.duplicate_of or submission.id))
        path = None if about else answer_of(office.home.archive, submission, findings, named)
        name, book = Path(path or "").name, _NO_BOOK
        if path:
            data = read_answer(office, submission, path)
            book = _kind(data) if name in books or len(data) <= left else "marked_too_large"
            if book != "marked_too_large" and name not in books:
                books[name] = Enclosure(name, data)
                left -= len(data)
        answers.append(_answer(office, submission, findings, names, book, name))
    return answers, tuple(books.values())


def _of_letter(arrival: Arrival, findings: Sequence[WordedFinding]) -> list[WordedFinding]:
    """Leave out what the letter's own words say: that it has no form where it became a task, that it failed."""
    silent = {FAILED_CODE} | ({"message.without_form"} if arrival.outcome is Outcome.HELD else set())
    return [finding for finding in findings if finding.code not in silent]


def _select_findings(findings: Sequence[WordedFinding]) -> list[WordedFinding]:
    """Findings that say more than the verdict does."""
    return [finding for finding in findings if finding.code != "submission.duplicate"]


def _answer(
    office: Office,
    submission: Submission,
    findings: Sequence[WordedFinding],
    names: Mapping[str, str],
    book: Book,
    name: str,
) -> FormAnswer:
    """`names`: БИН -> name of the sender's own Customers; of another one only what the sender wrote is shown."""
    shown = ", ".join(filter(None, (names.get(submission.customer), submission.customer)))
    repeated = submission.duplicate_of if submission.outcome is Outcome.DUPLICATE else None
    first = office.journal.submissions.get(repeated) if repeated else None
    rule = office.rules.forms.get(submission.form)
    return FormAnswer(submission, rule.title if rule else None, shown, findings, first, book, name)


def _kind(data: bytes) -> Book:
    """Whether it is the sender's workbook with marks, or the list of findings alone (one sheet)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    return "marked" if len(sheets) > 1 else "listed"
