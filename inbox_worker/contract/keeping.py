"""Reasons that keep letters and documents: their terms, and what is open about them (4.1.12, 4.1.14, 8.10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from inbox_worker.contract.act_life import ACT
from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.contract.incidents import find_incidents
from inbox_worker.contract.money_of import has_balance
from inbox_worker.core.model import Period, Submission
from inbox_worker.ledger.letters import Delivery, LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.months import find_first_open_month
from inbox_worker.month.office import Office
from inbox_worker.settings.calendar import add_months
from inbox_worker.settings.delivery_rules import EXPORT
from inbox_worker.settings.retention_rules import Keeping

ON_ITS_WAY = (LetterState.REVIEW, LetterState.QUEUED, LetterState.RETRY, LetterState.SENDING, LetterState.UNCERTAIN)


@dataclass(frozen=True)
class KeepingReasons:
    """Everything that keeps things, each asked of the journal once."""

    office: Office
    on: date

    @cached_property
    def gone(self) -> Collection[str]:
        return self.office.journal.destroyed.gone().keys()

    @cached_property
    def owed(self) -> Collection[Duty]:
        """Every duty that is not met."""
        return [one for one in find_duties(self.office, self.on) if one.state(self.on) != "met"]

    @cached_property
    def owed_sources(self) -> Collection[str]:
        return {word for one in self.owed for word in one.source.split(" ")}

    @cached_property
    def owed_documents(self) -> Collection[tuple[str, str, str]]:
        """Customer, what started it, and kind of each document that an open duty is about: of a month, or of an act."""
        rules = self.office.rules.duties
        return {(one.customer, one.source, kind) for one in self.owed
                for kind in rules[one.duty].documents or (["act"] if one.duty == ACT else ())}  # fmt: skip

    @cached_property
    def tasks(self) -> Collection[str]:
        """Subjects of open tasks: numbers of arrivals and forms, and Customers."""
        found = set[str]()
        for task in self.office.journal.tasks.open():
            found |= {f"IW-{task.arrival:06d}", task.submission, *task.customer.split(" ")}
        return found - {""}

    @cached_property
    def incidents(self) -> Collection[str]:
        return {about for one in find_incidents(self.office) if not one.closed_at for about in one.about}

    @cached_property
    def submissions(self) -> Mapping[int, list[Submission]]:
        found: dict[int, list[Submission]] = defaultdict(list)
        for form in self.office.journal.submissions.all():
            found[form.arrival].append(form)
        return found

    @cached_property
    def answers(self) -> Mapping[str, str]:
        """The hash of each marked workbook, by form."""
        return self.office.journal.submissions.answer_hashes()

    @cached_property
    def letters(self) -> list[Delivery]:
        return self.office.journal.letters.all()

    @cached_property
    def waiting(self) -> Collection[int]:
        """Arrivals with a letter about them that is on its way."""
        return {one.arrival for one in self.letters if one.arrival and one.state in ON_ITS_WAY}

    @cached_property
    def first_open(self) -> Period | None:
        return find_first_open_month(self.office)

    def is_closed(self, month: Period) -> bool:
        """Tell whether a month comes before the first open one."""
        return self.first_open is not None and month < self.first_open

    @cached_property
    def ended(self) -> Mapping[str, date]:
        """The last day of each contract that has ended."""
        known = self.office.journal.customers.on(self.on).values()
        return {one.bin: one.valid_until for one in known if one.valid_until and one.valid_until < self.on}

    @cached_property
    def versions(self) -> list[Version]:
        return self.office.journal.documents.versions((DocumentState.SENT, DocumentState.REJECTED))

    def keeps_ended(self, bin_: str) -> tuple[str, ...]:
        """Return what keeps all that belongs to a contract that ended, for as long as its three years are not over."""
        office = self.office
        found = ["duty"] if any(bin_ in one.customer for one in self.owed) else []
        found += ["task"] if bin_ in self.tasks else []
        found += ["claim"] if has_balance(office, bin_) else []
        found += [] if self.is_closed(Period.of(self.ended[bin_])) else ["unclosed"]
        waits = (DocumentState.PENDING, DocumentState.APPROVED)
        exports = office.journal.documents.versions(waits, kinds=[EXPORT])
        found += ["undelivered"] if any(one.bin == bin_ for one in exports) else []
        return tuple(found)

    def term(self, kind: str, since: date, customers: Collection[str]) -> tuple[date, str, tuple[str, ...]]:
        """Return from which day something may go, by which clause, and what keeps it until then."""
        own: Keeping = getattr(self.office.rules.retention, kind)
        until = _after(since, own)
        ends = [self.ended.get(bin_) for bin_ in customers]
        if not ends or not all(ends) or until <= self.on:
            return until, own.clause, ()
        ended = self.office.rules.retention.ended
        early = _after(max(end for end in ends if end), ended)
        if early >= until:
            return until, own.clause, ()
        keeps = (why for bin_ in customers for why in self.keeps_ended(bin_))
        return early, ended.clause, tuple(dict.fromkeys(keeps))


def _after(since: date, keeping: Keeping) -> date:
    """Return the first day after so many whole months."""
    return add_months(since, keeping.months) + timedelta(1)
