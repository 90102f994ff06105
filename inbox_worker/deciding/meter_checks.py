"""Checks of meter readings: not below the last counted value unless the meter ran over, nor far above it (7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.alike import meters_by_line, name_differences
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.new_codes import find_odd_codes
from inbox_worker.deciding.several_codes import names_several
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.settings.likeness import code_skeleton

METER = ["account", "service", "meter"]
CAPACITY = pa.decimal128(18, 3)
_TELLING_NUMBER = 4  # signs


@check
def meter_on_line(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the meter's number is one of the line's meters; where no line of the account is named, one of the
    account's."""
    keys = ["account", "service", "meter"]
    known_meter = table.places_in(case.lines, keys) >= 0
    if known_meter.all():
        return []
    known_line = table.places_in(case.lines, keys[:2]) >= 0
    meters = meters_by_line(case)
    wrong = table.where(known_line & ~known_meter & table.find_filled("meter"))
    of_account = table.places_in(case.lines, ["account", "meter"]) >= 0
    lost = ~known_line & ~of_account & table.among("account", case.lines["account"]) & table.find_filled("meter")
    found = [_meter_finding(table, case, meters, index) for index in wrong]
    return found + [f for index in table.where(lost) for f in _find_lost_meter(table, meters, index)]


def _find_lost_meter(table: CheckedTable, meters: Mapping[tuple[str, str], list[str]], index: int) -> Iterator[Finding]:
    """Yield an error for a meter that no line of its account has, however it is spelled."""
    account, written = str(table.value(index, "account")), str(table.value(index, "meter"))
    there = sorted(meter for (of, _), every in meters.items() if of == account for meter in every)
    if code_skeleton(written) not in map(code_skeleton, there):
        known = name_differences(table, written, there)
        yield table.make_finding("meter.unknown", index, "meter", account=account, **known)


def _meter_finding(table: CheckedTable, case: Case, meters: Mapping[tuple[str, str], list[str]], index: int) -> Finding:
    account, service = str(table.value(index, "account")), case.rules.service(str(table.value(index, "service")))
    of_line = meters.get((account, service.code), [])
    if service.of and not of_line:
        facts = {"of": case.rules.service(service.of).ru, "of_kk": case.rules.service(service.of).kk}
        return table.service_finding("meter.of_other_service", index, **facts)
    written = str(table.value(index, "meter"))
    if names_several(written, {code_skeleton(meter) for meter in of_line}):
        return table.make_finding("value.several", index, "meter")
    known = name_differences(table, written, sorted(of_line))
    return table.make_finding("meter.unknown", index, "meter", account=account, **known)


@check
def reading_not_below_last(
    table: CheckedTable, case: Case, rollover: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Finding]:
    """Check that a reading is not below the last counted value (7.2), the same is allowed; `Предыдущее`, if given,
    equals it.

    A meter that ran over its last digit starts again from zero: where the consumption across zero is plausible
    (not over the spike limit) the reading is taken with a warning, and the row gets `rollover`, what the meter
    holds. `rollover`: `digits` before the comma by service; without it no meter runs over.
    """
    meters = _meters(table, case)
    below = table.where(pc.less(meters.current, meters.last))
    differs = table.where(pc.not_equal(meters.previous, meters.last))
    found, held = [], {}
    for index in below:
        last, current = meters.last[index].as_py(), meters.current[index].as_py()
        capacity = _capacity(table, meters, index, rollover) if rollover else None
        if capacity is None:
            found.append(table.make_finding("reading.below_last", index, "current", last=show(last)))
            continue
        held[index] = capacity
        facts = {"last": show(last), "used": show(current + capacity - last), "capacity": show(capacity)}
        found.append(table.make_finding("reading.rolled_over", index, "current", **facts))
    count = len(meters.current)
    turned = pa.array([held.get(i) for i in range(count)], CAPACITY) if held else pa.nulls(count, CAPACITY)
    table.put("rollover", turned)
    turned_round = set(table.where(pc.less(meters.current, meters.previous))) - set(below)
    for index in sorted(turned_round):
        found.append(
            table.make_finding("reading.below_own", index, "current", own=show(meters.previous[index].as_py()))
        )
    for index in (one for one in differs if one not in turned_round):
        last = meters.last[index].as_py()
        found.append(table.make_finding("reading.previous_differs", index, "previous", last=show(last)))
    return found


