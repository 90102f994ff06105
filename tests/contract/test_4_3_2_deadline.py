"""4.3.2, 7.2: forms for a month are received up to the 25th of the month before; later ones wait a month."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY
from inbox_worker.settings.calendar import calendar_month, deadline_moment, month_of
from inbox_worker.settings.office_rules import EVERY_FORM
from inbox_worker.settings.rules import load_rules

RULES = load_rules(Path(__file__).parents[2] / "rules")


def decided(moment: str, stated: str | None = None) -> tuple[str, bool]:
    received = datetime.fromisoformat(moment)
    received = received if received.tzinfo else received.replace(tzinfo=ALMATY)
    month, deferred = month_of(received, Period.parse(stated) if stated else None, RULES, EVERY_FORM)
    return str(month), deferred


def test_worked_example_6_of_money() -> None:
    """A form of 25.08 23:59:59 -> September; of 26.08 00:00:00 that says September -> October, deferred."""
    assert decided("2026-08-25T23:59:59") == ("2026-09", False)
    assert decided("2026-08-26T00:00:00", "2026-09") == ("2026-10", True)


def test_last_moment_is_the_last_microsecond_of_the_25th_in_almaty() -> None:
    assert deadline_moment(Period(2026, 8), RULES, EVERY_FORM).isoformat() == "2026-08-25T23:59:59.999999+05:00"
    assert decided("2026-08-25T23:59:59.999999") == ("2026-09", False)
    assert decided("2026-08-26T00:00:00") == ("2026-10", True)


def test_the_clock_is_almatys_whatever_zone_the_moment_is_told_in() -> None:
    assert decided("2026-08-25T18:59:59+00:00") == ("2026-09", False)
    assert decided("2026-08-25T19:00:00+00:00") == ("2026-10", True)
    assert decided("2026-08-26T01:59:59+07:00") == ("2026-09", False)


@pytest.mark.parametrize(
    ("moment", "stated", "month", "deferred"),
    [
        # in time
        ("2026-08-10T10:00:00", None, "2026-09", False),
        ("2026-08-10T10:00:00", "2026-09", "2026-09", False),
        ("2026-08-10T10:00:00", "2026-12", "2026-12", False),  # a later month is honoured
        ("2026-08-10T10:00:00", "2026-08", "2026-09", True),  # an earlier one is not
        ("2026-08-10T10:00:00", "2025-01", "2026-09", True),
        # after the 25th
        ("2026-08-28T10:00:00", None, "2026-10", True),
        ("2026-08-28T10:00:00", "2026-09", "2026-10", True),
        ("2026-08-28T10:00:00", "2026-10", "2026-10", False),
        ("2026-08-28T10:00:00", "2026-11", "2026-11", False),
        # the first moments of a month belong to its own 25th
        ("2026-09-01T00:00:00", None, "2026-10", False),
        ("2026-08-31T23:59:59.999999", None, "2026-10", True),
    ],
)  # fmt: skip
def test_which_month_a_form_counts_in(moment: str, stated: str | None, month: str, deferred: bool) -> None:
    assert decided(moment, stated) == (month, deferred)


@pytest.mark.parametrize(
    ("moment", "month", "deferred"),
    [
        ("2026-11-25T23:59:59", "2026-12", False),
        ("2026-11-26T00:00:00", "2027-01", True),
        ("2026-12-25T23:59:59", "2027-01", False),
        ("2026-12-26T00:00:00", "2027-02", True),
        ("2026-12-31T23:59:59", "2027-02", True),
        ("2027-01-01T00:00:00", "2027-02", False),
    ],
)
def test_over_the_end_of_a_year(moment: str, month: str, deferred: bool) -> None:
    assert decided(moment) == (month, deferred)


def test_before_march_2024_the_25th_ended_at_18_utc_and_after_it_at_19() -> None:
    assert deadline_moment(Period(2024, 2), RULES, EVERY_FORM).astimezone(UTC).hour == 17
    assert decided("2024-02-25T17:59:59+00:00") == ("2024-03", False)
    assert decided("2024-02-25T18:00:00+00:00") == ("2024-04", True)
    assert decided("2024-03-25T18:59:59+00:00") == ("2024-04", False)
    assert decided("2024-03-25T19:00:00+00:00") == ("2024-05", True)


def test_no_rolling_is_shipped_republic_day_is_the_deadline_all_the_same() -> None:
    assert decided("2026-10-25T23:59:59") == ("2026-11", False)
    assert calendar_month(datetime(2026, 10, 26, tzinfo=ALMATY), RULES, EVERY_FORM) == Period(2026, 12)
