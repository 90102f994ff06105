"""Start duties by notices that reached their Customer: proofs asked for (4.3.5), a breach to mend (10.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inbox_worker.contract.duty import Duty, due_after
from inbox_worker.contract.sources import DutySources, FirstDelivery
from inbox_worker.settings.duty_rules import DutyRule


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


def _made_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    made_of: Mapping[str, Any] = entry.get("made_of", {})
    return made_of