@check
def new_meter_is_new(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the meter that was put in is another than the one taken off, and not one of the line's meters already
    (7.2).

    A notice of the month that is corrected put it in in the place of the same meter: that is no contradiction.
    """
    there, changes = set(rows_of(case.lines, *METER)), case.facts_of_month("meter_change")
    pairs = set(rows_of(changes, *METER, "new_meter"))
    found = find_odd_codes(table, "new_meter", case.lines["meter"].to_pylist())
    for index, (account, service, old, new) in enumerate(rows_of(table.form.rows, *METER, "new_meter")):
        known = (account, service, new) in there and (account, service, old, new) not in pairs
        if new is not None and (new == old or known):
            found.append(table.make_finding("meter.not_new", index, "new_meter"))
    return found


@check
def new_meter_elsewhere(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn where the number of the meter that was put in is that of a meter on another account of the Customer (7.2).

    Short numbers are those of makers who count from one, and prove nothing.
    """
    places: dict[tuple[str, str], set[str]] = {}
    for account, service, meter in rows_of(case.lines, *METER):
        if meter is not None and len(meter) >= _TELLING_NUMBER:
            places.setdefault((service, meter), set()).add(account)
    found = []
    for index, (account, service, new) in enumerate(rows_of(table.form.rows, "account", "service", "new_meter")):
        if others := sorted(places.get((service, new), set()) - {account}):
            found.append(table.make_finding("meter.elsewhere", index, "new_meter", account=", ".join(others[:3])))
    return found


@check
def change_fits_readings(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns when a meter that was taken off was read higher in the same month than its last reading says (7.2).

    The last reading stands for the month; which of the two is mistyped is not ours to know.
    """
    readings = rows_of(case.facts_of_month("meter_readings"), *METER, "current", "taken_on")
    read = {tuple(key): (current, day) for *key, current, day in readings}
    found = []
    for index, key in enumerate(rows_of(table.form.rows, *METER)):
        last = table.value(index, "current")
        current, day = read.get(key, (None, None))
        if current is not None and last is not None and current > last:
            facts = {"read": show(current), "taken_on": show(day) or "—"}
            found.append(table.make_finding("meter.read_higher", index, "current", **facts))
    return found


@check
def reading_not_above_later(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a reading above one that counts in a later month: the later would be charged below zero (7.2)."""
    later: dict[tuple[Any, ...], tuple[Decimal, Any]] = {}
    for *key, current, month in rows_of(case.facts("meter_readings"), *METER, "current", "month"):
        if month > case.month.first_day and current is not None:
            later[tuple(key)] = min(later.get(tuple(key), (current, month)), (current, month))
    found = []
    for index, line in enumerate(rows_of(table.form.rows, *METER) if later else ()):
        current, (read, month) = table.value(index, "current"), later.get(line, (None, None))
        if read is not None and month and current is not None and current > read:
            facts = {"later": show(read), "later_month": Period.of(month).form_text}
            found.append(table.make_finding("reading.above_later", index, "current", **facts))
    return found


@check
def reading_not_before_last(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a reading that is above the last one counted in an earlier month and was taken before it: no meter goes
    back, so one of both days or values is wrong (7.2)."""
    last: dict[tuple[Any, ...], tuple[date, Decimal]] = {}
    for *key, current, taken, month in rows_of(case.facts("meter_readings"), *METER, "current", "taken_on", "month"):
        if month < case.month.first_day and current is not None and taken is not None:
            last[tuple(key)] = max(last.get(tuple(key), (taken, current)), (taken, current))
    found = []
    for index, line in enumerate(rows_of(table.form.rows, *METER) if last else ()):
        current, taken, known = table.value(index, "current"), table.value(index, "taken_on"), last.get(line)
        if known and current is not None and taken is not None and taken < known[0] and current > known[1]:
            facts = {"read": show(current), "last": show(known[1]), "last_day": show(known[0])}
            found.append(table.make_finding("reading.before_last", index, "taken_on", **facts))
    return found


@check
def reading_spike(
    table: CheckedTable,
    case: Case,
    times: str,
    at_least: str,
    unknown: Mapping[str, str],
    confirm: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Warns when a month's consumption is many times the line's usual one (average of six months).

    `unknown`: by service, the most that a meter without a history may use. `confirm`: so many `times` the usual and
    over so many units (`over`) is far beyond it, and the form waits for a person.
    """
    meters = _meters(table, case)
    used = pc.subtract(meters.current, meters.last)
    found = []
    least = min(map(Decimal, (at_least, *unknown.values(), *([confirm["over"]] if confirm else []))))
    for index in table.where(pc.greater(used, pa.scalar(least))):
        usual, much = meters.usual[index].as_py(), used[index].as_py()
        most = _most(table, index, usual)
        far = confirm and much > Decimal(confirm["over"]) and much > Decimal(confirm["times"]) * _measure(usual, most)
        if much <= most and not far:
            continue
        facts = {"used": show(much), "usual": show(usual), "times": confirm["times"] if confirm else ""}
        if usual is None:
            words = table.texts.words("fact.usual_unknown", most=show(most))
            facts |= {"usual": words.ru, "usual_kk": words.kk}
        found.append(table.make_finding("reading.far_beyond" if far else "reading.spike", index, "current", **facts))
    return found


def _measure(usual: Decimal | None, most: Decimal) -> Decimal:
    """What is usual; of a meter without a history the most that one may use."""
    return most if usual is None else Decimal(usual)


def _capacity(
    table: CheckedTable, meters: _Meters, index: int, rollover: Mapping[str, Mapping[str, Any]]
) -> Decimal | None:
    """What the meter counts before it starts from zero, None when the reading is no plausible run over zero."""
    service = str(table.value(index, "service"))
    last, current, usual = (of[index].as_py() for of in (meters.last, meters.current, meters.usual))
    stated = int(rollover["digits"].get(service, rollover["digits"]["default"]))
    capacity = Decimal(10) ** max(stated, len(str(int(last))))
    used = current + capacity - last
    return capacity if current >= 0 and used <= _most(table, index, usual) else None


def _most(table: CheckedTable, index: int, usual: Any) -> Decimal:
    """The most a meter may plausibly use in a month: the form's spike limit."""
    spike = next((c.parameters for c in table.rule.checks if c.check == "reading_spike"), None)
    if spike is None:
        return Decimal(usual or 0)
    if usual is None:
        unknown = spike["unknown"]
        return Decimal(unknown.get(str(table.value(index, "service")), unknown["default"]))
    return max(Decimal(spike["at_least"]), Decimal(usual) * Decimal(spike["times"]))


@dataclass(frozen=True)
class _Meters:
    """What the form says beside what the ledger knows, a row a row of the form; null where it is not known.

    `previous` is the form's, or the ledger's `last` where one of both is missing.
    """

    previous: pa.ChunkedArray
    current: pa.ChunkedArray
    last: pa.Array
    usual: pa.Array


def _meters(table: CheckedTable, case: Case) -> _Meters:
    places = table.places_in(case.lines, METER)
    at = pa.array(places, mask=places < 0)
    last, usual = (case.lines[name].combine_chunks().cast(CAPACITY).take(at) for name in ("last", "usual"))
    rows = table.form.rows
    current = rows.column("current")
    previous = rows.column("previous") if "previous" in rows.column_names else pa.nulls(len(current), CAPACITY)
    return _Meters(pc.if_else(pc.is_null(last), last, pc.coalesce(previous, last)), current, last, usual)
