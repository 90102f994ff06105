"""Answers about what became of a letter: each answer is recorded in the transaction that decides, and written later.

Never answered: what was ignored (automatic mail, lists, bounces, our own, mail without a form), strangers unless the
rules allow it, and what staff handed in. One exception: a customer whose letter brought a file in a wrapping that we
do not open hears so, for he believes that his form is here (4.3.2). Each address gets so many answers a day; what is
over is kept for staff to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from inbox_worker.core.addresses import is_mailable, is_same_address
from inbox_worker.core.model import Arrival, Finding, Outcome, Submission
from inbox_worker.core.text import one_line
from inbox_worker.ledger.letters import NOTICE, TELLS_MORE, Delivery, Letters, LetterState, stamp
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import LOAD, Opened
from inbox_worker.receiving.screening import ROBOTS

Then = Callable[[Connection, Submission], None]  # what belongs to a decision's transaction
_PREFIX = re.compile(r"^(?:\s*(?:re|fwd?|на|жауап|ответ|отв)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\[IW-\d{6,}\]")
_LONGEST_SUBJECT = 120
_WRAPPED = frozenset({
    "message.winmail", "message.elsewhere", "message.cloud_link", "archive.other", "archive.nested",
    "workbook.pdf", "workbook.message",
})  # fmt: skip


@dataclass(frozen=True)
class _Refusal:
    """Why an answer is recorded but not sent."""

    why: str


def queue_reply(
    connection: Connection,
    office: Office,
    arrival: Arrival,
    opened: Opened,
    outcome: Outcome,
    findings: Sequence[Finding],
) -> None:
    """Record the answer to an arrival that gets its outcome in this transaction; does nothing when it gets none."""
    codes = {finding.code for finding in findings}
    if (outcome is Outcome.IGNORED and not codes & _WRAPPED) or codes & ROBOTS:
        return
    if not may_answer(office, arrival.mailbox, opened.sender):
        return
    if outcome is Outcome.QUARANTINED and codes != {"sender.unknown"}:
        return  # several senders, a forged one, an unreadable letter: whom we would write to is not known
    deliveries = office.journal.letters
    if outcome is Outcome.FAILED and deliveries.count_of_arrival(connection, arrival.number):
        return  # heard it already, or an answer to one of its forms
    if arrival.why and outcome is not Outcome.FAILED:
        deliveries.drop_unsent(connection, arrival.number, opened.sender, TELLS_MORE)
    _record(connection, office, arrival, opened, arrival.received_at, outcome is Outcome.QUARANTINED)


def queue_release(connection: Connection, office: Office, arrival: Arrival, opened: Opened, now: datetime) -> None:
    """Record the answer about a held form that is decided again in this transaction, when its documents are here.

    An earlier answer to the same letter that is not sent yet is dropped: this one tells everything.
    """
    if not may_answer(office, arrival.mailbox, opened.sender):
        return
    deliveries = office.journal.letters
    deliveries.drop_unsent(connection, arrival.number, opened.sender, TELLS_MORE)
    _record(connection, office, arrival, opened, now, stranger=False)


def tell_known_addresses(
    connection: Connection,
    office: Office,
    arrival: Arrival,
    sender: str,
    submission: Submission,
    addresses: Sequence[str],
    now: datetime,
) -> None:
    """Record a notice of a form about requisites or the head to every address that the register had before, in the
    transaction of its decision: whoever sent it, those who could not have sent it hear of it (4.3.3).

    Its sender hears it by his answer; where he gets none, by a notice. No limit of a day drops a notice.
    """
    letters = office.journal.letters
    answered = may_answer(office, arrival.mailbox, sender) and not _refusal(
        letters, connection, office, sender, now, stranger=False
    )
    for address in addresses:
        if not (answered and is_same_address(address, sender)):
            letters.add(connection, _notice(office, arrival, submission, address, now))


def _notice(office: Office, arrival: Arrival, submission: Submission, address: str, now: datetime) -> Delivery:
    mailable = is_mailable(address)
    waits = LetterState.QUEUED if office.home.config.replies == "auto" else LetterState.REVIEW
    name, what = f"{submission.id}.{submission.outcome}".lower(), f"{address} {arrival.sha256}"
    return Delivery(
        id=0,
        kind=NOTICE,
        arrival=arrival.number,
        document=submission.id,
        mailbox=arrival.mailbox,
        recipient=address,
        subject=reply_subject(office.rules.texts.written.both("notice.register"), submission.id),
        message_id=_make_id(office, arrival, name, what),
        thread="",
        state=waits if mailable else LetterState.DROPPED,
        created_at=stamp(now),
        last_answer="" if mailable else "the address cannot be written to; tell the customer by hand",
    )


def may_answer(office: Office, mailbox: str, sender: str) -> bool:
    """Tell whether answers are wanted at all and there is somebody to answer: not staff, not ourselves."""
    config = office.home.config
    return config.replies != "none" and bool(sender) and mailbox != LOAD and sender not in config.our_addresses


def _record(
    connection: Connection, office: Office, arrival: Arrival, opened: Opened, moment: datetime, stranger: bool
) -> None:
    deliveries = office.journal.letters
    refusal = _refusal(deliveries, connection, office, opened.sender, moment, stranger)
    if stranger and refusal:
        return  # nothing about a stranger waits for anybody
    state = LetterState.REVIEW if office.home.config.replies == "review" else LetterState.QUEUED
    own = (opened.message_id,) if opened.message_id else ()
    count = deliveries.count_of_arrival(connection, arrival.number) + 1
    deliveries.add(
        connection,
        Delivery(
            id=0,
            kind="receipt",
            arrival=arrival.number,
            document="",
            mailbox=arrival.mailbox,
            recipient=opened.sender,
            subject=reply_subject(opened.text.partition("\n")[0], arrival.id),
            message_id=_make_id(office, arrival, f"{arrival.id.lower()}.{count}", arrival.sha256),
            thread=" ".join(dict.fromkeys((*(r for r in opened.references if r not in own), *own))),
            state=LetterState.DROPPED if refusal else state,
            created_at=stamp(moment),
            last_answer=refusal.why if refusal else "",
        ),
    )


def _refusal(
    deliveries: Letters, connection: Connection, office: Office, address: str, moment: datetime, stranger: bool
) -> _Refusal | None:
    limits, day = office.rules.limits, stamp(moment)[:10]
    if not is_mailable(address):
        return _Refusal("the sender's address cannot be written to; answer by hand")
    strangers = limits.answers_to_strangers_a_day
    if stranger and deliveries.count_on_day(connection, day) >= strangers:
        return _Refusal(f"answers_to_strangers_a_day: {strangers}")
    most = limits.answers_per_sender_a_day
    if deliveries.count_on_day(connection, day, address) >= most:
        return _Refusal(f"answers_per_sender_a_day: {most} were given to this address on {day}")
    return None


def reply_subject(subject: str, number: str) -> str:
    """Return `Re: <the sender's subject> [IW-000012]`: without older numbers, so that a reply names only this one.

    >>> reply_subject('Re: Тарифы [IW-000003]', 'IW-000012')
    'Re: Тарифы [IW-000012]'
    """
    plain = _PREFIX.sub("", _NUMBER.sub("", one_line(subject)))[:_LONGEST_SUBJECT].strip()
    return f"Re: {plain} [{number}]" if plain else f"Re: [{number}]"


def _make_id(office: Office, arrival: Arrival, name: str, what: str) -> str:
    """Ours, the same each time the transaction is tried, and no other home's."""
    address = office.home.config.address_of(arrival.mailbox)
    mark = sha256(f"{office.home.config.operator.bin} {what} {arrival.received_at}".encode()).hexdigest()
    return f"<{name}.{mark[:16]}@{address.rpartition('@')[2]}>"
