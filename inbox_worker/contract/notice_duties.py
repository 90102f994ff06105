"""Duties that notices start or meet: proofs asked for (4.3.5), a breach to mend (10.2), new prices published (10.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from inbox_worker.contract.duty import Duty, due_after
from inbox_worker.contract.sources import DutySources, FirstDelivery
from inbox_worker.core.time import to_almaty
from inbox_worker.settings.duty_rules import DutyRule

PRICES = "prices"  # the notice that publishes a price
_PUBLISHED = timedelta(days=30)  # so long before the last day a price is to be published


def find_notice_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find the terms that run from the day on which a notice reached its Customer; staff say what met them."""
    found: dict[tuple[str, str], FirstDelivery] = {}
    for version, delivery in sources.delivered_notices:
        made_of = _made_of(version.entry)
        if made_of.get("notice") == rule.notice:
            key = version.bin, str(made_of["number"])
            found[key] = min(delivery, found.get(key, delivery), key=lambda one: one.on)
    for (customer, number), delivery in found.items():
        due = due_after(rule.term, delivery.on, sources.office.rules)
        yield Duty(name, rule.clause, rule.who, customer, number, delivery.on, due)


def find_price_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find the prices that each Customer must have been told of before they count (10.5).

    A price that counted when the Customer was first known here, or that he signed for, was agreed with him.
    """
    published = {
        (version.bin, str(_made_of(version.entry).get("about"))): delivery
        for version, delivery in reversed(sources.delivered_notices)
        if _made_of(version.entry).get("notice") == PRICES
    }
    starts = sorted({price.start for price in sources.office.rules.prices})
    for customer in sources.customers:
        if customer.valid_until is not None and customer.valid_until < sources.on:
            continue
        known = max(customer.contract_date, _first_known(sources, customer.bin))
        for start in (one for one in starts if one > known):
            due = due_after(rule.term, start, sources.office.rules)
            met = published.get((customer.bin, about_price(start)))
            proof = (met.on, met.proof) if met else (None, "")
            yield Duty(name, rule.clause, rule.who, customer.bin, about_price(start), due - _PUBLISHED, due, *proof)


def about_price(start: date) -> str:
    """Return how duties and notices name the prices of a day."""
    return f"price {start}"


def _first_known(sources: DutySources, customer: str) -> date:
    versions = sources.office.journal.customers.versions(customer)
    return min((to_almaty(one.stated_at).date() for one in versions), default=date.min)


def _made_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    made_of: Mapping[str, Any] = entry.get("made_of", {})
    return made_of
