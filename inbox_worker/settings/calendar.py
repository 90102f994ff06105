"""Working days, the deadline of forms and the month a form counts in.

Which month a form counts in is decided by money.md ("Which month a form counts in") and clause 4.3.2;
the numbers (day of the month, rolling) stand in rules/deadlines.yaml, the days off in rules/calendar.yaml.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY, to_almaty
from inbox_worker.settings.rules import Rules

if TYPE_CHECKING:
    import holidays


@cache
def _kazakhstan() -> holidays.HolidayBase:
    import holidays

    # years are filled in by the package as they are asked for
    return holidays.country_holidays("KZ")


def is_working_day(day: date, rules: Rules) -> bool:
    """Return whether the day is a working day in Kazakhstan; an override of rules/calendar.yaml wins."""
    for override in rules.calendar:
        if override.date == day and override.day in ("off", "working"):
            return override.day == "working"
    return bool(_kazakhstan().is_working_day(day))


def is_banking_day(day: date, rules: Rules) -> bool:
    """Return whether banks move money on a day: a working day that rules/calendar.yaml does not take from the banks."""
    for override in rules.calendar:
        if override.date == day and override.day in ("no banking", "banking"):
            return override.day == "banking"
    return is_working_day(day, rules)


def add_working_days(day: date, number: int, rules: Rules) -> date:
    """Return the day that many working days after `day` (before it when negative); `day` itself is not counted."""
    return add_days(day, number, "working", rules)


def add_days(day: date, number: int, kind: str, rules: Rules) -> date:
    """Return the day that many `calendar`, `working` or `banking` days, or `months`, after `day`, which itself is not
    counted. A month that has no such day ends on its last one."""
    if kind == "calendar":
        return day + timedelta(days=number)
    if kind == "months":
        month = Period.of(day).plus(number)
        return month.first_day.replace(day=min(day.day, month.days))
    counts = is_banking_day if kind == "banking" else is_working_day
    step = timedelta(days=1 if number >= 0 else -1)
    left = abs(number)
    while left:
        day += step
        left -= counts(day, rules)
    return day


def add_months(day: date, number: int) -> date:
    """Return the same day so many calendar months later (or earlier); the last day of a month that is too short."""
    month = Period.of(day).plus(number)
    return month.first_day.replace(day=min(day.day, month.days))


def order_begins(asked_on: date, since: date | None, rules: Rules) -> date:
    """Return the first working day of a standing order: the next one, or the one on or after the day it names
    (4.1.10)."""
    first = add_working_days(asked_on, 1, rules)
    return first if since is None else max(first, roll(since, "next working day", rules))


def roll(day: date, rolling: str, rules: Rules) -> date:
    """Return where a term that ends on a day off goes: nowhere (`none`), or to the nearest working day named."""
    if rolling == "none" or is_working_day(day, rules):
        return day
    return add_working_days(day, 1 if rolling == "next working day" else -1, rules)


def deadline_moment(month: Period, rules: Rules, form: str) -> datetime:
    """Return the last moment (Almaty, to the microsecond) that is still within a form's deadline of a month (4.3.2,
    7.2). Rolling moves a deadline on a day off to the nearest working day the setting names; shipped: none."""
    deadline = rules.deadlines.of(form)
    day = month.first_day.replace(day=deadline.day)
    return datetime.combine(roll(day, deadline.rolling, rules), time.max, tzinfo=ALMATY)


def last_deadline(month: Period, rules: Rules) -> datetime:
    """Return the last moment of a month within which any form is still received for the next one."""
    return max(deadline_moment(month, rules, name) for name in rules.deadlines.deadlines)


def calendar_month(received_at: datetime, rules: Rules, form: str) -> Period:
    """Return the calendar's month of a form: received by its deadline, the 25th, of month K -> K+1, later -> K+2."""
    local = to_almaty(received_at)
    before = Period.of(local.date()).plus(-1)  # a deadline rolled into this month may still be open
    return next(month.plus(1) for month in map(before.plus, count()) if local <= deadline_moment(month, rules, form))


def month_named(number: int, received_at: datetime, rules: Rules, form: str) -> Period | None:
    """Return the month that a form means by a month without its year: the calendar's, or the one before, whose deadline
    it missed (4.3.2). None when it is neither."""
    calendars = calendar_month(received_at, rules, form)
    return next((month for month in (calendars, calendars.plus(-1)) if month.month == number), None)


def next_of_number(number: int, received_at: datetime, rules: Rules, form: str) -> Period:
    """Return the next month of a number that a form received then may be for, as an example of how to write it."""
    calendars = calendar_month(received_at, rules, form)
    return next(month for month in map(calendars.plus, range(12)) if month.month == number)


def find_last_chance(received_at: datetime, rules: Rules, form: str) -> tuple[datetime, Period]:
    """Return until when a form counts in the month that one received then counts in, and that month (4.3.2)."""
    month = calendar_month(received_at, rules, form)
    return deadline_moment(month.plus(-1), rules, form), month


def month_of(received_at: datetime, stated: Period | None, rules: Rules, form: str) -> tuple[Period, bool]:
    """Return the month a form counts in and whether it is deferred to it (money.md, 4.3.2).

    `stated` is the form's `Месяц учёта`. From the calendar's month on it is honoured, late or not. An
    earlier one, or none in a form that came after the deadline, is deferred to the calendar's month.
    """
    calendars = calendar_month(received_at, rules, form)
    if stated is not None:
        return max(stated, calendars), stated < calendars
    local = to_almaty(received_at)
    return calendars, local > deadline_moment(Period.of(local.date()), rules, form)
