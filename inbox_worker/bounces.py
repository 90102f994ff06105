"""Reports of mail servers about our letters, as they come to a mailbox (10.12): recorded on the letter, told to staff.

A report counts only for a letter of ours that left, and only for the address it was written to. It is ignored as
mail: it never releases, posts or answers anything, whatever else it carries.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from inbox_worker.arrival.returns import Reported, read_return, told_of
from inbox_worker.context import Office
from inbox_worker.ledger.deliveries import Deliveries, Delivery, State, stamp
from inbox_worker.ledger.outgoing import Outgoing
from inbox_worker.ledger.returns import LetterReturn, Returns
from inbox_worker.model import Arrival, Finding

_CODE = "message.bounce"
_LEFT = (State.SENDING, State.SENT, State.UNCERTAIN)  # no other letter can have come back
_SHOWN = 3


def meant(office: Office, raw: bytes, findings: Sequence[Finding]) -> list[tuple[Delivery, Reported]]:
    """The letters of ours that a report speaks of, each with what it claims; [] for any other mail."""
    report = read_return(raw) if any(finding.code == _CODE for finding in findings) else None
    if report is None:
        return []
    letters = Deliveries(office.journal).with_message_ids(report.message_ids)
    claims = ((letter, told_of(report, letter.recipient)) for letter in letters if letter.state in _LEFT)
    return [(letter, told[-1]) for letter, told in claims if told]


def naming(findings: Sequence[Finding], found: Sequence[tuple[Delivery, Reported]]) -> list[Finding]:
    """The arrival's findings, the one about the report naming our letters."""
    if not found:
        return list(findings)
    told = [f"№ {letter.id} {letter.recipient}: {one.fate} {one.said}".strip() for letter, one in found[:_SHOWN]]
    told += ["…"] if len(found) > _SHOWN else []
    named = Finding(_CODE, value="; ".join(told))
    return [named, *(finding for finding in findings if finding.code != _CODE)]


def record(
    connection: Connection, office: Office, arrival: Arrival, found: Sequence[tuple[Delivery, Reported]]
) -> None:
    """Writes down what a report claims, in the transaction that decides its arrival. What is given up for good marks
    the documents and bills that went with the letter; a delay changes nothing but what is shown."""
    for letter, one in found:
        at = stamp(arrival.received_at)
        entry = LetterReturn(letter.id, arrival.number, one.fate, one.status, one.said, at)
        if Returns(office.journal).add(connection, entry) and one.fate == "failed":
            Outgoing(office.journal).bounced(connection, letter.message_id, one.said)
