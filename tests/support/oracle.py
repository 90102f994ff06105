"""The slow accountant: money.md word for word over plain Python fractions. Shares no code with the program.

It knows a `Town` (plain data) and answers what each line of each month, each part of each payment and each fee
must be. Payments are posted by oracle_payments.py.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.support.oracle_facts import (
    FOLLOWS,
    Correction,
    Exit,
    MeterChange,
    Notice,
    Part,
    Payment,
    Reading,
    Recalculation,
    Stop,
    Tariff,
    Told,
    TownLine,
    Undelivered,
    Version,
    first_day,
    in_bill,
    shares,
    thousandth,
    tiyn,
)  # fmt: skip
from tests.support.oracle_tariffs import StepPart, Steps, parts_of, steps_of


@dataclass
class Town:
    """Facts known so far; lists grow as forms and registers come."""

    lines: list[TownLine] = field(default_factory=list)
    tariffs: list[Tariff] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    changes: list[MeterChange] = field(default_factory=list)
    recalculations: list[Recalculation] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    contracts: dict[str, date] = field(default_factory=dict)  # customer -> the last day of the contract
    parts: list[Part] = field(default_factory=list)
    whose: dict[Any, Payment] = field(default_factory=dict)  # payments, not reversals, by name
    suspense: list[Payment] = field(default_factory=list)
    moves: list[tuple[int, str, Fraction]] = field(default_factory=list)  # into suspense and out of it, by month
    first: int = 0
    by_residents: frozenset[str] = frozenset()  # services whose thresholds are each resident's
    _seen: dict[Any, Any] = field(default_factory=dict)

    # -- charges

    def in_force(self, month: int) -> list[TownLine]:
        return [line for line in self.lines if line.versions[0].start <= month and not self.ended(line, month)]

    def ended(self, line: TownLine, month: int) -> bool:
        """Taken away, or its house left, since its latest version; or its contract ended (10.1)."""
        if self.over(line.key[1], month):
            return True
        begun = self.version(line, month).start
        account, customer, service = line.key
        gone = [c.counts_from for c in self.corrections
                if (c.customer, c.account, c.what, c.value) == (customer, account, "gone", service)]  # fmt: skip
        gone += [e.left + 1 for e in self.exits if (e.customer, e.house) == (customer, line.house)]
        return any(begun <= when <= month for when in gone)

    def stopped(self, line: TownLine, month: int) -> bool:
        """On the 1st of the month, by what was told before the month was closed."""
        said: dict[object, bool] = {}
        for stop in self.stops:
            place = stop.account == line.key[0] if stop.account else stop.house == line.house
            if stop.customer == line.key[1] and stop.service in (None, line.key[2]) and place and stop.told <= month:
                key = (stop.service, stop.account, stop.house, stop.first)
                said[key] = stop.first <= first_day(month) and (stop.last is None or first_day(month) <= stop.last)
        return any(said.values())

    def over(self, customer: str, month: int) -> bool:
        """The contract ended before the month began."""
        return customer in self.contracts and self.contracts[customer] < first_day(month)

    def shown(self, month: int) -> list[TownLine]:
        """Lines of a close: those in force, and those before whose balance or movements are not zero."""
        standing = self.in_force(month)
        for line in self.lines:
            if line not in standing and line.versions[0].start <= month:
                told = any((r.key, r.month) == (line.key, month) for r in self.recalculations)
                paid = any((p.key, p.payment.month) == (line.key, month) for p in self.parts)  # and perhaps taken back
                if told or paid or any(self.row(line, month).values()):
                    standing.append(line)
        return standing

    def version(self, line: TownLine, month: int) -> Version:
        found = max((v for v in line.versions if v.start <= month), key=lambda v: v.start)
        for told in sorted(self.corrections, key=lambda c: c.counts_from):  # of two from one month the later told
            mine = told.account == line.key[0] and told.what in ("area", "residents")
            if mine and found.start <= told.counts_from <= month:
                found = replace(found, **{told.what: told.value})  # type: ignore[arg-type]
        return found

    def steps(self, line: TownLine, month: int, known: int) -> Steps:
        return steps_of(line, self.version(line, month).category, self.tariffs, month, known)

    def tariff(self, line: TownLine, month: int, known: int) -> Fraction:
        """Of a tariff by steps the first."""
        return self.steps(line, month, known)[0][1]

    def step_parts(self, line: TownLine, month: int, known: int) -> Sequence[StepPart]:
        """The quantity by steps. A threshold is the account's or each resident's, and a month's."""
        times = self.covered(line, month)
        if line.key[2] in self.by_residents:
            times *= max(self.version(line, month).residents, 1)
        return parts_of(self.steps(line, month, known), self.quantity(line, month, known), times)

    def unrounded(self, line: TownLine, month: int, known: int) -> Fraction:
        return sum((part.tariff * part.quantity for part in self.step_parts(line, month, known)), Fraction(0))

    def covered(self, line: TownLine, month: int) -> int:
        """How many months the readings of a month cover, of the meter that was not read for longest."""
        if line.base != "счётчик":
            return 1
        water = self._followed(line, month)
        if water != line:
            return self.covered(water, month) if water else 1
        found = [1]
        for meter in {*self.meters(line, month), *(c.old for c in self._changes(line) if c.month == month)}:
            mine, start = self._counted(line, meter)
            if month in mine:
                found.append(month - _before(mine, start, month)[0])
        return max(found)

    def _followed(self, line: TownLine, month: int) -> TownLine | None:
        """Whose meters a line is counted by: its own, else its water's on the account."""
        if self.version(line, month).meters or line.key[2] not in FOLLOWS:
            return line
        water = (line.key[0], line.key[1], FOLLOWS[line.key[2]])
        return next((w for w in self.in_force(month) if w.key == water and w.base == line.base), None)

    def quantity(self, line: TownLine, month: int, known: int, charged: TownLine | None = None) -> Fraction:
        """`charged`: the line that is counted by this one's meters; none given = itself."""
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
        water = self._followed(line, month)
        if water != line:
            return self.quantity(water, month, known, line) if water else Fraction(0)
        counted = self.meters(line, month) + [c.old for c in self._changes(line) if c.month == month]
        used = (self.used(line, meter, month, known, charged or line) for meter in dict.fromkeys(counted))
        return sum(used, Fraction(0))

    def _changes(self, line: TownLine) -> list[MeterChange]:
        return [change for change in self.changes if change.key == line.key]

    def meters(self, line: TownLine, month: int) -> list[str]:
        """The meters of a line on the 1st: a replaced one gave its place in the month of its notice."""
        found = [meter for meter, _ in self.version(line, month).meters]
        for change in self._changes(line):
            if change.month <= month:
                found = [change.new if meter == change.old else meter for meter in found]
        return found

    def used(self, line: TownLine, meter: str, month: int, known: int, charged: TownLine) -> Fraction:
        """By readings; without one by an estimate, until a reading of a later month is known, in which the line that is
        charged was not stopped: what is read then is charged to nobody (7.2, 10.3)."""
        mine, start = self._counted(line, meter)
        if month in mine:
            return mine[month] - _before(mine, start, month)[1]
        changes = self._changes(line)
        put_in = any(change.new == meter and change.month == month for change in changes)
        read = min((m for m in mine if month < m <= known), default=None)
        if put_in or (read is not None and not self.stopped(charged, read)):
            return Fraction(0)
        spent, months = Fraction(0), 0
        for one in [meter, *_predecessors(changes, meter)]:
            values, first = self._counted(line, one)
            for m in [m for m in values if month - 6 <= m < month]:
                since, value = _before(values, first, m)
                spent, months = spent + values[m] - value, months + m - since
        return thousandth(spent / months) if months else Fraction(0)

    def _counted(self, line: TownLine, meter: str) -> tuple[dict[int, Fraction], tuple[int, Fraction]]:
        """A meter's readings by month, the last one at its replacement, and what it is counted from since when."""
        mine = {r.month: r.current for r in self.readings if (r.key, r.meter) == (line.key, meter)}
        for change in self._changes(line):
            if change.old == meter:
                mine[change.month] = change.last
        put_in = next((c for c in self._changes(line) if c.new == meter), None)
        if put_in:
            return mine, (put_in.month, put_in.initial)
        told = [(v.start - 1, value) for v in line.versions for number, value in v.meters if number == meter]
        return mine, next((since, value) for since, value in told if value is not None)

    def said(self, line: TownLine, month: int) -> Told | None:
        """The latest sum told for a month, told by then."""
        if self.ended(line, month):
            return None
        found = [t for t in self.told if (t.key, t.of) == (line.key, month) and t.month <= month]
        return max(found, key=lambda t: t.month, default=None)

    def charge(self, line: TownLine, month: int, known: int) -> Fraction:
        if self.stopped(line, month):
            return Fraction(0)
        told = self.said(line, month)
        if told:
            return told.charged
        return tiyn(self.unrounded(line, month, known))

    def recalculated(self, line: TownLine, month: int) -> Fraction:
        """Forms of recalculations, and what tariffs of this month change in the months before."""
        total = sum((r.amount for r in self.recalculations if (r.key, r.month) == (line.key, month)), Fraction(0))
        for past in range(max(self.first, line.versions[0].start), month):
            total += self.charge(line, past, month) - self.charge(line, past, month - 1)
            total -= tiyn(self.lost(line, past, month, month)) - tiyn(self.lost(line, past, month - 1, month))
        return total

    def lost(self, line: TownLine, of: int, known: int, told_before: int) -> Fraction:
        """What days of a month, told in the months before `told_before`, take, by what is known; unrounded.

        A day counts once. Days before the ledger, or the line, are measured by the month they are told in.
        """
        length = calendar.monthrange(of // 12, of % 12 + 1)[1]
        told = [row for row in self.undelivered if row.month < told_before and self._about(row, line, of)]
        days = len(set[int]().union(*(row.each_day for row in told)))
        by = known if of < self.first else of
        return min(self.unrounded(line, by, known) * days / length, self.charge(line, by, known))

    def _about(self, row: Undelivered, line: TownLine, of: int) -> bool:
        place = row.account == line.key[0] if row.account else row.house == line.house
        stood = line.versions[0].start <= row.of or row.of < self.first
        return stood and row.of == of and (row.customer, row.service) == line.key[1:] and place

    def not_delivered(self, line: TownLine, month: int) -> Fraction:
        """Days of a month never take more than that month's charge, whenever they are told."""
        less = Fraction(0)
        for of in {row.of for row in self.undelivered if row.month == month and self._about(row, line, row.of)}:
            less += self.lost(line, of, month, month + 1) - self.lost(line, of, month, month)
        return -tiyn(less)

    # -- balances

    def opening(self, line: TownLine, month: int) -> Fraction:
        """A line that no month has shown yet opens with what is stated."""
        before = range(max(self.first, line.versions[0].start), month)
        if any(not self.ended(line, m) or any(self.row(line, m).values()) for m in before):
            return self.row(line, month - 1)["closing"]
        told = self.said(line, month)
        stated = told.balance if told and line.balance is None else line.balance
        return stated or Fraction(0)

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
            notice = max(reversed(force), key=lambda n: max(n.start, n.month))  # of two, the one told later
            debt = opened - self._not_due(line, begun, last, day, notice.grace) + min(self._net(line, last), 0)
            debt -= sum(
                p.amount - p.old_penalty - p.penalty + self._came_back(p, last) for p in self.parts
                if p.key == line.key and last <= p.payment.month <= month and p.payment.paid_on < day
            )  # fmt: skip
            if debt > 0:
                total += debt * notice.rate / 100 * notice.coefficient / 365
                most, cap = max(most, debt), min(cap, notice.cap)
        return max(min(tiyn(total), tiyn(most * cap / 100) - self.old_penalty(line, month)), Fraction(0))

    def _not_due(self, line: TownLine, begun: int, last: int, day: date, grace: int) -> Fraction:
        """Charges of months before `last`, and the first balance, whose time to be paid was not over on that day."""
        nets = {begun - 1: self.opening(line, begun)}
        nets |= {month: self._net(line, month) for month in range(begun, last)}
        due = {month: first_day(month + 1).replace(day=25) for month in nets}
        return sum((max(net, Fraction(0)) for month, net in nets.items() if day <= due[month] + timedelta(grace)),
                   Fraction(0))  # fmt: skip

    def _net(self, line: TownLine, month: int) -> Fraction:
        """Plus is a debt of that month, minus lessens the oldest debt from its 1st."""
        row = self.row(line, month)
        return row["charged"] + row["undelivered"] + row["recalculated"]

    def before_moving(self, line: TownLine, month: int) -> dict[str, Fraction]:
        """The month of a line without what is moved (10.10); remembered until something new is known."""
        state = sum(len(known) for known in vars(self).values() if isinstance(known, list))
        if self._seen.get("state") != state:
            self._seen = {"state": state}
        key = (line.key, month)
        if key not in self._seen:
            self._seen[key] = self._row(line, month)
        return self._seen[key]

    def forget(self) -> None:
        """Something known was replaced: rows are counted anew."""
        self._seen = {}

    def _row(self, line: TownLine, month: int) -> dict[str, Fraction]:
        mine = [p for p in self.parts if (p.key, p.payment.month) == (line.key, month)]
        row = {
            "tariff": Fraction(0), "quantity": Fraction(0),
            "opening": self.opening(line, month), "charged": self.charge(line, month, month),
            "undelivered": self.not_delivered(line, month), "recalculated": self.recalculated(line, month),
            "penalty": self.penalty(line, month), "paid": sum((p.amount for p in mine), Fraction(0)),
            "opening_penalty": self.old_penalty(line, month),
            "paid_penalty": sum((p.old_penalty + p.penalty for p in mine), Fraction(0)),
        }  # fmt: skip
        if not self.ended(line, month) and not self.stopped(line, month):
            row["tariff"], row["quantity"] = self.tariff(line, month, month), self.quantity(line, month, month)
            told = self.said(line, month)
            if told:
                row["tariff"] = told.tariff
                row["quantity"] = Fraction(1) if told.schedule else row["quantity"]
        row["closing_penalty"] = row["opening_penalty"] + row["penalty"] - row["paid_penalty"]
        return row

    def row(self, line: TownLine, month: int) -> dict[str, Fraction]:
        """A line of lines.parquet."""
        row = self.before_moving(line, month)
        moved = self.moved(line, month)
        return {**row, "moved": moved, "closing": self._balance(row) + moved}

    def _balance(self, row: dict[str, Fraction]) -> Fraction:
        due = row["opening"] + row["charged"] + row["undelivered"] + row["recalculated"] + row["penalty"]
        return due - row["paid"]

    # -- payments after the end of a contract (10.10)

    def moved(self, line: TownLine, month: int) -> Fraction:
        """Plus where a payment is taken from, minus where it goes."""
        heirs = self._heirs(line.key[0], month)
        givers = [o for o in self.lines if o.key[0] == line.key[0] and self._leaves(o, month)]
        back = self._brought_back(line, givers, month)
        if not heirs:
            return back
        if line in givers:
            return self._excess(line, month) + back
        whole = sum((self._excess(giver, month) for giver in givers), Fraction(0))
        if line not in heirs or not whole:
            return back
        charged = [self.before_moving(heir, month)["charged"] for heir in heirs]
        weights = charged if any(charged) else [Fraction(int(heir is heirs[0])) for heir in heirs]
        return back - shares(whole, weights)[heirs.index(line)]

    def _brought_back(self, line: TownLine, givers: list[TownLine], month: int) -> Fraction:
        """A payment of an earlier month was taken back: what was moved of it comes from the lines that had got it."""
        undone = {giver.key: self._undone(giver, month) for giver in givers}
        whole = sum(undone.values(), Fraction(0))
        if line in givers or not whole:
            return -undone.get(line.key, Fraction(0))
        account = sorted((o for o in self.lines if o.key[0] == line.key[0]), key=in_bill)
        had = [max(-self._moved_before(other, month), Fraction(0)) for other in account]
        return shares(whole, had)[account.index(line)]

    def _undone(self, line: TownLine, month: int) -> Fraction:
        advance = -sum((_advance(p) for p in self._taken_back(line, month)), Fraction(0))
        return max(min(advance, self._moved_before(line, month)), Fraction(0)) if advance else Fraction(0)

    def _taken_back(self, line: TownLine, month: int) -> list[Part]:
        return [p for p in self.parts if (p.key, p.payment.month) == (line.key, month) and self._takes_back(p)]

    def _takes_back(self, part: Part) -> bool:
        """Of a payment of an earlier month."""
        same = [p for p in self.parts if (p.of.name, p.key) == (part.of.name, part.key) and p.amount > 0]
        return part.amount < 0 and all(p.payment.month < part.payment.month for p in same)

    def _came_back(self, part: Part, month: int) -> Fraction:
        """The advance in a part that was taken back and came back in that month from where it had been moved."""
        line = next(o for o in self.lines if o.key == part.key)
        left = self._leaves(line, month) and self._takes_back(part) and self.row(line, month)["moved"] < 0
        return -_advance(part) if left else Fraction(0)

    def _moved_before(self, line: TownLine, month: int) -> Fraction:
        begun = max(self.first, line.versions[0].start)
        return sum((self.row(line, m)["moved"] for m in range(begun, month)), Fraction(0))

    def _leaves(self, line: TownLine, month: int) -> bool:
        begun = line.versions[0].start <= month
        return begun and self.over(line.key[1], month) and self.ended(line, month)

    def _excess(self, line: TownLine, month: int) -> Fraction:
        """What was paid in the month beyond the debt."""
        row, undone = self.before_moving(line, month), self._undone(line, month)
        back = -sum((p.amount for p in self._taken_back(line, month)), Fraction(0))
        return max(min(row["paid"] + back, undone - self._balance(row)), Fraction(0))

    def _heirs(self, account: str, month: int) -> list[TownLine]:
        """Lines of others left in the account's bill, in its order."""
        left = [o for o in self.in_force(month) if o.key[0] == account and not self.over(o.key[1], month)]
        return sorted(left, key=in_bill)


def _before(values: dict[int, Fraction], start: tuple[int, Fraction], month: int) -> tuple[int, Fraction]:
    """The month and value that a reading is counted from."""
    earlier = max((m for m in values if m < month), default=None)
    return start if earlier is None else (earlier, values[earlier])


def _advance(part: Part) -> Fraction:
    return part.amount - part.opening - part.current - part.old_penalty - part.penalty


def _predecessors(changes: list[MeterChange], meter: str) -> list[str]:
    """The meters whose place one took, the latest first."""
    before = next((change.old for change in changes if change.new == meter), None)
    return [before, *_predecessors(changes, before)] if before else []
