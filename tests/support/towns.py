"""Random small towns: what happens in each month, in the order in which it comes in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from tests.support.oracle_facts import (
    FOLLOWS,
    Correction,
    Exit,
    Key,
    MeterChange,
    Notice,
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
)  # fmt: skip

FIRST = 2026 * 12 + 8  # September 2026
BASES = {
    "maintenance": "м²", "lift": "чел.", "cleaning": "кв.",
    "state_repair": "schedule", "heating": "м²", "cold_water": "счётчик", "cold_sewerage": "счётчик",
    "intercom": "кв.",
}  # fmt: skip
OWNER = {
    "maintenance": "A",
    "lift": "A",
    "cleaning": "A",
    "state_repair": "A",
    "heating": "B",
    "cold_water": "B",
    "cold_sewerage": "B",
    "intercom": "C",
}
OWNERS = "ABC"
CATEGORIES = ("население", "юридические лица")


@dataclass
class MonthsEvents:
    """What counts in a month: forms first, then registers of payments in turn."""

    month: int
    tariffs: list[Tariff] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    meter_changes: list[MeterChange] = field(default_factory=list)
    recalculations: list[Recalculation] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    new_lines: list[TownLine] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    registers: list[list[Payment]] = field(default_factory=list)


@dataclass
class Story:
    lines: list[TownLine]
    months: list[MonthsEvents]
    contracts: dict[str, date]  # customers whose contract ends, and its last day
    close_late: bool  # a month is closed only after the payments of the next one came
    by_residents: frozenset[str]  # services whose thresholds are each resident's


def build_story(dice: Random, months: int, accounts: int | None = None) -> Story:
    """`accounts`: how many the directory begins with; None = up to twelve."""
    close_late = dice.random() < 0.5
    lines = [line for number in range(accounts or dice.randint(1, 12)) for line in _account(dice, f"{1001 + number}")]
    events = [MonthsEvents(FIRST + place) for place in range(months)]
    for happening in events:
        _new_flats(dice, happening)
        lines += happening.new_lines
    _tariffs(dice, events, lines)
    _readings(dice, events, lines)
    contracts = _ended_contracts(dice, events, lines)
    said: set[tuple[Key, int]] = set()
    for happening in events:
        first_open = max(FIRST, happening.month - close_late)
        _past_sums(dice, happening, lines, said)
        _lost_days(dice, happening, lines)
        _changes(dice, happening, lines)
        _told(dice, happening, lines)
        _notices(dice, happening, lines)
        _stops(dice, happening, lines, first_open)
        _payments(dice, happening, lines, first_open)
        _taken_back(dice, happening, [p for month in events for register in month.registers for p in register])
    _stops_end(dice, events, close_late)
    never: set[Key] = set()
    for happening in events:
        _nothing_after_the_contract(happening, contracts, never)
    by_residents = frozenset(service for service in ("cold_water", "cold_sewerage") if dice.random() < 0.5)
    return Story(lines, events, contracts, close_late, by_residents)


def decimal(dice: Random, low: int, high: int, places: int) -> Fraction:
    """Often round, often not."""
    scale = 10**places
    whole = dice.randint(low * scale, high * scale)
    return Fraction(whole - whole % dice.choice([1, 1, 5, scale]), scale)


def _account(dice: Random, account: str) -> list[TownLine]:
    house = dice.choice(["H-1", "H-2"])
    chosen = [service for service in BASES if dice.random() < 0.6] or ["maintenance"]
    if "maintenance" not in chosen and all(s in FOLLOWS for s in chosen):
        chosen.insert(0, "maintenance")
    area, people = decimal(dice, 0, 120, 3), dice.randint(0, 4)
    found = []
    for service in chosen:
        start = FIRST if service == chosen[0] or dice.random() < 0.85 else FIRST + 1
        base = "чел." if service == "cold_water" and dice.random() < 0.25 else BASES[service]
        meters = _meters(dice, account, service) if base == "счётчик" else ()
        category = dice.choice([None, None, *CATEGORIES])
        tariff = decimal(dice, 0, 300, 4) if dice.random() < 0.85 and BASES[service] != "schedule" else None
        versions = [Version(start, tariff, area, people, category, meters)]
        if dice.random() < 0.25:
            again = decimal(dice, 0, 300, 4) if dice.random() < 0.4 else None
            kept = tuple((meter, None) for meter, _ in meters)
            other = dice.choice([category, category, None, *CATEGORIES])
            versions.append(Version(start + 1, again, area + 1, people + 1, other, kept))
        balance: Fraction | None = Fraction(dice.choice([0, 0, 30_000, dice.randint(-90_000, 300_000)]), 100)
        if service == "cleaning" and dice.random() < 0.5:
            balance = None
        key = (account, OWNER[service], service)
        found.append(TownLine(key, house, base, balance, tuple(versions)))
    return found


def _meters(dice: Random, account: str, service: str) -> tuple[tuple[str, Fraction | None], ...]:
    if BASES[service] != "счётчик" or (service in FOLLOWS and dice.random() < 0.7):
        return ()
    count = dice.choice([1, 1, 2])
    return tuple((f"{service[:6]}-{account}-{n}", decimal(dice, 0, 500, 3)) for n in range(count))


def _new_flats(dice: Random, happening: MonthsEvents) -> None:
    """Flats of a house newly taken on by A; their form's month may be after the date they were taken on."""
    for number in range(dice.choice([0, 0, 1, 2])):
        account = f"{5000 + 10 * (happening.month - FIRST) + number}"
        start = happening.month + dice.choice([-1, 0, 0, 1])
        version = Version(max(start, happening.month), None, decimal(dice, 1, 90, 2), dice.randint(0, 5))
        for service in ("maintenance", *(s for s in ("lift", "cleaning") if dice.random() < 0.5)):
            key = (account, "A", service)
            known = TownLine(key, f"H-{account}", BASES[service], None, (version,), happening.month)
            happening.new_lines.append(known)


