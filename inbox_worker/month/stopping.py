"""Lines that a month does not have any more, for the contract of their Customer ended in the month before (10.1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from inbox_worker.core.model import Period
from inbox_worker.month.office import Office


@dataclass(frozen=True)
class StoppingLines:
    """Lines of a Customer, a service and a house that stop with the month before: `until` is the contract's last day,
    `lines` their count."""

    customer: str
    until: date
    service: str
    house: str
    lines: int

    def as_json(self) -> dict[str, str | int]:
        """Return it for programs."""
        return {**vars(self), "until": self.until.isoformat()}


def find_stopping_lines(office: Office, month: Period) -> tuple[StoppingLines, ...]:
    """Find the lines whose contract ended in the month before, by Customer, service and house."""
    before, order, found = month.plus(-1), office.rules.service_order, list[StoppingLines]()
    for bin_, customer in office.journal.customers.on(month.last_day).items():
        until = customer.valid_until
        if until is None or not before.first_day <= until < month.first_day:
            continue
        lines = office.directory.lines(bin_, before).select(["account", "service", "house"]).to_pylist()
        count = Counter((row["service"], row["house"]) for row in {tuple(row.items()): row for row in lines}.values())
        for service, house in sorted(count, key=lambda one: (order[one[0]], one[1] or "")):
            found.append(StoppingLines(bin_, until, service, house, count[service, house]))
    return tuple(found)
