"""Sources of duties, each asked of the journal once: posted forms, documents on their way, acts of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from inbox_worker.core.model import Customer, Period, Submission
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import CONSENT, RecordedAct, find_acts_named
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.ledger.transfers import Distribution
from inbox_worker.month.office import Office
from inbox_worker.month.stopping import find_lines_left, last_month_of
from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT

_STATEMENT = "bank_distribution"
ORIGINAL, MET = "original received", "duty met"  # acts of people that meet duties


@dataclass(frozen=True)
class FirstDelivery:
    """A document that reached its reader: on which day, and how."""

    on: date
    proof: str


@dataclass(frozen=True)
class DutySources:
    """The journal as the end of a day sees it."""

    office: Office
    on: date

    @cached_property
    def customers(self) -> Sequence[Customer]:
        """The register of Customers of the day."""
        return list(self.office.journal.customers.on(self.on).values())

    def register_has(self, names: Sequence[str]) -> bool:
        """Return whether the form of the register asks for all of these fields: one of an older home asks for fewer."""
        asked = {column.name for column in self.office.rules.forms["customers"].columns}
        return asked.issuperset(names)

    def find_fields(self, customer: Customer, names: Sequence[str]) -> tuple[date | None, str]:
        """Return since when the register has all of these fields of a Customer, and the form that told them; None where
        it does not have them on the day."""
        if not all(getattr(customer, name) for name in names):
            return None, ""
        found: tuple[date | None, str] = (None, "")
        for one in self.office.journal.customers.versions(customer.bin):
            day = to_almaty(one.stated_at).date()
            if day <= self.on:
                known = all(getattr(one.customer, name) for name in names)
                found = (found if found[0] else (day, one.submission)) if known else (None, "")
        return found

    def is_first_row(self, customer: Customer, submission: str) -> bool:
        """Return whether a form is the one by which the register first had a Customer."""
        return self.office.journal.customers.versions(customer.bin)[0].submission == submission

    @cached_property
    def posted(self) -> Sequence[Submission]:
        """Forms that are in the ledger and that no later one replaced whole."""
        return [form for form in self.office.journal.submissions.all() if form.outcome.posted and not form.replaced_by]

    def came_on(self, submission: str) -> date | None:
        """Return the day on which all of a form was here; None where there is no such form."""
        form = self.office.journal.submissions.get(submission)
        return to_almaty(form.complete_at).date() if form else None

    @cached_property
    def notices(self) -> Sequence[Mapping[str, Any]]:
        """Rows of Customers' notices that came by the day."""
        return self.find_rows("notice")

    def find_rows(self, kind: str) -> list[dict[str, Any]]:
        """Find the facts of a kind in force whose forms came by the day, in the order of posting."""
        files = self.office.journal.facts.files(kind)
        files = [file for file in files if (came := self.came_on(file.submission)) and came <= self.on]
        return list(read_facts(self.office.home.ledger, kind, files).to_pylist()) if files else []

    @cached_property
    def months(self) -> Sequence[Period]:
        """The months from the first that has a state to the one after the day's: its forms are due in this one."""
        known = self.office.journal.closes.months()
        first, last = min(known, default=Period.of(self.on)), Period.of(self.on).plus(1)
        return [first.plus(number) for number in range(last.minus(first) + 1)]

    @cached_property
    def left(self) -> Mapping[str, date]:
        """The last day of the contracts that ended by themselves, by БИН: the last house left, or the last lines were
        given up (10.7)."""
        months = defaultdict(list)
        for row in self.find_rows("house_exit"):
            months[row["customer"]].append(Period.of(row["left_on"]))
        for stop in self.given_up:
            months[stop["customer"]].append(last_month_of(stop))
        last = {bin_: max(of) for bin_, of in months.items()}
        return {bin_: of.last_day for bin_, of in last.items() if not self._has_lines(bin_, of.plus(1))}

    @cached_property
    def given_up(self) -> Sequence[Mapping[str, Any]]:
        """Stops of lines that Customers gave up in part by a notice, not those of the operator (10.1)."""
        notices = {row["submission"] for row in self.notices}
        return [stop for stop in self.find_rows("stops") if stop["submission"] in notices]

    def _has_lines(self, bin_: str, month: Period) -> bool:
        lines = self.office.directory.lines(bin_, month).select(["house", "service"]).to_pylist()
        return bool(find_lines_left(lines, [one for one in self.given_up if one["customer"] == bin_], month))

    @cached_property
    def first_lines(self) -> Mapping[str, Period]:
        """The first month in which each Customer has lines, by БИН."""
        found: dict[str, Period] = {}
        for kind in ("directory", "new_houses", "service_charges"):
            for file in self.office.journal.facts.files(kind):
                found[file.customer] = min(file.month, found.get(file.customer, file.month))
        return found

    def with_lines(self, month: Period) -> list[Customer]:
        """Return the Customers who have lines in a month, whose contract had begun and had not ended before it."""
        first, day = self.first_lines, month.first_day
        return [
            customer
            for customer in self.customers
            if customer.bin in first and first[customer.bin] <= month
            and Period.of(customer.contract_date) <= month
            and min(customer.valid_until or date.max, self.left.get(customer.bin, date.max)) >= day
        ]  # fmt: skip

    @cached_property
    def forms_by_month(self) -> Mapping[tuple[str, str, Period], Submission]:
        """The first posted form of a kind, by kind, Customer and month."""
        found: dict[tuple[str, str, Period], Submission] = {}
        for form in self.posted:
            if form.month is not None:
                found.setdefault((form.form, form.customer, form.month), form)
        return found

    @property
    def _kinds(self) -> set[str]:
        """Kinds of documents that a duty is met by; bills are counted only, for they are many."""
        rules = self.office.rules.duties.values()
        named = {kind for rule in rules if rule.starts == "month" for kind in rule.documents}
        asked = {rule.makes for rule in self.office.rules.requests.values()}
        return named | asked | {"act", NOTICE_DOCUMENT, _STATEMENT}

    @cached_property
    def versions(self) -> Mapping[tuple[str, str], list[Version]]:
        """Versions of documents by kind and month."""
        found = defaultdict(list)
        for version in self.office.journal.documents.versions(kinds=self._kinds):
            found[version.kind, version.month].append(version)
        return found

    @cached_property
    def _sent(self) -> Mapping[int, FirstDelivery]:
        """The first delivery of each version that reached somebody by the day."""
        found: dict[int, FirstDelivery] = {}
        for proof in self.office.journal.documents.proofs(states=[LetterState.SENT], kinds=self._kinds):
            if proof.sent_at:
                day = to_almaty(datetime.fromisoformat(proof.sent_at)).date()
                known = found.get(proof.document)
                if known is None or day < known.on:
                    how = proof.answer if proof.way == "hand" else f"{proof.way} {proof.letter or proof.answer}"
                    found[proof.document] = FirstDelivery(day, how.strip())
        return found

    def find_delivery(self, version: Version) -> FirstDelivery | None:
        """Return when and how a version reached its reader, also where staff put it into `sent`; None when not."""
        if known := self._sent.get(version.id):
            return FirstDelivery(known.on, f"{version.name} ({known.proof})")
        if version.state is DocumentState.SENT and version.changed_at:
            return FirstDelivery(to_almaty(datetime.fromisoformat(version.changed_at)).date(), version.name)
        return None

    def find_statement(self, bank: str, paid_on: date, register: Submission) -> tuple[date | None, str]:
        """Return when and how the bank got the statements of its day that hold a register's payments: the last of them,
        or None while one is not there."""
        covering = [
            one
            for one in self._distributions.get((bank, paid_on), ())
            if one.after < (register.sequence or 0) <= one.upto
        ]
        sent = [self._sent_statements.get(one.number) for one in covering]
        found = [one for one in sent if one]
        if not found or len(found) < len(sent):
            return None, ""
        last = max(found, key=lambda one: one.on)
        return last.on, last.proof

    @cached_property
    def _distributions(self) -> Mapping[tuple[str, date], list[Distribution]]:
        found = defaultdict(list)
        for one in self.office.journal.transfers.distributions():
            found[one.bank, one.day].append(one)
        return found

    @cached_property
    def _sent_statements(self) -> Mapping[int, FirstDelivery]:
        """The delivery of each statement of distribution that reached its bank, by its number."""
        found = dict[int, FirstDelivery]()
        for versions in (of for (kind, _), of in self.versions.items() if kind == _STATEMENT):
            for version in versions:
                if delivered := self.find_delivery(version):
                    number = int(version.entry.get("made_of", {}).get("statement", 0))
                    found[number] = min(delivered, found.get(number, delivered), key=lambda one: one.on)
        return found

    @cached_property
    def delivered_notices(self) -> Sequence[tuple[Version, FirstDelivery]]:
        """Notices that reached their Customer, by the number of the version."""
        notices = [version for (kind, _), of in self.versions.items() if kind == NOTICE_DOCUMENT for version in of]
        found = [(one, self.find_delivery(one)) for one in sorted(notices, key=lambda one: one.id)]
        return [(version, delivery) for version, delivery in found if delivery]

    # --- acts of people -----------------------------------------------------------------------------------------

    @cached_property
    def on_paper(self) -> set[str]:
        """Forms that staff released by documents on paper: their originals are here."""
        return {act.subject for act in find_acts_named(self.office.journal.database, "release")}

    @cached_property
    def originals(self) -> Mapping[str, tuple[date, str]]:
        """Day and words with which staff received originals, by form."""
        return self._read_acts(ORIGINAL)

    @cached_property
    def met_by_staff(self) -> Mapping[str, tuple[date, str]]:
        """Day and words with which staff said that a duty was met, by duty and source."""
        return self._read_acts(MET)

    def find_consents(self, customer: str) -> list[RecordedAct]:
        """Find a Customer's consents to process personal data that were recorded by the day (4.3.8)."""
        known = find_acts_named(self.office.journal.database, CONSENT)
        return [act for act in known if act.subject == customer and act.at[:10] <= self.on.isoformat()]

    def _read_acts(self, act: str) -> Mapping[str, tuple[date, str]]:
        return {
            said.subject: (_day(said), said.details or act)
            for said in find_acts_named(self.office.journal.database, act)
        }


def _day(act: RecordedAct) -> date:
    return to_almaty(datetime.fromisoformat(act.at)).date()