def _told(dice: Random, happening: MonthsEvents, lines: list[TownLine]) -> None:
    """Charges from the customer's own file, and months of schedules: this one or a later one, perhaps said before."""
    for line in lines:
        if line.versions[0].start > happening.month or dice.random() < 0.4:
            continue
        tariff = decimal(dice, 0, 900, 2)
        if line.key[2] == "cleaning":
            balance = None if dice.random() < 0.5 else Fraction(dice.randint(-90_000, 90_000), 100)
            sums = Told(line.key, tariff, decimal(dice, 0, 900, 2), happening.month, happening.month, balance)
            happening.told.append(sums)
        if line.key[2] == "state_repair":
            of = happening.month + dice.choice([0, 0, 1])
            fees = [min(decimal(dice, 0, 20, 2), tariff / 2 - tariff / 2 % Fraction(1, 100)) for _ in range(2)]
            happening.told.append(Told(line.key, tariff, tariff, of, happening.month, None, True, *fees))


def _notices(dice: Random, happening: MonthsEvents, lines: list[TownLine]) -> None:
    """Notices of penalties, mostly in the first month: a service's terms may change later."""
    for service in ("maintenance", "heating"):
        standing = [line for line in lines if line.key[2] == service and line.versions[0].start <= happening.month]
        if standing and dice.random() < (0.6 if happening.month == FIRST else 0.2):
            start = happening.month + dice.choice([-2, 0, 0, 1])
            terms = decimal(dice, 1, 60, 2), decimal(dice, 1, 3, 6), dice.choice([0, 0, 3, 10, 45])
            cap = Fraction(dice.choice([100, 100, 50, 1]))
            happening.notices.append(Notice(OWNER[service], service, *terms, cap, start, happening.month))


