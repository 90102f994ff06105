"""The close against an independent accountant: random towns through the real pipeline, equal to the tiyn."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inbox_worker.deciding.suspense_acts import assign_payment
from inbox_worker.month.assign import ANY, Belongs, NotAssigned
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.suspense import WaitingPayment, find_waiting
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import Row, TownOffice, bin_of, customer, line, moment, payment
from tests.support.oracle import Town
from tests.support.oracle_facts import (
    Correction,
    Exit,
    MeterChange,
    Notice,
    Part,
    Payment,
    Recalculation,
    Stop,
    Tariff,
    Told,
    TownLine,
    Undelivered,
    first_day,
)
from tests.support.oracle_payments import assign, pay, refused
from tests.support.papers import SCAN
from tests.support.towns import FIRST, OWNERS, MonthsEvents, Story, build_story

MONEY = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing",
         "opening_penalty", "paid_penalty", "closing_penalty")  # fmt: skip
QUIET = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None,
    phases=[Phase.generate],
)  # fmt: skip
# Two towns that together have rows in every step that any of the first towns has: in the one tariffs by steps, houses
# that leave, contracts that end and stopped services, in the other estimates.
STEPPED, ESTIMATED = 5496, 0


def test_close_equals_the_slow_accountant(reader: CellReader) -> None:
    """Every line, part of a payment, fee and sum in suspense is what money.md says, to the tiyn."""
    live(build_story(Random(STEPPED), months=3), reader)


@pytest.mark.slow
@settings(QUIET, max_examples=10)
@given(seed=st.integers(0, 2**32), rows=st.integers(1, 6))
def test_close_by_ranges_of_accounts_equals_the_slow_accountant(seed: int, rows: int, reader: CellReader) -> None:
    """Computed a few accounts at a time, side by side, the month is the same."""
    live(build_story(Random(seed), months=3), reader, rows)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(100))
def test_close_equals_the_slow_accountant_in_many_towns(place: int, reader: CellReader) -> None:
    """The same over five months, with penalties on debts of several of them, and many more towns: a test each, so that
    they run side by side and a run that was stopped goes on (`PASSED_TESTS`, tests/month/conftest.py)."""
    live(build_story(Random(seed_of(place)), months=5), reader)


@pytest.mark.slow
def test_close_equals_the_slow_accountant_when_staff_assign_what_waits(reader: CellReader) -> None:
    """Payments in suspense are assigned to lines, and taken back later; the month is the same in both worlds."""
    live(build_story(Random(ESTIMATED), months=3), reader, assigning=Random(ESTIMATED))


@pytest.mark.slow
@pytest.mark.parametrize("place", range(40))
def test_assigned_payments_equal_the_slow_accountants_in_many_towns(place: int, reader: CellReader) -> None:
    """The same over five months, by ranges of accounts: an account and the one that the bank named lie apart."""
    seed = seed_of(place)
    live(build_story(Random(seed), months=5), reader, 2 + place % 8, assigning=Random(seed))


def seed_of(place: int) -> int:
    """The dice of a town by its place in the row of towns."""
    return place * 7919 + 17


def live(
    story: Story, reader: CellReader, rows_at_once: int | None = None, assigning: Random | None = None, spark: str = ""
) -> None:
    """Lives a story in both worlds and compares after every register and every close."""
    with (
        tempfile.TemporaryDirectory() as folder,
        TownOffice(Path(folder), reader, rows_at_once=rows_at_once, spark=spark) as office,
    ):
        live_in(office, story, assigning)


def live_in(office: TownOffice, story: Story, assigning: Random | None = None) -> None:
    """Lives a story in an empty office. `assigning`: the dice of staff who assign what waits."""
    registered = [known for known in story.lines if known.told is None]
    town = Town(
        lines=list(registered), first=FIRST, contracts=dict(story.contracts), by_residents=story.by_residents
    )  # fmt: skip
    office.step_by_residents(*story.by_residents)
    office.load_customers(*(customer_row(name, story) for name in OWNERS))
    office.load_directory(*(row for known in registered for row in directory_rows(known)))
    waiting: list[int] = []
    for events in story.months:
        hand_in_forms(office, town, events)
        load_stops(office, town, events)
        for register in events.registers:
            if assigning:
                register = [misspelt(paid) for paid in register]
            load_register(office, town, register, f"{text(events.month)}-28")
            if assigning:
                assign_some(office, town, assigning)
        waiting.append(events.month)
        if len(waiting) > 1:  # the month runs on a balance that is not closed yet
            compare(office.drafted(text(events.month)), town, events.month)
        while len(waiting) > story.close_late:
            close(office, town, waiting.pop(0))
    for month in waiting:
        close(office, town, month)


def load_register(office: TownOffice, town: Town, register: Sequence[Payment], now: str) -> None:
    """A register that takes back more than was paid is refused; it comes again without those rows."""
    wrong = refused(town, register)
    if wrong:
        answer = office.load("bank_register", [bank_row(p) for p in register], now)
        assert answer.outcome == "rejected", answer.report
        assert answer.codes == ["register.reversal_exceeds"] * len(wrong), answer.codes
    right = [p for p in register if p not in wrong]
    if right:
        office.load_payments(*(bank_row(p) for p in right), now=now)
        pay(town, right, first_open(office))


def first_open(office: TownOffice) -> int:
    return max((month_number(str(m)) + 1 for m in list_closed_months(office.office)), default=0)


def misspelt(paid: Payment) -> Payment:
    """Every third payment, and whatever takes it back, with an account that nobody has."""
    wrong = crc32(f"{paid.number}/{paid.account}".encode()) % 3 == 0
    return replace(paid, account=f"9{paid.account}") if wrong else paid


def assign_some(office: TownOffice, town: Town, dice: Random) -> None:
    """Staff assign some of the payments that wait, to lines that there are; a line of another month refuses them."""
    for waiting in [one for one in town.suspense if one.amount > 0 and dice.random() < 0.6]:
        line = dice.choice(town.lines)
        named = dice.choice([(ANY, ANY), (bin_of(line.key[1]), ANY), (bin_of(line.key[1]), line.key[2])])
        customer = None if named[0] == ANY else line.key[1]
        first = first_open(office)
        taken = assign(town, waiting, line.key[0], customer, None if named[1] == ANY else line.key[2], first)
        [ours] = [one for one in find_waiting(office.office) if name_of(one) == name_of_theirs(waiting)]
        to = Belongs(line.key[0], *named)
        if taken:
            assign_payment(office.office, ours.payment, to, "звонок", moment("2026-12-31"))
        else:
            with pytest.raises(NotAssigned):
                assign_payment(office.office, ours.payment, to, "звонок", moment("2026-12-31"))


def name_of(one: WaitingPayment) -> tuple[object, ...]:
    return one.paid_on, one.number, one.account, one.payee or "", one.service or "", one.amount


def name_of_theirs(one: Payment) -> tuple[object, ...]:
    payee = bin_of(one.customer) if one.customer else ""
    return one.paid_on, one.number, one.account, payee, one.service or "", exact(one.amount)


def month_number(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def close(office: TownOffice, town: Town, month: int) -> None:
    office.close(text(month))
    compare(office.lines(text(month)), town, month)
    ours = sorted(
        (r["number"], r["account"], r["customer"], r["service"], r["amount"], r["fee"], r["transfer"])
        for r in office.table(text(month), "payments")
    )
    assert ours == sorted(as_row(part) for part in town.parts if part.payment.month == month)
    compare_steps(office, town, month)
    lost = sorted((r["number"], r["amount"]) for r in office.table(text(month), "suspense"))
    assert lost == sorted((number, exact(amount)) for when, number, amount in town.moves if when == month)


def compare(ours: dict[tuple[str, str, str], dict[str, Any]], town: Town, month: int) -> None:
    theirs = {(k[0], bin_of(k[1]), k[2]): town.row(known, month) for known in town.shown(month) for k in [known.key]}
    assert set(ours) == set(theirs)
    for key, row in theirs.items():
        names = (*MONEY, "quantity", *(("tariff",) if row["tariff"] else ()))
        differ = {n: (ours[key][n], exact(row[n])) for n in names if ours[key][n] != exact(row[n])}
        assert not differ, (text(month), key, differ)


def compare_steps(office: TownOffice, town: Town, month: int) -> None:
    """steps.parquet has the parts of every charge by steps and no other; without any it is not there."""
    theirs = []
    for known in town.in_force(month):
        stepped = len(town.steps(known, month, month)) > 1
        if stepped and not town.stopped(known, month) and not town.said(known, month):
            account, owner, service = known.key
            theirs += [
                (account, bin_of(owner), service, *map(exact, (part.begins, part.tariff, part.quantity)))
                for part in town.step_parts(known, month, month)
            ]
    there = (office.folder / "ledger" / "closes" / text(month) / "steps.parquet").exists()
    names = ("account", "customer", "service", "threshold", "tariff", "quantity")
    ours = [tuple(row[name] for name in names) for row in office.table(text(month), "steps")] if there else []
    assert (there, ours) == (bool(theirs), sorted(theirs))


def hand_in_forms(office: TownOffice, town: Town, events: MonthsEvents) -> None:
    """Forms on time come on the 20th of the month before, late ones on the 28th of the month before that."""
    month = form_month(events.month)
    town.recalculations += events.recalculations
    town.lines += events.new_lines
    on_time, late = f"{text(events.month - 1)}-20", f"{text(events.month - 2)}-28"
    flats: dict[str, list[TownLine]] = {}
    for known in events.new_lines:
        flats.setdefault(known.key[0], []).append(known)
    send(office, "new_houses", [flat_row(flat) for flat in flats.values()], "A", month, on_time, False)
    for owner in OWNERS:
        corrections = [c for c in fresh(town, events) if c.customer == owner]
        send(office, "directory_corrections", [correction_row(c) for c in corrections], owner, month, on_time, False)
        town.corrections += corrections
        exits = [e for e in events.exits if e.customer == owner and stands(town, e)]
        send(office, "house_exit", [exit_row(e) for e in exits], owner, month, on_time, False)
        anew = {(e.customer, e.house) for e in exits}
        town.exits = [e for e in town.exits if (e.customer, e.house) not in anew or closed(office, e.month)] + exits
    standing = {line.key: line for line in town.in_force(events.month)}
    places = {(*key[1:], line.base, house) for key, line in standing.items() for house in (line.house, None)}
    tariffs = [t for t in events.tariffs if (t.customer, t.service, t.base, t.house) in places]
    firsts = {t.table for t in (*town.tariffs, *tariffs) if not t.over}  # without it a step would be refused
    tariffs = [t for t in tariffs if t.table in firsts]
    changes = [c for c in events.meter_changes if c.key in standing and c.old in town.meters(standing[c.key], c.month)]
    town.changes += changes
    there = {key: town.meters(line, events.month) for key, line in standing.items()}
    told_readings = [r for r in events.readings if r.key in standing and r.meter in there[r.key]]
    town.tariffs += tariffs
    told = [t for t in events.told if t.key in standing]
    send(office, "service_charges", [told_row(t) for t in told if not t.schedule], "A", month, on_time, False)
    send(office, "repair_schedule", [schedule_row(t) for t in told if t.schedule], "A", month, on_time, False)
    town.told += told
    for owner in OWNERS:
        fined = {(service, customer) for _, customer, service in standing}
        notices = [n for n in events.notices if n.customer == owner and (n.service, n.customer) in fined]
        send(office, "penalty_notice", [notice_row(n) for n in notices], owner, month, on_time, False)
        town.notices += notices
    town.readings += told_readings
    for owner in OWNERS:
        for is_late in (True, False):
            rows = [tariff_row(t) for t in tariffs if (t.customer, t.late) == (owner, is_late)]
            send(office, "tariffs", rows, owner, month, late if is_late else on_time, is_late)
        sums = [sum_row(r) for r in events.recalculations if r.key[1] == owner]
        send(office, "recalculations", sums, owner, month, on_time, False)
    send(office, "meter_change", [change_row(c) for c in changes], "B", month, on_time, False)
    readings: list[Row] = [
        {"account": r.key[0], "service": r.key[2], "meter": r.meter, "current": exact(r.current)} for r in told_readings
    ]
    send(office, "meter_readings", readings, "B", month, on_time, False)
    for days in events.undelivered:
        send(office, "undelivered", [days_row(days)], "B", month, on_time, False)
        replaced = [u for u in town.undelivered if u.form_key == days.form_key and not closed(office, u.month)]
        if not any(u.days == days.days for u in replaced):
            town.undelivered = [u for u in town.undelivered if u not in replaced] + [days]
    town.forget()


def closed(office: TownOffice, month: int) -> bool:
    """Whether a form of that month of account stands for good; an open one is replaced by the next with its key."""
    return text(month) in map(str, list_closed_months(office.office))


def load_stops(office: TownOffice, town: Town, events: MonthsEvents) -> None:
    """Those that the register may hold: one that would change nothing is refused."""
    stops = [stop for stop in events.stops if may_load(office, town, stop, events.month)]
    if stops:
        answer = office.load("stops", [stop_row(s) for s in stops], f"{text(events.month)}-02")
        assert answer.outcome == "accepted", answer.findings
        town.stops += stops


def may_load(office: TownOffice, town: Town, stop: Stop, loaded: int) -> bool:
    """Whether a stop changes anything: it was not over before the first open month (4.1.4) and leaves out a month's
    charges, unless it ends one that is known; one without an end has lines where it begins or now (10.3)."""
    if stop.last is not None:
        known = any(replace(stop, last=None, told=0) == replace(one, last=None, told=0) for one in town.stops)
        over = stop.last < first_day(town.first) or closed(office, stop.last.year * 12 + stop.last.month - 1)
        within = stop.first.day != 1 and (stop.first.year, stop.first.month) == (stop.last.year, stop.last.month)
        return known or not (over or within)
    begins = stop.first.year * 12 + stop.first.month - 1
    lines = [line for month in {begins, max(begins, loaded), max(begins, loaded + 1)} for line in town.in_force(month)]
    return any(
        line.key[1] == stop.customer
        and stop.service in (None, line.key[2])
        and (line.key[0] == stop.account if stop.account else line.house == stop.house)
        for line in lines
    )


def fresh(town: Town, events: MonthsEvents) -> list[Correction]:
    """Corrections about lines that still stand: the others would be refused."""
    standing = {line.key for line in town.in_force(events.month)}
    accounts = {key[:2] for key in standing}
    return [
        c for c in events.corrections
        if ((c.account, c.customer, c.value) in standing if c.what == "gone" else (c.account, c.customer) in accounts)
    ]  # fmt: skip


def stands(town: Town, told: Exit) -> bool:
    return any((line.key[1], line.house) == (told.customer, told.house) for line in town.in_force(told.month))


def change_row(change: MeterChange) -> Row:
    account, _, service = change.key
    return {
        "account": account, "service": service, "meter": change.old, "current": exact(change.last),
        "new_meter": change.new, "initial": exact(change.initial), "changed_on": "12.08.2026",
    }  # fmt: skip


def flat_row(flat: list[TownLine]) -> Row:
    version, first = flat[0].versions[0], flat[0]
    services = ";".join(line.key[2] for line in flat)
    return {
        "house": first.house, "address": "г. Алматы, ул. Абая, 9", "flat": "1", "account": first.key[0],
        "area": exact(version.area), "residents": version.residents, "services": services,
        "from_date": f"01.{form_month(version.start)}", "basis": "№ 1",
    }  # fmt: skip


def correction_row(told: Correction) -> Row:
    names = {"area": "Площадь", "residents": "Проживает", "gone": "Убрать услугу"}
    value = exact(told.value) if isinstance(told.value, Fraction) else told.value
    return {
        "account": told.account, "indicator": names[told.what], "becomes": str(value),
        "from_date": f"01.{form_month(told.start)}",
    }  # fmt: skip


def exit_row(told: Exit) -> Row:
    return {
        "house": told.house, "left_on": f"15.{form_month(told.left)}", "reason": "собрание",
        "learned_on": f"10.{form_month(told.month - 1)}",
    }  # fmt: skip


def notice_row(told: Notice) -> Row:
    return {
        "service": told.service, "rate": exact(told.rate), "coefficient": exact(told.coefficient),
        "grace_days": told.grace, "cap": exact(told.cap), "from_date": f"01.{form_month(told.start)}", "basis": "№ 5",
    }  # fmt: skip


def customer_row(name: str, story: Story) -> Row:
    until = story.contracts.get(name)
    return customer(name, utilities=name == "B", valid_until=until and f"{until:%d.%m.%Y}")


def stop_row(told: Stop) -> Row:
    return {
        "bin": bin_of(told.customer), "service": told.service, "account": told.account, "house": told.house,
        "from_date": f"{told.first:%d.%m.%Y}", "to_date": told.last and f"{told.last:%d.%m.%Y}", "reason": "жалоба",
        "clause": "10.3",
    }  # fmt: skip


def told_row(told: Told) -> Row:
    balance = None if told.balance is None else exact(told.balance)
    return {
        "account": told.key[0], "service": told.key[2], "tariff": exact(told.tariff), "charged": exact(told.charged),
        "balance": balance,
    }  # fmt: skip


def schedule_row(told: Told) -> Row:
    return {
        "account": told.key[0], "service": told.key[2], "pay_month": form_month(told.of),
        "charge": exact(told.charged - told.commission), "operator_fee": exact(told.operator_fee),
        "bank_fee": exact(told.bank_fee), "total": exact(told.charged),
    }  # fmt: skip


def send(office: TownOffice, form: str, rows: Sequence[Row], by: str, month: str, received: str, late: bool) -> None:
    if not rows:
        return
    stated = "" if late else month
    answer = office.ingest(form, rows, received=received, by=by, month=stated, documents=[SCAN])
    assert answer.outcome == ("deferred" if late else "accepted"), answer.report
    assert answer.month == f"{month[3:]}-{month[:2]}"


def directory_rows(known: TownLine) -> list[Row]:
    account, owner, service = known.key
    rows: list[Row] = []
    for place, version in enumerate(known.versions):
        for first, (meter, reading) in enumerate(version.meters or ((None, None),)):
            rows.append(
                line(
                    owner,
                    account,
                    service,
                    base=known.base,
                    start=form_month(version.start),
                    house=known.house,
                    area=exact(version.area),
                    residents=version.residents,
                    category=version.category,
                    meter=meter,
                    tariff=None if version.tariff is None or first else exact(version.tariff),
                    reading=None if reading is None else exact(reading),
                    balance=None if place or first or known.balance is None else exact(known.balance),
                )  # fmt: skip
            )
    return rows


def tariff_row(form: Tariff) -> Row:
    return {
        "service": form.service, "house": form.house, "base": form.base, "tariff": exact(form.tariff),
        "from_month": form_month(form.start), "category": form.category,
        "threshold": exact(form.over) if form.over else None,
    }  # fmt: skip


def sum_row(form: Recalculation) -> Row:
    return {
        "account": form.key[0], "service": form.key[2], "past_month": form_month(form.past),
        "amount": exact(form.amount),
    }  # fmt: skip


def days_row(form: Undelivered) -> Row:
    month = form_month(form.of)
    return {
        "account": form.account, "house": form.house, "service": form.service, "from_date": f"{form.first:02d}.{month}",
        "to_date": f"{form.first + form.days - 1:02d}.{month}", "days": form.days,
    }  # fmt: skip


def bank_row(paid: Payment) -> Row:
    return payment(
        paid.account, str(exact(paid.amount)), day=f"{paid.paid_on:%d.%m.%Y}", number=paid.number,
        to=paid.customer or "", service=paid.service,
    )  # fmt: skip


def as_row(part: Part) -> tuple[object, ...]:
    account, owner, service = part.key
    money = (exact(part.amount), exact(part.fee), exact(part.amount - part.fee))
    return (part.payment.number, account, bin_of(owner), service, *money)


def exact(value: Fraction) -> Decimal:
    """The same number as a decimal; it must have an end."""
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(decimal) == value
    return decimal


def text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def form_month(month: int) -> str:
    return f"{month % 12 + 1:02d}.{month // 12:04d}"
