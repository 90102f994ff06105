"""4.1.4: a month that has not begun, or is not over, is closed with a warning that names the way back."""

from __future__ import annotations

from inbox_worker.core.model import MonthState
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="10"))
    office.close("2026-09", "2026-10-01")


office = copies_of(town)


def test_a_month_that_has_not_begun_is_closed_with_a_word_of_its_own(office: TownOffice) -> None:
    """A slip of the year; a home that is replayed has its months before the clock."""
    closed = office.close("2026-10", "2026-09-30T23:59:59")
    assert closed.state == MonthState.CLOSED
    [warning] = closed.warnings
    assert warning.startswith("2026-10 has not begun, it is 2026-09-30") and "`reopen 2026-10 --reason" in warning


def test_the_warning_of_a_running_month_says_what_is_lost(office: TownOffice) -> None:
    [warning] = office.close("2026-10", "2026-10-31").warnings
    assert "no act of 2026-10" in warning and "`reopen 2026-10 --reason" in warning
    office.reopen("2026-10")
    assert office.close("2026-10", "2026-11-01").warnings == ()
