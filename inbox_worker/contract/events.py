"""Contracts of houses with their Customer by date, and force majeure, as the register and notices tell: which contract
ends without another to go on (4.3.11), and which terms are longer by what force majeure lasts (9.3, 8.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from inbox_worker.contract.duty import Duty, due_after
from inbox_worker.contract.sources import DutySources
from inbox_worker.settings.duty_rules import DutyRule

Met = tuple[date | None, str]


@dataclass(frozen=True)
class HouseContract:
    """A house's contract: from a day to another, or without an end (None). `renewed`: another goes on from there, and
    since when that is known. `source`: the form that told it last."""

    customer: str
    house: str
    since: date
    until: date | None
    document: str
    source: str
    renewed: Met = (None, "")

    def state(self, on: date) -> str:
        """Return how it stood on a day: in force, ended, or not begun."""
        if self.since > on:
            return "not begun"
        return "ended" if self.until and self.until < on else "in force"

    def as_json(self, on: date) -> dict[str, str]:
        """Return it for programs."""
        return {
            "house": self.house, "from": self.since.isoformat(), "until": self.until.isoformat() if self.until else "",
            "state": self.state(on), "document": self.document, "source": self.source,
        }  # fmt: skip


def find_house_contracts(sources: DutySources, customer: str = "") -> list[HouseContract]:
    """Find what the register and notices told by the day, by Customer, house and day."""
    found = [
        HouseContract(*(row[name] for name in ("customer", "house", "since", "until", "document", "submission")))
        for row in sources.find_rows("house_contracts")
        if customer in ("", row["customer"])
    ]
    ordered = sorted(found, key=lambda one: (one.customer, one.house, one.since))
    each = groupby(ordered, key=lambda one: (one.customer, one.house))
    return [contract for _, of in each for contract in _join(list(of), sources)]


def find_house_contract_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Yield the duty to say that a contract of a house comes to its end, or to show the one that goes on (4.3.11)."""
    for one in find_house_contracts(sources):
        if one.until is not None:
            due, source = due_after(rule.term, one.until, sources.office.rules), f"{one.house} {one.until}"
            met = (
                one.renewed
                if one.renewed[0]
                else find_notice(sources, rule, one.customer, "house", one.until, one.house)
            )
            yield Duty(name, rule.clause, rule.who, one.customer, source, min(one.since, due), due, *met)


def find_notice(sources: DutySources, rule: DutyRule, customer: str, column: str, day: date, value: str = "") -> Met:
    """Return when a notice came that names a day (and the `value` of a column), and its number; None without one."""
    for row in sources.notices if rule.form else ():
        same = (row["customer"], row["event_on"], row["clause"]) == (customer, day, rule.clause)
        if same and row.get(column) in ((value,) if value else (day,)):
            return sources.came_on(row["submission"]), row["submission"]
    return None, ""


def _join(contracts: list[HouseContract], sources: DutySources) -> Iterable[HouseContract]:
    for one in contracts:
        following = [
            later for later in contracts
            if one.until and later.since > one.since and later.since <= one.until + timedelta(1)
            and (later.until is None or later.until > one.until)
        ]  # fmt: skip
        renewed = (sources.came_on(following[0].source), following[0].source) if following else (None, "")
        yield HouseContract(one.customer, one.house, one.since, one.until, one.document, one.source, renewed)


@dataclass(frozen=True)
class ForceMajeure:
    """An event that a Customer notified of: from a day, to another or until it says the end (None)."""

    customer: str
    begins: date
    ends: date | None
    source: str
    clause: str

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        ends = self.ends.isoformat() if self.ends else ""
        return {"from": self.begins.isoformat(), "until": ends, "clause": self.clause, "source": self.source}


def find_force_majeure(sources: DutySources) -> list[ForceMajeure]:
    """Find what was told by the day; the end of an event is that which was told last."""
    rules = sources.office.rules.customer_notices
    found = {
        (row["customer"], row["event_on"]): ForceMajeure(
            row["customer"], row["event_on"], row["until"], row["submission"], row["clause"]
        )
        for row in sources.notices
        if rules[row["kind"]].acts == "extend"
    }
    return list(found.values())


def extend_terms(duties: Sequence[Duty], sources: DutySources) -> list[Duty]:
    """Return the duties, those of a Customer with force majeure longer by the days of it in their term. While it lasts
    none of them is overdue."""
    events = find_force_majeure(sources)
    return [_extend(duty, [one for one in events if one.customer in duty.customer], sources.on) for duty in duties]


def _extend(duty: Duty, events: Sequence[ForceMajeure], on: date) -> Duty:
    counting = [
        one for one in events
        if not (duty.met_on is not None and duty.met_on < one.begins) and duty.source != one.source
    ]  # fmt: skip
    days = days_longer(counting, duty.starts, duty.due, on)
    return replace(duty, due=duty.due + timedelta(days), longer=duty.longer + days)


def days_longer(events: Sequence[ForceMajeure], starts: date, due: date, on: date) -> int:
    """Return by how many calendar days force majeure makes a term longer, as known at the end of a day (9.3): those of
    each event that begins within the term as it is by then."""
    longer = 0
    for event in sorted(events, key=lambda one: one.begins):
        first, last = max(event.begins, starts), event.ends or max(on, event.begins)
        if event.begins <= due + timedelta(longer) and first <= last:
            longer += (last - first).days + 1
    return longer
