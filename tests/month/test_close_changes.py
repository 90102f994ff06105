"""What a second close changed is shown line by line, to the tiyn, and nothing else is."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.cli.month_screens import show_changes
from inbox_worker.core.model import Period
from inbox_worker.month.close_changes import compare_closes, compare_with_now
from inbox_worker.month.months import MonthError
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment

MONTH = "2026-09"
PERIOD = Period.parse(MONTH)


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("A", "1002", "maintenance", tariff="30", area="20"),
        line("B", "1001", "lift", base="чел.", residents=2, tariff="300"),
    )
    office.close(MONTH)


office = copies_of(town)


def test_a_payment_that_came_late_changes_its_line_alone(office: TownOffice) -> None:
    office.reopen(MONTH)
    office.load_payments({**payment("1002", "500.00", number="7"), "payee": bin_of("A")})
    office.close(MONTH)
    found = compare_closes(office.office, PERIOD)
    assert (found.before, found.now) == (1, 2)
    (row,) = found.lines.to_pylist()
    assert (row["account"], row["customer"], row["service"]) == ("1002", bin_of("A"), "maintenance")
    assert (row["paid_before"], row["paid_now"]) == (D("0.00"), D("500.00"))
    assert (row["charged_before"], row["charged_now"]) == (D("600.00"), D("600.00"))
    assert found.sums == {"paid": (D("0.00"), D("500.00")), "closing": (D("1500.00"), D("1000.00"))}


def test_lines_are_shown_by_names_as_a_draft_shows_them(office: TownOffice, capsys: pytest.CaptureFixture[str]) -> None:
    """«050140000011 maintenance» stood there."""
    office.reopen(MONTH)
    office.load_payments({**payment("1002", "500.00", number="7"), "payee": bin_of("A")})
    office.close(MONTH)
    show_changes(compare_closes(office.office, PERIOD), office.office)
    shown = capsys.readouterr().out
    assert "ТОО «A»" in shown and "Содержание дома" in shown and bin_of("A") not in shown, shown


def test_the_largest_change_comes_first_and_a_new_line_has_nothing_before(office: TownOffice) -> None:
    office.reopen(MONTH)
    office.load_directory(line("B", "1003", "lift", base="чел.", residents=1, tariff="300"))
    office.load_payments({**payment("1002", "1.00", number="7"), "payee": bin_of("A")})
    office.close(MONTH)
    rows = compare_closes(office.office, PERIOD).lines.to_pylist()
    assert [(r["account"], r["closing_before"], r["closing_now"]) for r in rows] == [
        ("1003", None, D("300.00")),
        ("1002", D("600.00"), D("599.00")),
    ]


def test_any_earlier_close_may_be_asked_for_and_equal_ones_differ_in_nothing(office: TownOffice) -> None:
    office.reopen(MONTH)
    office.load_payments({**payment("1002", "1.00", number="7"), "payee": bin_of("A")})
    office.close(MONTH)
    office.reopen(MONTH)
    office.close(MONTH)
    assert compare_closes(office.office, PERIOD).lines.num_rows == 0
    assert compare_closes(office.office, PERIOD, earlier=1).lines.num_rows == 1


def test_an_open_month_and_one_that_was_closed_once_have_nothing_to_compare(office: TownOffice) -> None:
    with pytest.raises(MonthError, match="no such earlier close; there are: none"):
        compare_closes(office.office, PERIOD)
    office.reopen(MONTH)
    with pytest.raises(MonthError, match="is open"):
        compare_closes(office.office, PERIOD)


def test_an_open_month_is_compared_with_what_it_comes_to_now(office: TownOffice) -> None:
    """`reopen` shows what closing the month again would change."""
    office.reopen(MONTH)
    assert compare_with_now(office.office, PERIOD).lines.num_rows == 0
    office.load_payments({**payment("1002", "500.00", number="7"), "payee": bin_of("A")})
    found = compare_with_now(office.office, PERIOD)
    assert (found.before, found.now) == (1, 0)
    assert found.sums == {"paid": (D("0.00"), D("500.00")), "closing": (D("1500.00"), D("1000.00"))}
    office.close(MONTH)
    closed = compare_closes(office.office, PERIOD)
    assert closed.lines == found.lines, "the close brings what was shown"
    with pytest.raises(MonthError, match="never closed"):
        compare_with_now(office.office, PERIOD.plus(1))
