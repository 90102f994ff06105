"""Approved bills of single accounts to consumers by e-mail, by the 22nd (4.1.2): one letter a bill and address.

Each letter's record is a transaction of its own under a Message-ID that depends on the bill and the address alone, so
the work can be stopped and begun again anywhere. So many letters a minute (`bill_mail` of config.yaml) that answers to
Customers do not wait behind a town's bills.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pikepdf import Encryption, Pdf, PdfError

from inbox_worker.core.addresses import is_mailable
from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import register
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.questions import scratch
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.cover_letters import Writer
from inbox_worker.outbox.letters import Carried, queue_letter
from inbox_worker.outbox.mail import Room, leave_old_addresses, unwritten_addresses, words_size
from inbox_worker.outbox.manifest import EDIT_OF
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import read_approved
from inbox_worker.outbox.send import server_takes
from inbox_worker.outbox.settle import keep_leaving, list_letter_problems, list_waiting_letters
from inbox_worker.settings.delivery_rules import PasswordPart
from inbox_worker.settings.texts import Texts

_ADDRESSES = read_query(__file__, "bill_addresses")


class Unlockable(JobError):
    """A bill cannot get the password that the rules ask for; the text tells what is missing."""


class _LetterTooLarge(Exception):
    """A bill's letter is larger than the server takes."""


@dataclass(frozen=True)
class Reader:
    """The consumer of an account, as the directory knows him: where bills go, and what their password may be of."""

    emails: tuple[str, ...]
    flat: str


@dataclass(frozen=True)
class BillsReport:
    """A month's bills on their way. `queued_now`: by this call; `states`: letters by state; `left`: still to queue;
    `without_address`: approved bills whose account has no e-mail (they are printed); `unapproved`: wait for review.
    """

    month: Period
    queued_now: int
    left: int
    without_address: int
    unapproved: int
    states: Mapping[str, int]
    problems: Sequence[Problem]

    def as_json(self, texts: Texts) -> dict[str, object]:
        shown = [problem.as_json(texts) for problem in self.problems]
        numbers = {name: getattr(self, name) for name in ("queued_now", "left", "without_address", "unapproved")}
        return {"month": str(self.month), **numbers, "letters": dict(self.states), "problems": shown}


def send_bills(
    office: Office,
    month: Period,
    now: datetime,
    limit: int | None = None,
    blocked: Collection[int] = (),
) -> BillsReport:
    """Queue letters for approved bills that have none yet: within `limit`, and within what the minute has left.

    A bill that cannot get the password that the rules ask for does not go, and is told.
    """
    out = office.journal.documents
    bills = [v for v in out.versions((DocumentState.APPROVED, DocumentState.SENT), [str(month)]) if v.account]
    readers = readers_of(office, month) if bills else {}
    approved = [version for version in bills if version.state is DocumentState.APPROVED]
    problems = _leave_old_addresses(office, month, approved, readers)
    fresh = list(_fresh(out, month, approved, readers))
    ready = [
        (version, unwritten)
        for version, unwritten in fresh
        if version.id not in blocked and EDIT_OF not in version.entry
    ]
    queued, found = _queue_ready(office, month, ready, readers, _room(office, out, limit, now), now)
    problems += found
    waiting = [v for v in out.versions((DocumentState.PENDING,), [str(month)]) if v.account]
    return BillsReport(
        month=month,
        queued_now=queued,
        left=sum(len(unwritten) for _, unwritten in fresh) - queued,
        without_address=sum(v.account not in readers for v in bills if v.state is DocumentState.APPROVED),
        unapproved=len(waiting),
        states=letters_by_state(out, month),
        problems=problems,
    )


def _queue_ready(
    office: Office, month: Period, ready: Sequence[tuple[Version, list[str]]],
    readers: Mapping[str, Reader], room: int, now: datetime,
) -> tuple[int, list[Problem]]:  # fmt: skip
    """How many letters were queued, and the bills that cannot go."""
    queued, problems = 0, list[Problem]()
    takes = server_takes(office) if ready and room else 0
    for version, unwritten in ready:
        if queued >= room:
            break
        try:
            queued += _queue(office, takes, month, version, unwritten, readers[version.account], now)
        except Unlockable as error:
            problems.append(Problem("outbox.no_password", version.place, version.id, str(error)))
        except _LetterTooLarge:
            problems.append(Problem("outbox.letter_large", version.place, version.id))
    return queued, problems


def after(office: Office, report: BillsReport, now: datetime) -> BillsReport:
    """Return the report as the letters are now, with those that people must see to."""
    out = office.journal.documents
    letter_problems = list_letter_problems(office, now, bills_of=str(report.month))
    bills = {version.id for version in out.versions(months=[str(report.month)]) if version.account}
    problems = (*report.problems, *letter_problems, *list_waiting_letters(office, bills))
    return replace(report, states=letters_by_state(out, report.month), problems=problems)


