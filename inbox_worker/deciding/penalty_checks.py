"""Checks of a penalty notice that count with its algorithm (4.1.6)."""

from __future__ import annotations

from decimal import Decimal

from inbox_worker.core.model import Finding
from inbox_worker.core.money import round_money
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show

_TERMS = ("rate", "coefficient", "grace_days", "cap")


@check
def penalty_example(table: CheckedTable, case: Case, debt: str, days: int) -> list[Finding]:
    """Tells what the notice's terms make of a sample debt overdue for so many days: the sender sees the algorithm."""
    algorithm, sample = case.rules.penalties.algorithm, Decimal(debt)
    found = []
    for index in range(len(table.frame)):
        if any(table.frame[name].isna().iloc[index] for name in _TERMS):
            continue
        rate, coefficient, grace, cap = (table.value(index, name) for name in _TERMS)
        if min(rate, coefficient, cap) <= 0 or grace < 0:
            continue
        if algorithm.rate == "base":
            rate = case.rules.penalties.base_rate(case.received_on)
        limit = round_money(sample * min(cap, Decimal(100)) / 100)
        full = round_money(sample * rate * coefficient * days / (100 * algorithm.year_days))
        facts = {
            "debt": show(sample), "days": str(days), "rate": show(rate), "coefficient": show(coefficient),
            "year": str(algorithm.year_days), "penalty": show(min(full, limit)), "limit": show(limit),
            "due": str(algorithm.due_day), "grace": str(grace),
        }  # fmt: skip
        found.append(table.finding("penalty.example", index, "rate", **facts))
    return found
