"""A month of an export: what its Customer was given, byte for byte; what he was not is made of the close (4.1.14)."""

from __future__ import annotations

from inbox_worker.core.hashes import read_proven
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.export_index import ExportedMonth
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.office import Office
from inbox_worker.outbox.publish import orders_of, render

REPORTS = ("turnover", "distribution", "debtors", "act")
_WAITING = (DocumentState.PENDING, DocumentState.APPROVED)


def export_month(office: Office, month: Period, customer: Customer) -> ExportedMonth:
    """Take what was delivered of a closed month, acts that were cancelled since and what cancels them, too; a report
    that was not is rendered as its Customer was at the month's end (4.3.3)."""
    facts = MonthFacts(office, month)
    if customer.bin not in facts.customers:
        return ExportedMonth(month, why="export.no_lines")
    then = office.journal.customers.on(month.last_day).get(customer.bin, customer)
    given, waiting = _find_delivered(office, month, customer.bin), _find_waiting(office, month, customer.bin)
    left = tuple(kind for kind in REPORTS if kind not in {one.kind for one in given})
    made = [one for order in orders_of(facts, [then], left) for one in render(order)] if left else []
    documents = sorted([*given, *made], key=lambda one: REPORTS.index(one.kind))
    names = frozenset(one.file_name for one in given)
    waits = tuple(name for kind, name in waiting if kind not in left)
    return ExportedMonth(month, facts.number, facts.sha256, tuple(documents), delivered=names, waiting=waits)


def _find_delivered(office: Office, month: Period, bin_: str) -> list[Rendered]:
    """Every version that the Customer was given, byte for byte, in the order of their making."""
    versions = office.journal.documents.versions((DocumentState.SENT,), [str(month)], REPORTS)
    own = [one for one in versions if one.bin == bin_ and not one.destroyed]
    outbox = office.home.outbox
    return [Rendered(one.kind, one.name, read_proven(outbox / one.place, one.sha256_now), "") for one in own]


def _find_waiting(office: Office, month: Period, bin_: str) -> list[tuple[str, str]]:
    versions = office.journal.documents.versions(_WAITING, [str(month)], REPORTS)
    return [(one.kind, one.name) for one in versions if one.bin == bin_]
