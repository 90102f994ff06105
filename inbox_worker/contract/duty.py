"""One term of the contract at work, and the day that a rule gives it (rules/duties.yaml)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from inbox_worker.core.model import Period
from inbox_worker.settings.calendar import add_days, deadline_moment, roll
from inbox_worker.settings.duty_rules import DutyRule, DutyTerm
from inbox_worker.settings.office_rules import EVERY_FORM
from inbox_worker.settings.rules import Rules

State = Literal["open", "met", "overdue"]
SILENCE = "accepted by silence"
_BY_WAY = re.compile(r"\((mail|folder) ([^()]+)\)")
_MONTHS = {"before": -1, "same": 0, "next": 1}


@dataclass(frozen=True)
class Duty:
    """A duty of one party, with its day.

    `source`: what started it; `met_on`, `met_by`: the day and the proof, None and '' without.
    `customer` is '' where a duty is owed to no single Customer.
    """

    duty: str
    clause: str
    who: str
    customer: str
    source: str
    starts: date
    due: date
    met_on: date | None = None
    met_by: str = ""
    longer: int = 0  # calendar days that force majeure added to the term (9.3, 8.7)

    def state(self, on: date) -> State:
        """Return how it stood at the end of a day; what met it later does not count yet."""
        if self.met_on is not None and self.met_on <= on:
            return "met"
        return "overdue" if self.due < on else "open"

    def late_by(self, on: date) -> int:
        """Return how many calendar days after its day it was met; 0 where it was in time, or is not met on a day."""
        return max((self.met_on - self.due).days, 0) if self.met_on is not None and self.met_on <= on else 0

    def as_json(self, on: date) -> dict[str, str]:
        """Return it as `duties --json` gives it."""
        state = self.state(on)
        return {
            "duty": self.duty, "clause": self.clause, "who": self.who, "customer": self.customer,
            "starts": self.starts.isoformat(), "due": self.due.isoformat(), "state": state,
            "met_by": self.met_by if state == "met" else "", "source": self.source,
            "longer": str(self.longer or ""), "late": str(self.late_by(on) or ""),
        }  # fmt: skip


def word_proof(met_by: str, say: Callable[[str, str], str]) -> str:
    """Return what met a duty in people's words; `say`: the words of a way (`mail`, `folder`, `silence`) and of which.

    What staff said, and names of files and forms, stay as they stand.
    """
    if met_by == SILENCE:
        return say("silence", "")
    return _BY_WAY.sub(lambda way: f"({say(way[1], way[2])})", met_by)


def due_after(term: DutyTerm, start: date, rules: Rules, more: int = 0) -> date:
    """Return the day on which a term of so many days ends, `more` days later where it is longer."""
    return roll(add_days(start, (term.days or 0) + more, term.count, rules), term.rolling, rules)


def distribution_due(rules: Rules, came: date, paid_on: date) -> date:
    """Return the day by which a bank has its statement: counted from its register, longer for the first days of a month
    (4.1.7)."""
    term = rules.duties["operator.distribution"].term
    longer = term.longer
    return due_after(term, came, rules, longer.days if longer and paid_on.day <= longer.until_day else 0)


def due_in_month(rule: DutyRule, month: Period, rules: Rules) -> date:
    """Return the day by which a duty of a month is due: by its own term, or as the deadline or delivery says."""
    term = rule.term
    if term.like == "deadline":
        return deadline_moment(month.plus(-1), rules, rule.form or EVERY_FORM).date()
    day = _day_of(term.day, term.month, month) if term.day else delivery_due(month, rules, rule.documents)
    return roll(day, term.rolling, rules)


def delivery_due(month: Period, rules: Rules, documents: Sequence[str]) -> date:
    """Return the day by which the first of a month's documents is with its reader, by delivery.yaml; the last day of
    the next month where it names none."""
    found = [due for kind in documents if (due := rules.delivery.kind(kind).due)]
    return min((_day_of(due.day, due.month, month) for due in found), default=_day_of(31, "next", month))


def _day_of(day: int, which: str, month: Period) -> date:
    of = month.plus(_MONTHS[which])
    return of.first_day.replace(day=min(day, of.days))
