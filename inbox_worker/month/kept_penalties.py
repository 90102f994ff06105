"""Penalties that closed months took for days after a payment which was allocated only later: they stay, and staff are
told how much they are (4.1.6, 4.1.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.core.money import round_money
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.asked import ask_month
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.office import Office

_SPANS = read_query(__file__, "counted_penalty_spans")
_Line = tuple[str, str, str]  # customer, account, service
_Paid = Sequence[tuple[date, Decimal]]


@dataclass(frozen=True)
class KeptPenalty:
    """A penalty that a closed month took of a line for days after payments that it did not know of yet."""

    month: Period
    customer: str
    account: str
    service: str
    amount: Decimal

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {**vars(self), "month": str(self.month)}


def find_kept_penalties(office: Office, parts: Iterable[Mapping[str, Any]]) -> list[KeptPenalty]:
    """Return by how much closed months' penalties were higher than if these parts of payments (rows of allocations) had
    been allocated on their days; nothing is given back by itself. A part that takes back is left out."""
    closed = list_closed_months(office)
    if not closed or not office.journal.facts.files("penalty_notice"):
        return []
    paid = _list_late(parts, closed[-1])
    first = min((day for days in paid.values() for day, _, _ in days), default=None)
    accounts = sorted({account for _, account, _ in paid})
    found: list[KeptPenalty] = []
    less: dict[_Line, Decimal] = defaultdict(Decimal)
    for month in (month for month in closed if first and month > Period.of(first)):
        unknown = {line: [(day, debt) for day, debt, posted in days if month < posted] for line, days in paid.items()}
        for line, taken, due in _count_again(office, month, accounts, unknown, less):
            if taken > due:
                found.append(KeptPenalty(month, *line, taken - due))
                less[line] += taken - due
    return found


def _list_late(
    parts: Iterable[Mapping[str, Any]], last_closed: Period
) -> Mapping[_Line, Sequence[tuple[date, Decimal, Period]]]:
    """Return what parts paid of each line's debt before the last closed month, with the day and the month that it was
    posted in: closes from that month on know of it."""
    paid: dict[_Line, list[tuple[date, Decimal, Period]]] = defaultdict(list)
    for part in parts:
        debt = part["amount"] - part["opening_penalty_part"] - part["penalty_part"]
        if debt > 0 and part["paid_on"] < last_closed.first_day:
            line = part["customer"], part["account"], part["service"]
            paid[line].append((part["paid_on"], debt, Period.of(part["month"])))
    return paid


def find_kept_by(office: Office, submission: str) -> list[KeptPenalty]:
    """Return the same of the parts that a submission posted."""
    files = [file for file in office.journal.facts.files("allocations") if file.submission == submission]
    return find_kept_penalties(office, read_facts(office.home.ledger, "allocations", files).to_pylist())


def months_to_reopen(office: Office, paid_on: date, waits_in: Period) -> list[Period]:
    """Return the closed months, the last one first, that would know of the day of a payment in suspense if they were
    opened again before it is assigned: their penalty is of later days than its month's begin, and it can be posted in
    them. None where nobody's notice says that penalties are taken."""
    if not office.journal.facts.files("penalty_notice"):
        return []
    first = max(Period.of(paid_on).plus(1), waits_in)
    return [month for month in reversed(list_closed_months(office)) if month >= first]


def _count_again(
    office: Office, month: Period, accounts: Sequence[str], paid: Mapping[_Line, _Paid], less: Mapping[_Line, Decimal]
) -> Iterator[tuple[_Line, Decimal, Decimal]]:
    """Yield each line that paid, with the penalty that a closed month took and the one with its payments known. `less`:
    what months before had taken too much, which is no unpaid penalty then."""
    spans: dict[_Line, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, account, service, *span in ask_month(office, month, accounts=accounts).rows(_SPANS, {}):
        if (customer, account, service) in paid:
            spans[customer, account, service].append(tuple(span))
    year_days = office.rules.penalties.algorithm.year_days
    for line, of_line in spans.items():
        taken, unpaid = of_line[0][-2:]
        days = [day for span in of_line for day in _split_days(span, paid[line])]
        full = round_money(sum((debt * rate for debt, rate, _ in days), Decimal(0)) / (100 * year_days))
        cap = min((cap for _, _, cap in days), default=Decimal(0))
        limit = round_money(max((debt for debt, _, _ in days), default=Decimal(0)) * min(cap, Decimal(100)) / 100)
        yield line, taken, max(min(full, limit - unpaid + less[line]), Decimal(0))


def _split_days(span: Sequence[Any], paid: _Paid) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Yield each day of a span that still has a debt, as debt, rate with its coefficient, and cap; the day of a payment
    counts."""
    first, days, debt, rate, coefficient, cap, *_ = span
    for number in range(days):
        left = debt - sum((amount for day, amount in paid if day < first + timedelta(number)), Decimal(0))
        if left > 0:
            yield left, rate * coefficient, cap
