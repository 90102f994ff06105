"""Lines that a month does not have any more, for the contract of their Customer ended in the month before, or
for it gave them up (10.1, 10.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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


def find_lines_left(
    lines: Iterable[Mapping[str, Any]], given_up: Iterable[Mapping[str, Any]], month: Period
) -> list[Mapping[str, Any]]:
    """Return those of a Customer's lines (house, service) in a month that it has not given up in part by its first day
    (10.1): `given_up` are rows of stops, by service, house or both. Where none is left the contract ends (10.7)."""
    counting = [stop for stop in given_up if stop["from_date"] <= month.first_day]
    return [
        line
        for line in lines
        if not any(all(stop[of] in (None, line[of]) for of in ("house", "service")) for stop in counting)
    ]


def last_month_of(stop: Mapping[str, Any]) -> Period:
    """Return the last month in which lines that were given up from a day stand: they go on the 1st."""
    day: date = stop["from_date"]
    return Period.of(day).plus(-1) if day.day == 1 else Period.of(day)
