"""A consumer's bill as data: an account's lines, meters and what changed (4.1.1, 4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.settings.rules import Rules

SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Recalculation:
    """Recalculations of a line with one reason: `first` and `last` are the past months they are for. `kind`: what
    told of them, as in recalculation_rows: form, tariff, reading, days."""

    service: str
    kind: str
    first: date
    last: date
    amount: Decimal
    basis: str


@dataclass(frozen=True)
class LostDays:
    """Days without a service reported in this month; the line's `undelivered` has the sum taken off. `before`: how many
    more of the reported ones an earlier month took off already."""

    service: str
    days: int
    first: date
    last: date
    reason: str
    before: int = 0


@dataclass(frozen=True)
class PenaltyDays:
    """Days of the month before on which one debt was overdue (4.1.6); `rate` is per cent a year."""

    debt: Decimal
    rate: Decimal
    coefficient: Decimal
    days: int


@dataclass(frozen=True)
class MeterMonth:
    """The consumption of a meter in a month; `estimated`: nobody read it then."""

    month: date
    used: Decimal
    estimated: bool


@dataclass(frozen=True)
class ReturnedPayment:
    """A payment that its bank took back in the month: its number, the day, and the sum over all lines."""

    number: str
    day: date
    amount: Decimal


@dataclass(frozen=True)
class BillMeter:
    """A meter of a line in the month (7.2). `current` None: it was not read, and `used` is an estimate. `history`: its
    months up to this one, the oldest first; a month that nothing is known of is not in it. `removed`: another one took
    its place, so nobody reads it any more.
    """

    number: str
    previous: Decimal | None
    previous_on: date | None
    current: Decimal | None
    current_on: date | None
    used: Decimal
    history: Sequence[MeterMonth] = ()
    removed: bool = False


@dataclass(frozen=True)
class BillLine:
    """A line of an account. `*_before` are last month's, None when the line was not there."""

    service: str
    customer: str
    customer_name: str
    tariff: Decimal
    quantity: Decimal
    tariff_before: Decimal | None
    quantity_before: Decimal | None
    in_force: bool
    sums: Mapping[str, Decimal]  # by SUMS
    base: str = ""  # what it is charged by; '' = as its service mostly is
    steps: Sequence[tuple[Decimal, Decimal]] = ()  # of a charge by steps of consumption: quantity, tariff
    step_tariffs_before: Sequence[Decimal] = ()  # last month's, of each step that its consumption came to
    meters: Sequence[BillMeter] = ()
    tariff_basis: str = ""  # of the form that told the tariff
    penalty_days: Sequence[PenaltyDays] = ()


@dataclass(frozen=True)
class Bill:
    """All lines of an account in the month. `had_bill`: last month knows the account, so changes are shown."""

    account: str
    name: str
    address: str
    flat: str
    area: Decimal | None
    residents: int | None
    had_bill: bool
    lines: Sequence[BillLine]
    recalculations: Sequence[tuple[str, Recalculation]] = ()  # the Customer's БИН and what was recalculated
    lost_days: Sequence[tuple[str, LostDays]] = ()
    gone: Sequence[str] = ()  # services charged last month that stand there no more
    taken_back: Sequence[ReturnedPayment] = ()
    stopped: Sequence[str] = ()  # services that a stop leaves out of the bill (10.2, 10.3, 10.8)


@dataclass(frozen=True)
class BillStyle:
    """All that the bills of a month share. `due_on`: the last day to pay; `qr`: template of the code, '' = none."""

    month: Period
    operator: Operator
    rules: Rules
    template: Path
    fonts: Path
    due_on: date
    read_by: date  # the last day on which readings are taken for the next month
    qr: str = ""
    advance_pays_others: bool = False


def to_pay(bill: Bill, style: BillStyle) -> Decimal:
    """Return what the consumer is asked to pay, never below zero."""
    closings = [line.sums["closing"] for line in bill.lines]
    if style.advance_pays_others:
        return max(sum(closings, ZERO), ZERO)
    return sum((closing for closing in closings if closing > 0), ZERO)
