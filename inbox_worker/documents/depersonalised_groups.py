"""Figures of a closed month by groups of consumers, for use without personal data (4.2.7): whose lines may be used, and
the groups, none smaller than rules/retention.yaml says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from inbox_worker.core.model import Customer, Outcome, Period
from inbox_worker.core.queries import read_query
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.small_groups import Key, fold_small
from inbox_worker.ledger.journal import Journal
from inbox_worker.month.months import MonthError
from inbox_worker.settings.retention_rules import SmallestGroup

SUMS = ("opening", "charged", "paid", "closing")
_TELLING = ("notice", "customers")  # forms that may tell a ban
_LINES = read_query(__file__, "depersonalised_lines")
_KEYS = read_query(__file__, "depersonalised_keys")
_COUNTS = read_query(__file__, "depersonalised_counts")


@dataclass(frozen=True)
class ConsumerGroup:
    """A group of consumers as it is shown. `service`, `kind`, `size`: '' for several together (small_groups.py).
    `sums`, in tenge: opening, all that was charged, what was paid (moved between lines included), closing."""

    service: str
    kind: str
    size: str
    accounts: int
    customers: int
    sums: dict[str, Decimal]


@dataclass(frozen=True)
class DepersonalisedMonth:
    """A closed month without personal data. `banned`: how many Customers with lines forbade it, `waiting`: how many
    others have a notice that nobody decided yet; nothing of either is in `groups`. `folded`: how many combinations are
    not shown by themselves."""

    month: Period
    number: int
    groups: tuple[ConsumerGroup, ...]
    folded: int
    banned: int
    waiting: int


def group_consumers(facts: MonthFacts, least: SmallestGroup) -> DepersonalisedMonth:
    """Return the month's groups. Raises MonthError for a month not closed."""
    if not facts.number:
        raise MonthError(f"{facts.month} is not closed; run `close {facts.month}` first")
    journal, month = facts.office.journal, facts.month
    known = journal.customers.on(month.last_day)
    banned = {bin_ for bin_ in facts.customers if forbids(journal, bin_, month)}
    waiting = _find_waiting(journal).intersection(facts.customers) - banned
    used = [known[bin_] for bin_ in facts.customers if bin_ not in banned | waiting]
    keys = _prepare(facts, used, least)
    shown = fold_small(keys, lambda part: _fits(facts, part, least))
    groups = tuple(_group(facts, group.key, group.of) for group in shown)
    folded = len(keys) - sum(1 for group in shown if group.of == (group.key,))
    return DepersonalisedMonth(month, facts.number, groups, folded, len(banned), len(waiting))


def forbids(journal: Journal, bin_: str, month: Period) -> bool:
    """Return whether a Customer's ban counts on any day of a month: from its day on, nothing of his is used (4.2.7)."""
    changes = [one.begins for one in journal.customers.versions(bin_)]
    days = {month.first_day, *(day for day in changes if month.first_day <= day <= month.last_day)}
    return any(journal.customers.on(day)[bin_].no_depersonalised for day in days)


def _find_waiting(journal: Journal) -> set[str]:
    held = (one for one in journal.submissions.all() if one.outcome is Outcome.HELD and one.form in _TELLING)
    return {one.customer for one in held}


def _prepare(facts: MonthFacts, used: Sequence[Customer], least: SmallestGroup) -> list[Key]:
    connection = facts.connection
    of = pa.table({"bin": [one.bin for one in used], "kind": [one.kind for one in used]}, _CUSTOMERS)
    connection.register("depersonalised_customers", of)
    connection.execute(_LINES, {"sizes": list(least.sizes)})
    return [tuple(row) for row in connection.execute(_KEYS).fetchall()]


_CUSTOMERS = pa.schema([("bin", pa.string()), ("kind", pa.string())])
_CHOSEN = pa.schema([(name, pa.string()) for name in ("service", "kind", "size")])


def _count(facts: MonthFacts, keys: Sequence[Key]) -> Iterator[Decimal | int]:
    columns = zip(*keys, strict=True)
    chosen = pa.table([pa.array(column, pa.string()) for column in columns], schema=_CHOSEN)
    facts.connection.register("chosen", chosen)
    yield from facts.connection.execute(_COUNTS).fetchall()[0]


def _fits(facts: MonthFacts, keys: Sequence[Key], least: SmallestGroup) -> bool:
    accounts, customers, *_ = _count(facts, keys)
    return accounts >= least.accounts and customers >= least.customers


def _group(facts: MonthFacts, key: Key, of: Sequence[Key]) -> ConsumerGroup:
    accounts, customers, *sums = _count(facts, of)
    service, kind, size = key
    of_names = {name: Decimal(value) for name, value in zip(SUMS, sums, strict=True)}
    return ConsumerGroup(service, kind, size, int(accounts), int(customers), of_names)
