"""Duties that a Customer's request starts, of those that the program does by itself (4.1.10, 4.1.16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from inbox_worker.contract.duty import Duty, due_after
from inbox_worker.contract.sources import DutySources, FirstDelivery
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.facts import read_facts
from inbox_worker.settings.calendar import is_working_day, order_begins
from inbox_worker.settings.duty_rules import DutyRule

_SHOWN = timedelta(days=31)  # how long a day of a standing order is looked back at


def find_request_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find what was asked for: a document within the term, or a file every working day. It is met when it is sent."""
    office, came = sources.office, {form.id: to_almaty(form.complete_at).date() for form in sources.posted}
    files, names = office.journal.facts.files("request"), ["customer", "kind", "since", "submission", "row"]
    for row in read_facts(office.home.ledger, "request", files, names).to_pylist() if files else ():
        asked, start = office.rules.requests.get(row["kind"]), came.get(row["submission"])
        if asked is None or start is None:
            continue
        about = f"{row['submission']} {row['row']}"
        if asked.every == "working day":
            for day in _days_of(sources, row, start):
                met = _find_sent(sources, asked.makes, row["customer"], day, f"{asked.makes}-{day - timedelta(1)}.")
                yield Duty(name, asked.clause, rule.who, row["customer"], f"{about} {day}", day, day, *met)
        else:
            due = due_after(rule.term, start, office.rules)
            met = _find_sent(sources, asked.makes, row["customer"], start, asked.makes)
            yield Duty(name, asked.clause, rule.who, row["customer"], about, start, due, *met)


def _days_of(sources: DutySources, row: Mapping[str, Any], start: date) -> Iterator[date]:
    """Yield the working days of a standing order; it ends with the contract."""
    rules = sources.office.rules
    customer = sources.office.journal.customers.on(sources.on).get(row["customer"])
    last = min(sources.on, (customer.valid_until if customer else None) or sources.on)
    day = max(order_begins(start, row["since"], rules), sources.on - _SHOWN)
    while day <= last:
        if is_working_day(day, rules):
            yield day
        day += timedelta(1)


def _find_sent(
    sources: DutySources, kind: str, customer: str, since: date, named: str
) -> tuple[date | None, str]:  # fmt: skip
    """Return when and how a Customer first got a document of a kind since a day, by the beginning of its name."""
    found: list[FirstDelivery] = []
    for (of, _), versions in sources.versions.items():
        for one in versions if of == kind else ():
            delivery = sources.find_delivery(one) if one.bin == customer and one.name.startswith(named) else None
            found += [delivery] if delivery and delivery.on >= since else []
    first = min(found, key=lambda one: one.on, default=None)
    return (first.on, first.proof) if first else (None, "")
