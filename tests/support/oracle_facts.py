"""What the slow accountant (oracle.py) knows of a town, as plain data; and his arithmetic. No code of the program.

Months are integers: year * 12 + month - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

Key = tuple[str, str, str]  # account, customer, service

ORDER = (
    "maintenance", "current_repair", "capital_repair", "state_repair", "lift", "lift_replacement", "intercom", "cctv",
    "cleaning", "gas_maintenance", "waste", "heating", "gas", "electricity", "cold_water", "cold_sewerage",
    "hot_water", "hot_sewerage", "water_heating",
)  # fmt: skip
FOLLOWS = {"cold_sewerage": "cold_water", "hot_sewerage": "hot_water", "water_heating": "hot_water"}


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def tiyn(amount: Fraction) -> Fraction:
    """Half up away from zero."""
    cents = abs(amount) * 100
    whole = cents.numerator // cents.denominator
    whole += cents - whole >= Fraction(1, 2)
    return Fraction(whole if amount >= 0 else -whole, 100)


def thousandth(amount: Fraction) -> Fraction:
    return tiyn(amount * 10) / 10


def shares(amount: Fraction, weights: Sequence[Fraction]) -> list[Fraction]:
    """In proportion, whole tiyn; what is left over to the largest remainders, ties to the first."""
    whole = sum(weights)
    exact = [amount * 100 * weight / whole for weight in weights]
    parts = [share.numerator // share.denominator for share in exact]
    left = int(amount * 100) - sum(parts)
    ranked = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for place in ranked[:left]:
        parts[place] += 1
    return [Fraction(part, 100) for part in parts]


@dataclass(frozen=True)
class Version:
    """A line from a month on. `meters`: number -> first counted value (None when it came before)."""

    start: int
    tariff: Fraction | None = None
    area: Fraction = Fraction(0)
    residents: int = 0
    category: str | None = None
    meters: tuple[tuple[str, Fraction | None], ...] = ()


@dataclass(frozen=True)
class TownLine:
    key: Key
    house: str
    base: str
    balance: Fraction | None
    versions: tuple[Version, ...]
    told: int | None = None  # month of account of the form of new houses that told it; None = the register


def in_bill(line: TownLine) -> tuple[int, str]:
    """The order of a bill's lines."""
    return ORDER.index(line.key[2]), line.key[1]


@dataclass(frozen=True)
class Correction:
    """By one customer: `area` or `residents` of an account, whoever has lines on it, or `gone`, a service of his."""

    customer: str
    account: str
    what: str
    value: Fraction | int | str
    start: int
    month: int  # of account

    @property
    def counts_from(self) -> int:
        return max(self.start, self.month)


@dataclass(frozen=True)
class Told:
    """A sum for a month that is told, not counted: by the customer (with a balance, perhaps) or by a schedule."""

    key: Key
    tariff: Fraction
    charged: Fraction
    of: int
    month: int  # of account
    balance: Fraction | None = None
    schedule: bool = False
    operator_fee: Fraction = Fraction(0)  # commissions inside a schedule's charge
    bank_fee: Fraction = Fraction(0)

    @property
    def commission(self) -> Fraction:
        return self.operator_fee + self.bank_fee


@dataclass(frozen=True)
class Notice:
    """Of a penalty on a customer's service."""

    customer: str
    service: str
    rate: Fraction
    coefficient: Fraction
    grace: int
    cap: Fraction
    start: int
    month: int  # of account


@dataclass(frozen=True)
class Exit:
    """A house that leaves a customer on a day of a month."""

    customer: str
    house: str
    left: int
    month: int  # of account


@dataclass(frozen=True)
class Stop:
    """A row of the operator's register of stops. A row with the same place and first day says it anew."""

    customer: str
    service: str | None  # None = all of the customer's
    account: str | None
    house: str | None
    first: date
    last: date | None
    told: int  # the first month that was open when it was loaded


@dataclass(frozen=True)
class Tariff:
    customer: str
    service: str
    house: str | None
    tariff: Fraction
    start: int  # as stated
    month: int  # of account
    late: bool
    base: str
    category: str | None = None
    over: Fraction = Fraction(0)  # a month's threshold, of which this is the price above it

    @property
    def table(self) -> tuple[object, ...]:
        """What the steps of a tariff share."""
        return self.customer, self.service, self.base, self.house, self.category, self.start


@dataclass(frozen=True)
class Reading:
    key: Key
    meter: str
    current: Fraction
    month: int


@dataclass(frozen=True)
class MeterChange:
    """A meter taken off with its last reading, another put in with its first."""

    key: Key
    old: str
    last: Fraction
    new: str
    initial: Fraction
    month: int


@dataclass(frozen=True)
class Recalculation:
    key: Key
    past: int
    amount: Fraction
    month: int


@dataclass(frozen=True)
class Undelivered:
    customer: str
    service: str
    account: str | None
    house: str | None
    first: int  # day of the month
    days: int
    of: int  # month of the days
    month: int  # of account

    @property
    def each_day(self) -> set[int]:
        return set(range(self.first, self.first + self.days))

    @property
    def form_key(self) -> tuple[object, ...]:
        """A row with this key replaces an open earlier one (interface.md, Corrections)."""
        return self.customer, self.account, self.house, self.service, self.of, self.first


@dataclass(frozen=True)
class Payment:
    """Of a bank's register; a negative one takes back what was paid under the same number for the same account."""

    day: int
    number: str
    account: str
    customer: str | None
    service: str | None
    amount: Fraction
    month: int
    paid_in: int | None = None  # when it is posted in another month than it was paid in

    @property
    def paid_on(self) -> date:
        return first_day(self.paid_in or self.month).replace(day=self.day)

    @property
    def name(self) -> tuple[object, ...]:
        """What no two payments share."""
        return self.paid_on, self.number, self.account, self.customer, self.service, self.amount < 0


@dataclass
class Part:
    """What of a payment one line got; of it `opening`, `current` and penalties paid debts, the rest is advance.

    `of`: whose part this is; of a reversal the payment that it takes back.
    """

    payment: Payment
    key: Key
    of: Payment
    amount: Fraction = Fraction(0)
    opening: Fraction = Fraction(0)
    current: Fraction = Fraction(0)
    old_penalty: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    rate: Fraction = Fraction(0)  # of the fee
