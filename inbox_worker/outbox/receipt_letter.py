"""An answer's letter, written from the journal as it is now: what is said of each form, and the workbooks that go
along (4.3.2)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.model import Arrival, Outcome, Submission, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.marked_workbook import answer_of, read_answer
from inbox_worker.deciding.report import submissions_shown
from inbox_worker.ledger.arrivals import FAILED_CODE
from inbox_worker.ledger.letters import Delivery
from inbox_worker.month.office import Office
from inbox_worker.outbox.compose import Enclosure, Letter
from inbox_worker.outbox.letters import address_of
from inbox_worker.outbox.receipt import Book, FormAnswer, Receipt, render_receipt
from inbox_worker.receiving.letter_language import LANGUAGES, languages_of_letter, receipts_folder
from inbox_worker.receiving.opening import customers_of
from inbox_worker.receiving.store import raw_of
from inbox_worker.settings.calendar import find_last_chance

_NO_BOOK: Book = ""


def receipt_letter(office: Office, delivery: Delivery, now: datetime, room: int) -> Letter:
    """Write the answer to an arrival as the journal knows it now, with workbooks of at most `room` bytes."""
    about = delivery.document
    arrival = office.journal.arrivals.get(delivery.arrival)
    answers, books = _answers(office, arrival, room, about, now)
    receipt = Receipt(
        arrival=arrival,
        forms=answers,
        findings=_of_letter(arrival, office.journal.submissions.findings_of(arrival.number)) if not about else [],
        operator=office.home.operator,
        mailbox=office.home.config.address_of(delivery.mailbox),
        listed=office.rules.limits.answer_findings,
        task=office.journal.tasks.of_arrival(arrival.number) if not about else None,
        notice=bool(about),
        languages=LANGUAGES if about else _order_languages(office, arrival),
    )
    text, html = render_receipt(receipt, receipts_folder(office.home))
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


def _order_languages(office: Office, arrival: Arrival) -> Sequence[str]:
    """The sender's own language first. A letter that is damaged in the archive is answered all the same; `check` tells
    of it."""
    try:
        return languages_of_letter(raw_of(office.home.archive, arrival), office.home)
    except DamagedFile:
        return LANGUAGES


def _answers(
    office: Office, arrival: Arrival, room: int, about: str, now: datetime
) -> tuple[list[FormAnswer], tuple[Enclosure, ...]]:
    """Return what is told of each form, and the marked workbooks that fit into a letter; of a notice the form it is
    `about` alone, without its workbook: its reader may know nothing of the letter's other forms (4.7)."""
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
        answer = _answer(office, submission, findings, names, book, name)
        answers.append(_with_deadline(office, arrival, answer, now))
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


def _with_deadline(office: Office, arrival: Arrival, answer: FormAnswer, now: datetime) -> FormAnswer:
    """Say where the form goes and until when, mended, it counts in the month that it would have counted in (4.3.2)."""
    rule = office.rules.forms.get(answer.submission.form)
    if rule is None or rule.operator:
        return answer
    answer = replace(answer, address=office.home.config.address_of(rule.mailbox))
    until, month = find_last_chance(arrival.received_at, office.rules, rule.form)
    return answer if rule.held or now > until else replace(answer, until=until, month=month)


def _kind(data: bytes) -> Book:
    """Return whether it is the sender's workbook with marks, or the list of findings alone (one sheet)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    return "marked" if len(sheets) > 1 else "listed"