def _changes(dice: Random, happening: MonthsEvents, lines: list[TownLine]) -> None:
    """Corrections of the directory (each key once a month) and now and then a house that leaves."""
    standing = [line for line in lines if line.versions[0].start < happening.month]
    seen = set()
    for _ in range(dice.choice([0, 0, 1, 2]) if standing else 0):
        line, what = dice.choice(standing), dice.choice(["area", "residents", "gone"])
        account, customer, service = line.key
        value: Fraction | int | str = service
        if what != "gone":
            value = decimal(dice, 1, 90, 2) if what == "area" else dice.randint(0, 5)
        start = happening.month + (0 if what == "gone" else dice.choice([-1, 0, 1]))
        if (customer, account) not in seen:
            seen.add((customer, account))
            happening.corrections.append(Correction(customer, account, what, value, start, happening.month))
    if standing and dice.random() < 0.2:
        line = dice.choice(standing)
        left = happening.month + dice.choice([-1, 0])
        if (line.key[1], line.house) not in {(told.customer, told.house) for told in happening.exits}:
            happening.exits.append(Exit(line.key[1], line.house, left, happening.month))


def _tariffs(dice: Random, events: list[MonthsEvents], lines: list[TownLine]) -> None:
    """Each key once; of consumption often by steps, of which one may be told in a later month."""
    seen = set()
    for happening in events:
        for _ in range(dice.randint(0, 8)):
            line = dice.choice(lines)
            if line.key[2] == "state_repair" or line.versions[0].start > happening.month:
                continue
            house = line.house if dice.random() < 0.4 else None
            start = happening.month + dice.choice([-2, -1, -1, 0, 0, 1])
            late, category = dice.random() < 0.3, dice.choice([None, None, *CATEGORIES])
            terms = house, decimal(dice, 0, 300, 4), start, happening.month, late, line.base, category
            first = Tariff(*line.key[1:], *terms)
            if first.table not in seen:
                seen.add(first.table)
                happening.tariffs.append(first)
                _steps(dice, events, first)


def _steps(dice: Random, events: list[MonthsEvents], first: Tariff) -> None:
    """Up to three steps over the first, in its form or, now and then, in that of a later month."""
    for over in sorted({decimal(dice, 1, 60, 3) for _ in range(dice.choice([0, 1, 2, 3]))}):
        told = replace(first, tariff=decimal(dice, 0, 300, 4), over=over)
        later = [happening.month for happening in events if happening.month > first.month]
        if later and dice.random() < 0.2:
            told = replace(told, month=dice.choice(later), late=dice.random() < 0.3)
        if first.base == "счётчик":
            events[told.month - FIRST].tariffs.append(told)


def _readings(dice: Random, events: list[MonthsEvents], lines: list[TownLine]) -> None:
    """Some meters are replaced on their way, now and then twice; the new one may be read in the same month."""
    for line in lines:
        for meter, first in line.versions[0].meters:
            value = first or Fraction(0)
            for happening in events:
                if happening.month >= line.versions[0].start and dice.random() < 0.12:
                    last, initial = value + decimal(dice, 0, 40, 3), decimal(dice, 0, 9, 3)
                    new = f"{meter}-{happening.month - FIRST}"
                    happening.meter_changes.append(MeterChange(line.key, meter, last, new, initial, happening.month))
                    meter, value = new, initial
                if happening.month >= line.versions[0].start and dice.random() < 0.65:
                    value += decimal(dice, 0, 40, 3)
                    happening.readings.append(Reading(line.key, meter, value, happening.month))


def _past_sums(dice: Random, happening: MonthsEvents, lines: list[TownLine], said: set[tuple[Key, int]]) -> None:
    """A past month of a line once in a story: said again while the first is open it would be a correction."""
    for line in lines:
        if line.versions[0].start <= happening.month and dice.random() < 0.25:
            past, amount = happening.month - dice.randint(1, 36), Fraction(dice.randint(-90_000, 60_000), 100)
            amount *= dice.choice([1, 1, 1, 20])  # a month may come to a large minus
            if (line.key, past) not in said:
                said.add((line.key, past))
                happening.recalculations.append(Recalculation(line.key, past, amount, happening.month))