def letters_by_state(out: Documents, month: Period) -> dict[str, int]:
    """Count the letters with bills of a month by state."""
    bills = {version.id for version in out.versions(months=[str(month)]) if version.account}
    counted = Counter(proof.state.value for proof in out.proofs(months=[str(month)]) if proof.document in bills)
    return {state.value: counted[state.value] for state in LetterState if counted[state.value]}


def months_to_send(office: Office) -> list[Period]:
    """List the months with approved bills of single accounts."""
    found = office.journal.documents.months_with((DocumentState.APPROVED,), accounts_only=True)
    return [Period.parse(month) for month in found]


def readers_of(office: Office, month: Period) -> dict[str, Reader]:
    """Return account -> its consumer: the latest addresses and flat the directory names in the month; none without
    e-mail."""
    connection = scratch()
    register(connection, office.home.ledger, "directory", office.journal.facts.files("directory"))
    rows = connection.execute(_ADDRESSES, {"month": month.first_day}).fetchall()
    return {
        account: Reader(tuple(one.strip() for one in emails.split(";") if one.strip()), flat or "")
        for account, emails, flat in rows
    }


def _fresh(
    out: Documents,
    month: Period,
    bills: Sequence[Version],
    readers: Mapping[str, Reader],
) -> Iterator[tuple[Version, list[str]]]:
    """Bills, and those of their addresses that no letter was written for."""
    proofs = _by_document(out, month)
    for version in bills:
        reader = readers.get(version.account)
        known = [one for one in reader.emails if is_mailable(one)] if reader else []
        unwritten = unwritten_addresses(known, proofs.get(version.id, ()))
        if unwritten:
            yield version, unwritten


def _leave_old_addresses(
    office: Office, month: Period, bills: Sequence[Version], readers: Mapping[str, Reader]
) -> list[Problem]:
    """Withdraws bills' letters that have not left to addresses that the directory has no more."""
    proofs, problems = _by_document(office.journal.documents, month), list[Problem]()
    for version in bills:
        known = readers[version.account].emails if version.account in readers else ()
        if version.id in proofs:
            problems += leave_old_addresses(office, [version], proofs, known)
    return problems


def _by_document(out: Documents, month: Period) -> dict[int, list[Proof]]:
    found: dict[int, list[Proof]] = {}
    for proof in out.proofs(months=[str(month)]):
        found.setdefault(proof.document, []).append(proof)
    return found


def _room(office: Office, out: Documents, limit: int | None, now: datetime) -> int:
    left = office.home.config.bill_mail.per_minute - out.queued_since("bills", now - timedelta(minutes=1))
    return max(0, left if limit is None else min(left, limit))


def _queue(
    office: Office, takes: int, month: Period, version: Version, addresses: Sequence[str], reader: Reader, now: datetime
) -> int:
    """Queue a bill's letters in one transaction: a bill that reached one address must not be put away before the other
    is written to. `takes`: bytes of a letter that the server takes. Raises Unlockable, _LetterTooLarge."""
    data = read_approved(office, version)
    if data is None:
        return 0
    name, rule = version.name.rpartition("/")[2], office.rules.delivery.bill_password
    parts = () if rule == "none" else rule
    if parts:
        keep_leaving(office, data)
        data, name = encrypt_pdf(data, password_of(parts, version.account, reader.flat)), f"bill-{month}.pdf"
    words = Writer(office.rules.texts, office.home.operator).bill_letter(month, version.account, parts)
    if not Room(len(data), takes).holds([(name, len(data))], words_size(words)):
        raise _LetterTooLarge
    with office.journal.transaction() as connection:
        for address in addresses:
            queue_letter(connection, office, "bill", address, words, [Carried(version, name, data)], now)
    return len(addresses)


def password_of(parts: Sequence[PasswordPart], account: str, flat: str) -> str:
    """Return the password of an account's bill: the rule's parts (`bill_password`), one straight after the other.

    `flat` is written small and without blanks, as the letter tells the consumer. Raises Unlockable where a part is
    not known: a shorter password than the letter speaks of would open nothing.

    >>> password_of(["account_last_4", "flat"], "10020006", "12 А")
    '000612а'
    """
    known = {
        "account": account,
        "account_last_4": account[-4:],
        "account_last_6": account[-6:],
        "flat": "".join(flat.split()).casefold(),
    }
    missing = [part for part in parts if not known[part]]
    if missing:
        raise Unlockable(f"{', '.join(missing)}: ?")
    return "".join(known[part] for part in parts)


def encrypt_pdf(pdf: bytes, password: str) -> bytes:
    """Return the PDF under AES-256 (PDF 2.0, revision 6).

    The owner's password is the same: there is nothing in a bill to forbid its reader. Salts and keys are drawn anew
    each time, so the bytes differ though the pages do not. Raises Unlockable for what is no PDF, or is locked already.
    """
    sink = io.BytesIO()
    try:
        with Pdf.open(io.BytesIO(pdf)) as document:
            document.save(sink, encryption=Encryption(user=password, owner=password, R=6))
    except PdfError as error:
        raise Unlockable(str(error)) from error
    return sink.getvalue()
