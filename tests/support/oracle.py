"""The slow accountant: money.md word for word over plain Python fractions. Shares no code with the program.

It knows a `Town` (plain data) and answers what each line of each month, each part of each payment and each fee
must be. Months are integers: year * 12 + month - 1.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

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
    meters: tuple[tuple[str, Fraction | None], ...] = ()


@dataclass(frozen=True)
class TownLine:
    key: Key
    house: str
    base: str
    balance: Fraction | None
    versions: tuple[Version, ...]
    told: int | None = None  # month of account of the form of new houses that told it; None = the register


@dataclass(frozen=True)
class Correction:
    """Of an account's lines of one customer: `area`, `residents`, or `gone`, a service taken away."""

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
class Tariff:
    customer: str
    service: str
    house: str | None
    tariff: Fraction
    start: int  # as stated
    month: int  # of account
    late: bool


@dataclass(frozen=True)
class Reading:
    key: Key
    meter: str
    current: Fraction
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


@dataclass(frozen=True)
class Payment:
    day: int
    number: str
    account: str
    customer: str | None
    service: str | None
    amount: Fraction
    month: int
    paid_in: int | None = None  # when it is posted in another month than it was paid in


@dataclass
class Part:
    """What of a payment one line got; of it `opening` and `current` paid debts, the rest is advance."""

    payment: Payment
    key: Key
    amount: Fraction = Fraction(0)
    opening: Fraction = Fraction(0)
    current: Fraction = Fraction(0)
    old_penalty: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)

    @property
    def paid_on(self) -> date:
        return first_day(self.payment.paid_in or self.payment.month).replace(day=self.payment.day)

    @property
    def fee(self) -> Fraction:
        return tiyn(self.amount * Fraction(12, 10) / 100)