def _lost_days(dice: Random, happening: MonthsEvents, lines: list[TownLine]) -> None:
    """Up to three statements, each in a form of its own, of days of this month or the one before, house-wide or of an
    account; often the same days again, or with the same first day."""
    supplied = ("heating", "cold_water")
    heated = [line for line in lines if line.key[2] in supplied and line.versions[0].start <= happening.month]
    for _ in range(dice.choice([0, 1, 2, 3]) if heated else 0):
        line = dice.choice(heated)
        of = happening.month - dice.choice([0, 1])
        if FIRST <= of < line.versions[0].start:
            continue
        first = dice.choice([1, 10, dice.randint(1, 28)])
        days = min(dice.choice([1, 5, 12, 28]), 29 - first)
        place = (None, line.house) if dice.random() < 0.5 else (line.key[0], None)
        happening.undelivered.append(Undelivered(line.key[1], line.key[2], *place, first, days, of, happening.month))


def _ended_contracts(dice: Random, events: list[MonthsEvents], lines: list[TownLine]) -> dict[str, date]:
    """In half of the towns a customer's contract ends; in half of these his houses leave, mostly that day (10.10)."""
    if dice.random() < 0.5:
        return {}
    owner, ends = dice.choice(OWNERS), dice.choice(events[:-1]).month
    houses = sorted({line.house for line in lines if line.key[1] == owner and line.versions[0].start <= ends})
    for house in houses if dice.random() < 0.5 else []:
        left = ends - dice.choice([0, 0, 0, 1])
        events[ends - FIRST].exits.append(Exit(owner, house, left, ends))
    return {owner: first_day(ends + 1) - timedelta(dice.choice([1, 1, 15]))}


def _nothing_after_the_contract(happening: MonthsEvents, contracts: dict[str, date], never: set[Key]) -> None:
    """Forms for months after a customer's contract are refused, but for recalculations of months before it (10.11)."""
    over = {owner: until for owner, until in contracts.items() if until < first_day(happening.month)}
    for forms in (happening.tariffs, happening.undelivered, happening.corrections, happening.notices, happening.exits):
        forms[:] = [form for form in forms if form.customer not in over]  # type: ignore[attr-defined, index]
    never |= {told.key for told in (*happening.new_lines, *happening.told) if told.key[1] in over}  # told too late
    for told in (
        happening.readings,
        happening.meter_changes,
        happening.told,
        happening.new_lines,
    ):
        told[:] = [form for form in told if form.key[1] not in over]  # type: ignore[attr-defined, index]
    happening.recalculations[:] = [
        told for told in happening.recalculations
        if told.key[1] not in over or (first_day(told.past) <= over[told.key[1]] and told.key not in never)
    ]  # fmt: skip


def _stops(dice: Random, happening: MonthsEvents, lines: list[TownLine], first_open: int) -> None:
    """An account's lines, a house's, or one service of them, from a day of the month before, this or the next."""
    standing = [line for line in lines if line.versions[0].start <= happening.month]
    for _ in range(dice.choice([0, 0, 1, 2]) if standing else 0):
        line = dice.choice(standing)
        account, owner, service = line.key
        by_house, month = dice.random() < 0.3, happening.month + dice.choice([-1, 0, 0, 1])
        first = first_day(month) + timedelta(dice.choice([0, 0, 1, 14]))
        last = None if dice.random() < 0.4 else first + timedelta(dice.choice([0, 20, 31, 45]))
        place = (None, line.house) if by_house else (account, None)
        stop = Stop(owner, service if dice.random() < 0.5 else None, *place, first, last, first_open)
        if not any(_same_stop(stop, other) for other in happening.stops):
            happening.stops.append(stop)


