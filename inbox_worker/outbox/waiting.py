"""The list of documents that wait for review or for delivery (10.12): what staff see first, and most often."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import Selection, chosen, look_through
from inbox_worker.outbox.settle import OPEN, settle

WAITING = (DocumentState.PENDING, DocumentState.APPROVED)
_DONE = (DocumentState.SENT, DocumentState.REJECTED)


@dataclass(frozen=True)
class OutboxResult:
    """Documents as they are now, and what people must mend. `said`: lines about the mail server; `failure`: why some
    documents that were asked for were left, '' when none was."""

    documents: Sequence[Version]
    problems: Collection[Problem]
    said: Sequence[str] = ()
    failure: str = ""


def list_documents(office: Office, asked: Selection, now: datetime) -> OutboxResult:
    """Return what waits for review or for delivery; with `everything` also what was sent or rejected. Raises
    UnknownCustomer."""
    out = office.journal.documents
    if asked.customer and not chosen(office, tuple(DocumentState), Selection(customer=asked.customer)):
        office.journal.customers.require_known(asked.customer)
    before, under_way = out.marks(), out.proofs(states=OPEN)
    seen = look_through(office, now, everything=asked.everything)
    settled = settle(office, now)
    if under_way or out.marks() != before:
        seen = look_through(office, now, everything=asked.everything)
    problems = [*seen.problems, *settled]
    if asked.everything:
        problems += _tell_sent_of_old_closes(office)
    states = (*WAITING, *_DONE) if asked.everything else WAITING
    return OutboxResult(chosen(office, states, asked), problems)


def _tell_sent_of_old_closes(office: Office) -> list[Problem]:
    old = office.journal.documents.of_old_closes(office.journal.closes.find_current_hashes())
    sent = (version for version in old if version.state is DocumentState.SENT)
    return [Problem("outbox.sent_of_old_close", version.place, version.id, version.month) for version in sent]