@dataclass
class Town:
    """Facts known so far; lists grow as forms and registers come."""

    lines: list[TownLine] = field(default_factory=list)
    tariffs: list[Tariff] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    recalculations: list[Recalculation] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    suspense: list[Payment] = field(default_factory=list)
    moves: list[tuple[int, str, Fraction]] = field(default_factory=list)  # into suspense and out of it, by month
    first: int = 0
    _seen: dict[Any, Any] = field(default_factory=dict)

    # -- charges

    def in_force(self, month: int) -> list[TownLine]:
        return [line for line in self.lines if line.versions[0].start <= month and not self.ended(line, month)]

    def ended(self, line: TownLine, month: int) -> bool:
        """Taken away, or its house left, since its latest version."""
        begun = self.version(line, month).start
        account, customer, service = line.key
        gone = [c.counts_from for c in self.corrections
                if (c.customer, c.account, c.what, c.value) == (customer, account, "gone", service)]  # fmt: skip
        gone += [e.left + 1 for e in self.exits if (e.customer, e.house) == (customer, line.house)]
        return any(begun <= when <= month for when in gone)

    def shown(self, month: int) -> list[TownLine]:
        """Lines of a close: those in force, and those before whose balance or movements are not zero."""
        standing = self.in_force(month)
        for line in self.lines:
            if line not in standing and line.versions[0].start <= month:
                told = any((r.key, r.month) == (line.key, month) for r in self.recalculations)
                if told or any(self.row(line, month).values()):
                    standing.append(line)
        return standing

    def version(self, line: TownLine, month: int) -> Version:
        found = max((v for v in line.versions if v.start <= month), key=lambda v: v.start)
        account, customer, _ = line.key
        for told in sorted(self.corrections, key=lambda c: c.counts_from):
            mine = (told.customer, told.account) == (customer, account) and told.what in ("area", "residents")
            if mine and found.start <= told.counts_from <= month:
                found = replace(found, **{told.what: told.value})  # type: ignore[arg-type]
        return found

    def tariff(self, line: TownLine, month: int, known: int) -> Fraction:
        """The latest start wins, then a form before the directory, then a house before none."""
        found = [((v.start, 0, 0), v.tariff) for v in line.versions if v.start <= month and v.tariff is not None]
        for form in self.tariffs:
            applies = max(form.start, form.month) if form.late else form.start
            fits = (form.customer, form.service) == line.key[1:] and form.house in (None, line.house)
            if fits and form.month <= known and applies <= month:
                found.append(((form.start, 1, form.house is not None), form.tariff))
        return max(found)[1] if found else Fraction(0)

    def quantity(self, line: TownLine, month: int, known: int) -> Fraction:
        if self.ended(line, month):
            return Fraction(0)
        version = self.version(line, month)
        if line.base == "м²":
            return version.area
        if line.base == "schedule":
            return Fraction(0)
        if line.base == "чел.":
            return Fraction(version.residents)
        if line.base == "кв.":
            return Fraction(1)
        if not version.meters and line.key[2] in FOLLOWS:
            water = (line.key[0], line.key[1], FOLLOWS[line.key[2]])
            return next((self.quantity(w, month, known) for w in self.in_force(month) if w.key == water), Fraction(0))
        return sum((self.used(line, meter, month, known) for meter, _ in version.meters), Fraction(0))

    def used(self, line: TownLine, meter: str, month: int, known: int) -> Fraction:
        """By readings; without one by an estimate, until a reading of a later month is known."""
        mine = {r.month: r.current for r in self.readings if (r.key, r.meter) == (line.key, meter)}
        begun, first = next(
            (v.start, value)
            for v in line.versions
            for number, value in v.meters
            if number == meter and value is not None
        )
        told = {begun - 1: first, **mine}
        if month in mine:
            return mine[month] - told[max(m for m in told if m < month)]
        if any(month < m <= known for m in mine):
            return Fraction(0)
        spent, months = Fraction(0), 0
        for m in mine:
            if month - 6 <= m < month:
                before = max(k for k in told if k < m)
                spent, months = spent + told[m] - told[before], months + m - before
        return thousandth(spent / months) if months else Fraction(0)

    def said(self, line: TownLine, month: int) -> Told | None:
        """The latest sum told for a month, told by then."""
        if self.ended(line, month):
            return None
        found = [t for t in self.told if (t.key, t.of) == (line.key, month) and t.month <= month]
        return max(found, key=lambda t: t.month, default=None)

    def charge(self, line: TownLine, month: int, known: int) -> Fraction:
        told = self.said(line, month)
        if told:
            return told.charged
        return tiyn(self.tariff(line, month, known) * self.quantity(line, month, known))

    def recalculated(self, line: TownLine, month: int) -> Fraction:
        """Forms of recalculations, and what tariffs of this month change in the months before."""
        total = sum((r.amount for r in self.recalculations if (r.key, r.month) == (line.key, month)), Fraction(0))
        for past in range(max(self.first, line.versions[0].start), month):
            total += self.charge(line, past, month) - self.charge(line, past, month - 1)
            total -= tiyn(self.lost(line, past, month, month)) - tiyn(self.lost(line, past, month - 1, month))
        return total

    def lost(self, line: TownLine, of: int, known: int, told_before: int) -> Fraction:
        """What days of a month, told in the months before `told_before`, take, by what is known; unrounded."""
        length = calendar.monthrange(of // 12, of % 12 + 1)[1]
        full = self.tariff(line, of, known) * self.quantity(line, of, known)
        days = sum(row.days for row in self.undelivered if row.month < told_before and self._about(row, line, of))
        return min(full * days / length, self.charge(line, of, known))

    def _about(self, row: Undelivered, line: TownLine, of: int) -> bool:
        place = row.account == line.key[0] if row.account else row.house == line.house
        stood = line.versions[0].start <= row.of
        return stood and row.of == of and (row.customer, row.service) == line.key[1:] and place

    def not_delivered(self, line: TownLine, month: int) -> Fraction:
        """Days of a month never take more than that month's charge, whenever they are told."""
        less = Fraction(0)
        for of in {row.of for row in self.undelivered if row.month == month and self._about(row, line, row.of)}:
            less += self.lost(line, of, month, month + 1) - self.lost(line, of, month, month)
        return -tiyn(less)

    # -- balances

    def opening(self, line: TownLine, month: int) -> Fraction:
        if month == max(self.first, line.versions[0].start):
            told = self.said(line, month)
            stated = told.balance if told and line.balance is None else line.balance
            return stated or Fraction(0)
        return self.row(line, month - 1)["closing"]

    def old_penalty(self, line: TownLine, month: int) -> Fraction:
        if month <= max(self.first, line.versions[0].start):
            return Fraction(0)
        return self.row(line, month - 1)["closing_penalty"]

    def penalty(self, line: TownLine, month: int) -> Fraction:
        """Over the days of the month before: what was overdue on each, by the notice of that day (4.1.6)."""
        last, begun = month - 1, max(self.first, line.versions[0].start)
        mine = [n for n in self.notices if (n.customer, n.service) == line.key[1:]]
        if last < begun or not mine:
            return Fraction(0)
        opened = self.opening(line, last) - self.old_penalty(line, last)
        total, most, cap = Fraction(0), Fraction(0), Fraction(100)
        for number in range(calendar.monthrange(last // 12, last % 12 + 1)[1]):
            day = first_day(last) + timedelta(days=number)
            force = [n for n in mine if max(n.start, n.month) <= last]
            if not force:
                continue
            notice = max(force, key=lambda n: max(n.start, n.month))
            debt = opened - self._not_due(line, begun, last, day, notice.grace)
            debt -= sum(
                p.amount - p.old_penalty - p.penalty for p in self.parts
                if p.key == line.key and last <= p.payment.month <= month and p.paid_on < day
            )  # fmt: skip
            if debt > 0:
                total += debt * notice.rate / 100 * notice.coefficient / 365
                most, cap = max(most, debt), min(cap, notice.cap)
        return max(min(tiyn(total), tiyn(most * cap / 100) - self.old_penalty(line, month)), Fraction(0))

    def _not_due(self, line: TownLine, begun: int, last: int, day: date, grace: int) -> Fraction:
        """Charges of months before `last`, and the first balance, whose time to be paid was not over on that day."""
        nets = {begun - 1: self.opening(line, begun)}
        for month in range(begun, last):
            row = self.row(line, month)
            nets[month] = row["charged"] + row["undelivered"] + row["recalculated"]
        due = {month: first_day(month + 1).replace(day=25) for month in nets}
        return sum((max(net, Fraction(0)) for month, net in nets.items() if day <= due[month] + timedelta(grace)),
                   Fraction(0))  # fmt: skip

    def row(self, line: TownLine, month: int) -> dict[str, Fraction]:
        """A line of lines.parquet; remembered until something new is known."""
        state = sum(len(known) for known in vars(self).values() if isinstance(known, list))
        if self._seen.get("state") != state:
            self._seen = {"state": state}
        key = (line.key, month)
        if key not in self._seen:
            self._seen[key] = self._row(line, month)
        return self._seen[key]

    def _row(self, line: TownLine, month: int) -> dict[str, Fraction]:
        row = {
            "tariff": Fraction(0) if self.ended(line, month) else self.tariff(line, month, month),
            "quantity": self.quantity(line, month, month),
            "opening": self.opening(line, month), "charged": self.charge(line, month, month),
            "undelivered": self.not_delivered(line, month), "recalculated": self.recalculated(line, month),
            "penalty": self.penalty(line, month), "moved": Fraction(0),
            "paid": sum((p.amount for p in self.parts if (p.key, p.payment.month) == (line.key, month)), Fraction(0)),
        }  # fmt: skip
        mine = [p for p in self.parts if (p.key, p.payment.month) == (line.key, month)]
        row["opening_penalty"] = self.old_penalty(line, month)
        row["paid_penalty"] = sum((p.old_penalty + p.penalty for p in mine), Fraction(0))
        row["closing_penalty"] = row["opening_penalty"] + row["penalty"] - row["paid_penalty"]
        due = row["opening"] + row["charged"] + row["undelivered"] + row["recalculated"] + row["penalty"]
        told = self.said(line, month)
        if told:
            row["tariff"] = told.tariff
            if told.schedule:
                row["quantity"] = Fraction(1)
        return {**row, "closing": due - row["paid"]}

    # -- payments

    def pay(self, payments: Sequence[Payment]) -> None:
        """A register: each payment by itself in order of its date, then its number."""
        waiting = sorted(self.suspense, key=lambda p: (p.month, p.day, p.number))
        self.suspense.clear()
        for month in {p.month for p in payments}:
            for old in waiting:
                before = len(self.suspense)
                self._post(replace(old, month=month, paid_in=old.paid_in or old.month))
                if len(self.suspense) > before:
                    self.suspense[-1] = old
                else:
                    self.moves.append((month, old.number, -old.amount))
        for payment in sorted(payments, key=lambda p: (p.month, p.day, p.number)):
            before = len(self.suspense)
            self._post(payment)
            if len(self.suspense) > before:
                self.moves.append((payment.month, payment.number, payment.amount))

    def _post(self, payment: Payment) -> None:
        lines = [line for line in self.shown(payment.month) if line.key[0] == payment.account]
        if payment.customer:
            lines = [line for line in lines if line.key[1] == payment.customer]
            if payment.service:
                lines = [line for line in lines if line.key[2] == payment.service]
        if not lines:
            self.suspense.append(payment)
            return
        lines.sort(key=lambda line: (ORDER.index(line.key[2]), line.key[1]))
        self.parts += self._steps(payment, lines)

    def _steps(self, payment: Payment, lines: list[TownLine]) -> list[Part]:
        parts = [Part(payment, line.key) for line in lines]
        rows = [self.row(line, payment.month) for line in lines]
        left = payment.amount
        named = payment.customer and payment.service
        for step in ("opening", "current") if named else ("opening", "current", "old_penalty", "penalty"):
            due = [self._due(line, row, step, payment.month) for line, row in zip(lines, rows, strict=True)]
            taken = min(left, sum(due))
            if taken:
                for part, share in zip(parts, shares(taken, due), strict=True):
                    part.amount += share
                    setattr(part, step, share)
            left -= taken
        if left:
            charged = [row["charged"] for row in rows]
            weights = charged if any(charged) else [Fraction(int(place == 0)) for place in range(len(lines))]
            for part, share in zip(parts, shares(left, weights), strict=True):
                part.amount += share
        return [part for part in parts if part.amount]

    def _due(self, line: TownLine, row: dict[str, Fraction], step: str, month: int) -> Fraction:
        earlier = [p for p in self.parts if (p.key, p.payment.month) == (line.key, month)]
        if step == "opening":
            due = max(row["opening"] - row["opening_penalty"], Fraction(0)) - sum(p.opening for p in earlier)
            return max(due, Fraction(0))
        if step == "old_penalty":
            return max(max(row["opening_penalty"], Fraction(0)) - sum(p.old_penalty for p in earlier), Fraction(0))
        if step == "penalty":
            return max(row["penalty"] - sum(p.penalty for p in earlier), Fraction(0))
        this_month = row["charged"] + row["undelivered"] + row["recalculated"]
        return max(max(this_month, Fraction(0)) - sum(p.current for p in earlier), Fraction(0))
