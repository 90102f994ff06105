"""Penalty notices that say a day before their month of account: days before that month take no penalty (4.1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inbox_worker.core.model import Period
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.office import Office


@dataclass(frozen=True)
class LatePenalty:
    """A row of a notice: the day that it says, and the first day that takes a penalty."""

    customer: str
    service: str
    said: date
    since: date
    submission: str

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        return {**vars(self), "said": self.said.isoformat(), "since": self.since.isoformat()}


def find_late_penalties(office: Office, month: Period) -> tuple[LatePenalty, ...]:
    """Find the notices whose first days' penalty is in a month, and that say an earlier day."""
    counted = month.plus(-1)
    files = [file for file in office.journal.facts.files("penalty_notice") if file.month <= counted]
    if not any(file.month == counted for file in files):
        return ()
    rows = read_facts(office.home.ledger, "penalty_notice", files).to_pylist()
    first = counted.first_day
    return tuple(
        LatePenalty(row["customer"], row["service"], row["from_date"], first, row["submission"])
        for row in rows
        if row["month"] == first and row["from_date"] < first
    )
