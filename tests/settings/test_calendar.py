"""Business time: the zone, working days, deadlines with rolling."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY, to_almaty
from inbox_worker.settings.calendar import add_working_days, calendar_month, deadline_moment, is_working_day, month_of
from inbox_worker.settings.office_rules import EVERY_FORM, Deadline, Override
from inbox_worker.settings.rules import Rules, load_rules

RULES = load_rules(Path(__file__).parents[2] / "rules")


def rolling(policy: str, day: int = 25) -> Rules:
    deadline = Deadline.model_validate({"day": day, "rolling": policy, "clause": "4.3.2"})
    return replace(RULES, deadlines=RULES.deadlines.model_copy(update={"deadlines": {"forms": deadline}}))


def almaty(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ALMATY)  # type: ignore[arg-type,misc]


def test_almaty_is_utc_plus_6_before_march_2024_and_plus_5_after() -> None:
    changes = datetime(2024, 2, 29, 18, tzinfo=UTC)
    before, after = to_almaty(changes - timedelta(seconds=1)), to_almaty(changes)
    assert (before.isoformat(), after.isoformat()) == (
        "2024-02-29T23:59:59+06:00",
        "2024-02-29T23:00:00+05:00",
    )
    assert to_almaty(datetime(2026, 8, 25, 19, tzinfo=UTC)).isoformat() == "2026-08-26T00:00:00+05:00"


def test_the_pinned_tables_win_over_the_machines(tmp_path: Path) -> None:
    """A machine whose table is wrong (here: another city's) does not move our cut-offs."""
    wrong = tmp_path / "Asia" / "Almaty"
    wrong.parent.mkdir()
    script = (
        "import tzdata, pathlib, sys; sys.stdout.buffer.write("
        "(pathlib.Path(tzdata.__file__).parent / 'zoneinfo/Asia/Tokyo').read_bytes())"
    )
    wrong.write_bytes(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout)
    ask = (
        "import datetime, zoneinfo; d = datetime.datetime(2026, 1, 1); print(zoneinfo.ZoneInfo('Asia/Almaty')"
        ".utcoffset(d)); from inbox_worker.settings.calendar import ALMATY; print(ALMATY.utcoffset(d))"
    )
    told = subprocess.run(
        [sys.executable, "-c", ask], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
    )  # fmt: skip
    assert told.stdout.split() == ["9:00:00", "5:00:00"]


def test_business_moments_can_travel_between_processes() -> None:
    moment = almaty(2026, 8, 25, 12)
    assert pickle.loads(pickle.dumps(moment)) == moment  # noqa: S301 - our own bytes


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_almaty(datetime(2026, 8, 25))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 8, 25), True),
        (date(2026, 8, 29), False),  # Saturday
        (date(2026, 8, 31), False),  # override: Constitution Day moved
        (date(2024, 5, 4), True),  # working Saturday
        (date(2025, 1, 5), True),  # working Sunday
        (date(2026, 10, 26), False),  # Republic Day, a Sunday, moved to Monday
        (date(2026, 1, 7), False),
        (date(2026, 3, 23), False),
    ],
)
def test_working_days_of_kazakhstan(day: date, works: bool) -> None:
    assert is_working_day(day, RULES) is works


def test_an_override_wins_over_the_package_both_ways() -> None:
    off = Override.model_validate({"date": date(2026, 8, 25), "day": "off", "why": "x"})
    works = Override.model_validate({"date": date(2026, 8, 29), "day": "working", "why": "x"})
    rules = replace(RULES, calendar=(off, works))
    assert not is_working_day(date(2026, 8, 25), rules)
    assert is_working_day(date(2026, 8, 29), rules)


def test_adding_working_days_skips_days_off() -> None:
    friday = date(2026, 8, 28)  # before a week-end and the moved Constitution Day
    assert add_working_days(friday, 0, RULES) == friday
    assert add_working_days(friday, 1, RULES) == date(2026, 9, 1)
    assert add_working_days(friday, 2, RULES) == date(2026, 9, 2)
    assert add_working_days(date(2026, 9, 1), -1, RULES) == friday
    assert add_working_days(date(2026, 8, 29), 1, RULES) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("policy", "day"),
    [("none", 25), ("next working day", 27), ("previous working day", 23)],
)
def test_a_deadline_on_a_day_off_rolls_by_its_setting(policy: str, day: int) -> None:
    """25.10.2026 is Republic Day and a Sunday; Monday the 26th is off in its stead."""
    moment = deadline_moment(Period(2026, 10), rolling(policy), EVERY_FORM)
    assert moment.isoformat() == f"2026-10-{day}T23:59:59.999999+05:00"


def test_a_deadline_on_a_working_day_never_rolls() -> None:
    for policy in ("none", "next working day", "previous working day"):
        assert deadline_moment(Period(2026, 8), rolling(policy), EVERY_FORM).day == 25


def test_rolled_deadlines_move_the_month_of_a_form() -> None:
    on_26th = almaty(2026, 10, 26, 10)
    assert month_of(on_26th, None, rolling("none"), EVERY_FORM) == (Period(2026, 12), True)
    assert month_of(on_26th, None, rolling("next working day"), EVERY_FORM) == (Period(2026, 11), False)
    on_24th = almaty(2026, 10, 24, 10)
    assert month_of(on_24th, None, rolling("none"), EVERY_FORM) == (Period(2026, 11), False)
    assert month_of(on_24th, None, rolling("previous working day"), EVERY_FORM) == (Period(2026, 12), True)


def test_a_deadline_rolled_into_the_next_month_is_still_open_there() -> None:
    """28.02.2026 is a Saturday: rolled forward, forms of February are received until Monday 2 March."""
    rules = rolling("next working day", day=28)
    assert month_of(almaty(2026, 3, 2, 23), None, rules, EVERY_FORM) == (Period(2026, 3), False)
    assert calendar_month(almaty(2026, 3, 3), rules, EVERY_FORM) == Period(2026, 4)


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_a_deadline_day_that_not_every_month_has_is_refused(day: int) -> None:
    with pytest.raises(ValidationError, match="write a day from 1 to 28"):
        rolling("none", day=day)
