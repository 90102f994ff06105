"""Answers to senders as letters: written from the journal when they leave, or when people review them (4.3.2)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Changes, Outcome, Period, Severity, Submission, WordedFinding
from inbox_worker.core.time import ALMATY, to_almaty
from inbox_worker.deciding.marked_workbook import answer_of, read_answer
from inbox_worker.deciding.report import submissions_shown
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox.compose import Enclosure, Letter, compose
from inbox_worker.outbox.letters import LetterGone, address_of, keep_letter
from inbox_worker.outbox.receipt import Book, FormAnswer, Receipt, render_receipt
from inbox_worker.outbox.receipt_words import ReceiptProblem, words_mistakes
from inbox_worker.outbox.trouble import Trouble, trouble_of
from inbox_worker.receiving.opening import customers_of
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.home import Home, shipped_path

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
        if delivery.kind != "receipt" or delivery.tries:
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


def receipt_letter(office: Office, delivery: Delivery, now: datetime, room: int) -> Letter:
    """Write the answer to an arrival as the journal knows it now, with workbooks of at most `room` bytes."""
    arrival = office.journal.arrivals.get(delivery.arrival)
    answers, books = _answers(office, arrival, room)
    receipt = Receipt(
        arrival=arrival,
        forms=answers,
        findings=_of_letter(arrival, office.journal.submissions.findings_of(arrival.number)),
        operator=office.home.operator,
        mailbox=office.home.config.mailboxes[delivery.mailbox].address,
        listed=office.rules.limits.answer_findings,
        task=office.journal.tasks.of_arrival(arrival.number),
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


def templates_problems(home: Home) -> list[str]:
    """Find what keeps the words and templates of receipts from being used: one with everything in it is written for
    trial."""
    mistakes = words_mistakes(templates(home))
    if mistakes:
        return [str(mistake) for mistake in mistakes]
    moment = datetime(2026, 8, 20, 12, tzinfo=ALMATY)
    arrival = Arrival(1, "", "", "a.eml", moment, "", "", outcome=Outcome.REJECTED)
    title, finding = Bilingual(ru="-", kk="-"), WordedFinding("a.b", Severity.ERROR, "a", "A1", *("-",) * 6)
    answers = []
    for place, outcome in enumerate((o for o in Outcome if o is not Outcome.IGNORED), 1):
        number = f"{arrival.id}-{place}"
        form = Submission(number, 1, place, "a", "", "a", "", outcome, Period(2026, 9), moment, 1, 1, "", "a")
        books: list[Book] = ["marked", "listed", "marked_too_large"]
        answers += [FormAnswer(form, title, "-", (finding, finding), None, book, "-") for book in books]
        answers.append(FormAnswer(form, None, "-", (), form, "marked", "-"))
    answers.append(FormAnswer(form, title, "-", (replace(finding, code="submission.overtaken"),), form))
    known = replace(form, outcome=Outcome.ACCEPTED, rows_posted=0, changes=Changes(unchanged=1))
    answers.append(FormAnswer(known, title, "-", ()))
    held = replace(form, outcome=Outcome.HELD, held_for=("documents", "confirmation", "task"), task="-", month=None)
    posted = replace(form, outcome=Outcome.ACCEPTED, confirmed="-", month=None)
    parted = [replace(held, held_for=(what,)) for what in ("documents", "confirmation", "task")]
    answers += [FormAnswer(one, title, "-", ()) for one in (held, *parted, posted)]
    try:
        render_receipt(Receipt(arrival, answers, (finding,), home.operator, "-", 1), templates(home))
        for whole in (Outcome.REJECTED, Outcome.QUARANTINED, Outcome.FAILED):
            letter = replace(arrival, outcome=whole)
            render_receipt(Receipt(letter, (), (finding,), home.operator, "-", 1), templates(home))
        letter = replace(arrival, outcome=Outcome.HELD)
        for told in (finding, replace(finding, severity=Severity.WARNING)):
            render_receipt(Receipt(letter, (), (told,), home.operator, "-", 1, "-"), templates(home))
    except ReceiptProblem as error:
        return [str(error)]
    return []


def _answers(office: Office, arrival: Arrival, room: int) -> tuple[list[FormAnswer], tuple[Enclosure, ...]]:
    """What is told of each form, and the marked workbooks that fit into a letter."""
    own = customers_of(arrival.sender, office.journal.customers.all())
    names = {customer.bin: customer.name for customer in own}
    left = room
    books: dict[str, Enclosure] = {}
    answers = []
    for submission in submissions_shown(office.journal, arrival):
        findings = _told(office.journal.submissions.findings_of(submission.arrival, submission.id))
        named = bool(office.journal.submissions.answer_hash(submission.duplicate_of or submission.id))
        path = answer_of(office.home.archive, submission, findings, named)
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


def _told(findings: Sequence[WordedFinding]) -> list[WordedFinding]:
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
