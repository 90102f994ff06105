"""4.1.4: a month is closed when it has begun, by the clock or by a payment; before its end with a warning."""

from __future__ import annotations

import pytest

from inbox_worker.core.model import MonthState, Period
from inbox_worker.month.months import MonthError
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="10"))
    office.close("2026-09", "2026-10-01")


office = copies_of(town)


def test_a_month_that_has_not_begun_is_not_closed(office: TownOffice) -> None:
    with pytest.raises(MonthError, match="2026-10 has not begun, it is 2026-09-30"):
        office.close("2026-10", "2026-09-30T23:59:59")
    assert Period(2026, 10) not in office.office.journal.closes.months()
    assert office.close("2026-10", "2026-09-30", dry_run=True).totals["charged"] == 100
    assert office.close("2026-10", "2026-10-01").state == MonthState.CLOSED


def test_a_payment_of_its_days_says_that_it_has_begun(office: TownOffice) -> None:
    office.load_payments(payment("1001", "5", day="01.10.2026"), now="2026-09-30")
    assert office.close("2026-10", "2026-09-30").state == MonthState.CLOSED


def test_the_warning_of_a_running_month_says_what_is_lost(office: TownOffice) -> None:
    [warning] = office.close("2026-10", "2026-10-31").warnings
    assert "no act of 2026-10" in warning and "`reopen 2026-10 --reason" in warning
    office.reopen("2026-10")
    assert office.close("2026-10", "2026-11-01").warnings == ()
