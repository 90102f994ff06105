"""Finds what staff are told of lines that left: those charged again, for their Customer came back, and what was paid
too much on lines that are charged no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.differences import Differences, Found, IdleAdvance, ReturnedLines, differences
from inbox_worker.month.office import Office


def find_differences_of(office: Office, month: Period, ranges: Sequence[Found]) -> Differences:
    """Return the differences of a whole month, out of its ranges of accounts."""
    idle = _add_up(row for part in ranges for row in part.idle)
    return replace(
        differences(month, ranges, office.rules.outliers),
        returned=tuple(_find_returned(office, month, _add_up(row for part in ranges for row in part.standing))),
        idle=tuple(IdleAdvance(*key, int(lines), amount) for key, (lines, amount) in idle.items()),
    )


def _add_up(rows: Iterator[Sequence[Any]]) -> dict[tuple[str, str], list[Any]]:
    """Return the figures of each Customer and service, of all ranges together."""
    found: dict[tuple[str, str], list[Any]] = {}
    for customer, service, *values in rows:
        known = found.get((customer, service))
        found[customer, service] = [a + b for a, b in zip(known, values, strict=True)] if known else values
    return dict(sorted(found.items()))


def _find_returned(
    office: Office, month: Period, standing: dict[tuple[str, str], list[Any]]
) -> Iterator[ReturnedLines]:
    stood = {customer for (customer, _), (*_, before) in standing.items() if before}
    away = {customer for customer, _ in standing} - stood
    ends = {customer: day for customer in away if (day := _last_end(office, customer, month.plus(-1)))}
    for (customer, service), (lines, charged, _) in standing.items():
        if customer in ends:
            yield ReturnedLines(customer, ends[customer], service, int(lines), charged)


def _last_end(office: Office, customer: str, before: Period) -> date | None:
    """Return the last day, before a month, on which the register or a notice said that a contract ends."""
    days = [version.customer.valid_until for version in office.journal.customers.versions(customer)]
    files = office.journal.facts.files("notice", customer=customer)
    days += [row["ends"] for row in read_facts(office.home.ledger, "notice", files).to_pylist()] if files else []
    return max((day for day in days if day is not None and day < before.first_day), default=None)
