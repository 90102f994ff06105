"""Reports of mail servers about our letters, as they come to a mailbox (10.12): recorded on the letter, told to staff.

A report counts only for a letter of ours that left, and only for the address it was written to. What may be about a
letter of ours (forwarded to another mailbox, or without the headers that came back) is unconfirmed: shown to staff,
and nothing else. A report is ignored as mail: it never releases, posts or answers anything, whatever else it carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from inbox_worker.core.addresses import canonical_address, spellings_of
from inbox_worker.core.model import Arrival, Finding
from inbox_worker.ledger.letter_reports import LetterReturn
from inbox_worker.ledger.letters import Delivery, LetterState, stamp
from inbox_worker.month.office import Office
from inbox_worker.receiving.delivery_reports import Reported, Return, find_claims, read_return

_CODE = "message.bounce"
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN)  # no other letter can have come back
_SHOWN = 3
_REPORTED_WITHIN = timedelta(days=14)  # servers try for five days; some report late


def find_returned_letters(
    office: Office, raw: bytes, findings: Sequence[Finding], received_at: datetime
) -> list[tuple[Delivery, Reported]]:
    """Find the letters of ours that a report speaks of, each with what it claims; [] for any other mail."""
    report = read_return(raw) if any(finding.code == _CODE for finding in findings) else None
    if report is None:
        return []
    deliveries = office.journal.letters
    letters = [d for d in deliveries.with_message_ids(report.message_ids) if d.state in _LEFT]
    if not letters:
        return [(letter, _as_unconfirmed(letter, report)) for letter in _perhaps(office, report, received_at)]
    claims = ((letter, find_claims(report, letter.recipient)) for letter in letters)
    return [(letter, reported[-1] if reported else _as_unconfirmed(letter, report)) for letter, reported in claims]


def _perhaps(office: Office, report: Return, received_at: datetime) -> list[Delivery]:
    """Letters of ours that a report may mean: their Message-ID is in its text; else, where it tells of no letter at
    all, the last one to an address that it names."""
    deliveries = office.journal.letters
    found = [d for d in deliveries.with_message_ids(report.mentioned) if d.state in _LEFT]
    if found or report.message_ids:
        return found
    since = received_at - _REPORTED_WITHIN
    named = sorted({address for one in report.reported for address in one.recipients})
    last = (deliveries.last_to(spellings_of(address), since) for address in named)
    return [letter for letter in last if letter]


def _as_unconfirmed(letter: Delivery, report: Return) -> Reported:
    """What is claimed, as a claim. It is told of whom: perhaps the letter was forwarded there."""
    claimed = (*find_claims(report, letter.recipient), *report.reported)[0]
    others = sorted(claimed.recipients - {canonical_address(letter.recipient)})[:_SHOWN]
    said = f"{claimed.fate} {' '.join(others)}: {claimed.said}"
    return replace(claimed, fate="unconfirmed", said=said)


def name_letters(findings: Sequence[Finding], found: Sequence[tuple[Delivery, Reported]]) -> list[Finding]:
    """Return the arrival's findings, with our letters named in the one about the report."""
    if not found:
        return list(findings)
    lines = [f"№ {letter.id} {letter.recipient}: {one.fate} {one.said}".strip() for letter, one in found[:_SHOWN]]
    lines += ["…"] if len(found) > _SHOWN else []
    named = Finding(_CODE, value="; ".join(lines))
    return [named, *(finding for finding in findings if finding.code != _CODE)]


def record(
    connection: Connection, office: Office, arrival: Arrival, found: Sequence[tuple[Delivery, Reported]]
) -> None:
    """Writes down what a report claims, in the transaction that decides its arrival. What is given up for good marks
    the documents and bills that went with the letter; a delay changes nothing but what is shown."""
    for letter, one in found:
        at = stamp(arrival.received_at)
        entry = LetterReturn(letter.id, arrival.number, one.fate, one.status, one.said, at)
        if office.journal.letter_reports.add(connection, entry) and one.fate == "failed":
            office.journal.documents.mark_bounced(connection, letter.message_id, one.said)