def _stops_end(dice: Random, events: list[MonthsEvents], close_late: bool) -> None:
    """Some that had no end are told again with one, a month later; the same row again is said anew."""
    for happening, following in zip(events, events[1:], strict=False):
        for stop in happening.stops:
            known = any(_same_stop(stop, other) for month in events for other in month.stops if other is not stop)
            if stop.last is None and not known and dice.random() < 0.6:
                last = max(stop.first, first_day(following.month) + timedelta(dice.choice([-1, 0, 30])))
                told = max(FIRST, following.month - close_late)
                following.stops.append(replace(stop, last=last, told=told))


def _same_stop(one: Stop, other: Stop) -> bool:
    return replace(one, last=None, told=0) == replace(other, last=None, told=0)


def _payments(dice: Random, happening: MonthsEvents, lines: list[TownLine], first_open: int) -> None:
    """Some for accounts not known yet, or of nobody; some accepted in the month before and told by the bank now."""
    number = 1000 * (happening.month - FIRST + 1)
    payable = [line for line in lines if line.versions[0].start <= happening.month]
    coming = [line for line in lines if line not in payable] or payable
    for _ in range(dice.randint(0, 2)):
        register = []
        for _ in range(dice.randint(1, 14)):
            number += 1
            line = dice.choice(payable if dice.random() < 0.9 else coming)
            to, service = dice.choice([(None, None)] * 2 + [(line.key[1], None), line.key[1:], (None, line.key[2])])
            if service and dice.random() < 0.1:
                service = dice.choice(list(BASES))  # perhaps not on the account
            account = line.key[0] if dice.random() < 0.95 else "9999"
            paid = Payment(
                dice.randint(1, 27), str(number), account, to, service,
                Fraction(dice.choice([1, 10_000, 100_000, dice.randint(1, 2_500_000)]), 100), happening.month,
            )  # fmt: skip
            if happening.month > FIRST and dice.random() < 0.1:
                paid = replace(paid, month=first_open, paid_in=happening.month - 1)
            register.append(paid)
            if dice.random() < 0.15:
                register += _put_right(dice, paid)
        happening.registers.append(register)


def _put_right(dice: Random, paid: Payment) -> list[Payment]:
    """A mistyped payment taken back in its register, and told anew; or its number told twice."""
    day = dice.choice([paid.day, dice.randint(paid.day, 27)])
    if dice.random() < 0.7:
        back = replace(paid, day=day, customer=None, service=None, amount=-paid.amount)
        anew = replace(paid, day=day, number=f"{paid.number}00", amount=paid.amount / 10 or paid.amount)
        return [back, replace(anew, amount=anew.amount - anew.amount % Fraction(1, 100) or paid.amount)]
    amount = dice.choice([paid.amount, paid.amount + 100])
    return [] if day == paid.day else [replace(paid, day=day, amount=amount)]


def _taken_back(dice: Random, happening: MonthsEvents, paid: list[Payment]) -> None:
    """Payments, new or old, that the bank takes back: whole, in part, twice, or more than was paid."""
    for _ in range(dice.choice([0, 1, 2, 3]) if happening.registers else 0):
        old = dice.choice([p for p in paid if p.amount > 0])
        part = dice.choice([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(1, 3), Fraction(5, 4)])
        amount = -max(Fraction(int(old.amount * 100 * part), 100), Fraction(1, 100))
        number = old.number if dice.random() < 0.95 else "9" + old.number
        day = 28 if old.paid_on >= first_day(happening.month) else dice.randint(1, 28)
        back = Payment(day, number, old.account, None, None, amount, happening.month)
        known = [*paid, *(p for register in happening.registers for p in register)]
        if not any((p.number, p.paid_on, p.amount < 0) == (back.number, back.paid_on, True) for p in known):
            dice.choice(happening.registers[-2:]).append(back)
