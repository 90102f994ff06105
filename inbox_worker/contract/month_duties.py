"""Duties of every month: forms that a Customer owes, documents that the operator owes (4.3.2, 4.1.1, 4.1.2, 4.1.8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from inbox_worker.contract.duty import Duty, due_in_month
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.settings.duty_rules import DutyRule

_WAITING = (DocumentState.PENDING, DocumentState.APPROVED)


def find_month_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find a duty a month for each Customer with lines in it."""
    for month in sources.months:
        due = due_in_month(rule, month, sources.office.rules)
        start = due.replace(day=1)
        for customer in sources.with_lines(month):
            if (rule.kinds and customer.kind not in rule.kinds) or (rule.utilities and not customer.utilities):
                continue
            if rule.form and sources.first_lines[customer.bin] == month:  # on the deadline there was no line yet
                continue
            met = (
                _form_met(rule, month, customer, sources)
                if rule.form
                else _documents_met(rule, month, customer, sources)
            )
            yield Duty(name, rule.clause, rule.who, customer.bin, str(month), start, due, *(met or (None, "")))


def find_house_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find a duty a month, met when documents of it left and none waits any more. Only months that have lines."""
    counts = {kind: sources.office.journal.documents.count_states(kind) for kind in rule.documents}
    for month in sources.months:
        if not sources.with_lines(month):
            continue
        due = due_in_month(rule, month, sources.office.rules)
        states = [counts[kind] for kind in rule.documents]
        waiting = any((str(month), state) in one for one in states for state in _WAITING)
        sent = [one[str(month), DocumentState.SENT] for one in states if (str(month), DocumentState.SENT) in one]
        met: tuple[date | None, str] = (None, "")
        if sent and not waiting:
            last = max(datetime.fromisoformat(moment) for _, moment in sent)
            met = to_almaty(last).date(), f"{'; '.join(rule.documents)}: {sum(count for count, _ in sent)}"
        yield Duty(name, rule.clause, rule.who, "", str(month), due.replace(day=1), due, *met)


def _form_met(rule: DutyRule, month: Period, customer: Customer, sources: DutySources) -> tuple[date, str] | None:
    form = sources.forms_by_month.get((rule.form, customer.bin, month))
    return (to_almaty(form.complete_at).date(), form.id) if form else None


def _documents_met(rule: DutyRule, month: Period, customer: Customer, sources: DutySources) -> tuple[date, str] | None:
    """The day on which the last of the documents reached the Customer, and what proves each."""
    firsts = []
    for kind in rule.documents:
        own = [one for one in sources.versions.get((kind, str(month)), ()) if one.bin == customer.bin]
        sent = [sending for one in own if (sending := sources.find_delivery(one))]
        if not sent:
            return None
        firsts.append(min(sent, key=lambda one: one.on))
    return max(one.on for one in firsts), "; ".join(one.proof for one in firsts)
