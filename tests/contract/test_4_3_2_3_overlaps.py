"""4.3.2.3: no day of a line is undelivered twice, within a form or by an earlier one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        *(line("A", account, "heating", tariff="10", area="50") for account in ("1001", "1002")),
        line("A", "2001", "heating", tariff="10", area="50", house="H-2"),
        line("A", "2001", "maintenance", tariff="10", area="50", house="H-2"),
        line("A", "3001", "maintenance", tariff="10", area="50", house="H-3"),
    )


office = copies_of(town)


def days(first: int, last: int, account: str = "1001", house: str = "") -> dict[str, object]:
    return {
        "account": account, "house": house, "service": "Отопление", "from_date": f"{first:02d}.08.2026",
        "to_date": f"{last:02d}.08.2026", "days": last - first + 1,
    }  # fmt: skip


@pytest.mark.quick(0, 3, 6, 9)
@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([days(3, 7), days(8, 9)], []),
        ([days(3, 7), days(7, 9)], ["undelivered.overlap"]),
        ([days(7, 9), days(3, 7)], ["undelivered.overlap"]),
        ([days(3, 20), days(5, 6), days(10, 11)], ["undelivered.overlap"] * 2),
        ([days(3, 7), days(5, 9, account="1002")], []),
        ([days(3, 7), days(7, 9, account="", house="H-1")], ["undelivered.overlaps_house"]),
        ([days(3, 7), days(3, 9, account="", house="H-2")], []),
        ([days(3, 7, account="", house="H-1"), days(5, 9, account="", house="H-1")], ["undelivered.overlap"]),
        ([days(3, 7), days(3, 9)], ["row.repeated"]),
        ([days(3, 7, account="", house="H-3")], ["house.no_service"]),
    ],
)
def test_within_a_form(office: TownOffice, rows: list[dict[str, object]], codes: list[str]) -> None:
    answer = office.ingest("undelivered", rows, received="2026-08-20")
    assert answer.codes == codes and answer.outcome == (
        "accepted" if set(codes) <= {"undelivered.overlaps_house"} else "rejected"
    )


def test_days_of_an_earlier_form_are_told_but_not_refused(office: TownOffice) -> None:
    first = office.ingest("undelivered", [days(3, 7), days(20, 21)], received="2026-08-20")
    second = office.ingest("undelivered", [days(6, 9)], received="2026-08-21")
    assert second.outcome == "accepted" and second.codes == ["undelivered.overlaps_earlier"]
    assert second.finding("undelivered.overlaps_earlier")["severity"] == "warning"
    told = second.finding("undelivered.overlaps_earlier")["message"]
    assert first.id in told and "06.08.2026–07.08.2026" in told and "09.08" not in told
    whole = office.ingest("undelivered", [days(9, 20, account="", house="H-1")], received="2026-08-21")
    assert whole.codes == ["undelivered.overlaps_earlier"] * 2  # for account 1001; 1002 has no days yet


def test_a_correction_of_the_same_start_or_of_the_whole_form_may_overlap(office: TownOffice) -> None:
    first = office.ingest("undelivered", [days(3, 7)], received="2026-08-20")
    longer = office.ingest("undelivered", [days(3, 9)], received="2026-08-21")
    assert longer.outcome == "accepted" and longer.codes == ["row.replaced"]
    whole = office.ingest("undelivered", [days(8, 12)], received="2026-08-22", replaces=longer.id)
    assert whole.outcome == "accepted" and whole.codes == ["rows.stand_again", "rows.compared"]
    assert first.id in whole.finding("rows.stand_again")["message"], "days that are told by none but the first again"


def test_a_house_row_may_be_corrected_too(office: TownOffice) -> None:
    office.ingest("undelivered", [days(3, 7, account="", house="H-1")], received="2026-08-20")
    shorter = office.ingest("undelivered", [days(3, 5, account="", house="H-1")], received="2026-08-21")
    assert shorter.outcome == "accepted" and shorter.codes == ["row.replaced"]


def test_days_of_a_closed_month_are_told_even_with_the_same_start(office: TownOffice) -> None:
    """After the close the same key no longer replaces: the days that nobody told yet are added."""
    office.ingest("undelivered", [days(3, 7)], received="2026-08-20")
    office.close("2026-09")
    late = office.ingest("undelivered", [days(3, 9)], received="2026-09-20")
    assert late.outcome == "accepted" and late.codes == ["undelivered.overlaps_closed"]


def test_of_days_the_counted_and_the_left_ones_are_named_for_each_earlier_form(office: TownOffice) -> None:
    """A form of a closed month cannot be replaced; of a day told again the answer says that it counts once."""
    closed = office.ingest("undelivered", [days(3, 7), days(9, 9)], received="2026-08-20")
    office.close("2026-09")
    opened = office.ingest("undelivered", [days(12, 13)], received="2026-09-20")
    late = office.ingest("undelivered", [days(6, 15)], received="2026-09-21")
    assert late.codes == ["undelivered.overlaps_closed", "undelivered.overlaps_earlier"]
    one, two = (late.finding(code) for code in late.codes)
    assert closed.id in one["message"] and "06.08.2026–07.08.2026, 09.08.2026" in one["message"]
    assert "08.08.2026, 10.08.2026–11.08.2026, 14.08.2026–15.08.2026" in one["remedy"]
    assert "09.2026" in one["message"] and "13.08" not in one["message"]
    assert opened.id in two["message"] and "12.08.2026–13.08.2026" in two["message"] and opened.id in two["remedy"]
    assert all("второй раз они не вычтутся" in told["message"] for told in (one, two))
    again = office.ingest("undelivered", [days(6, 15)], received="2026-09-22", replaces=closed.id)
    assert again.codes == ["replaces.closed", "undelivered.overlaps_closed", "undelivered.overlaps_earlier"]
    left = [days(8, 8), days(10, 11), days(14, 15)]
    assert office.ingest("undelivered", left, received="2026-09-22", replaces=late.id).outcome == "accepted"


@pytest.mark.parametrize("closed_between", [False, True])
def test_days_told_twice_never_take_back_more_than_the_charge(office: TownOffice, closed_between: bool) -> None:
    """41 days of August by two forms: warned of, and all of the month's 500.00 goes back, not a tiyn more (4.1.5)."""
    office.ingest("undelivered", [days(1, 20)], received="2026-08-20")
    if closed_between:
        office.close("2026-09")
    late = office.ingest("undelivered", [days(11, 31)], received="2026-09-20" if closed_between else "2026-08-21")
    told = "undelivered.overlaps_closed" if closed_between else "undelivered.overlaps_earlier"
    assert late.codes == [told] + ["days.not_passed"] * (not closed_between)
    assert "второй раз они не вычтутся" in late.finding(told)["message"]
    months = ["2026-09", "2026-10"] if closed_between else ["2026-09"]
    for month in months[closed_between:]:
        office.close(month)
    undelivered = [office.line(month, "1001", "heating")["undelivered"] for month in months]
    assert sum(undelivered) == -500
    assert undelivered == ([Decimal("-322.58"), Decimal("-177.42")] if closed_between else [-500])


@pytest.mark.slow
@pytest.mark.parametrize("closed_between", [False, True])
def test_a_form_all_of_whose_days_are_counted_says_that_it_changes_nothing(
    office: TownOffice, closed_between: bool
) -> None:
    """Nothing need be sent again. Days that one account of the house has are new for the other."""
    office.ingest("undelivered", [days(3, 7), days(9, 12)], received="2026-08-20")
    if closed_between:
        office.close("2026-09")
    told = "undelivered.overlaps_closed" if closed_between else "undelivered.overlaps_earlier"
    received, month = ("2026-09-20", "2026-10") if closed_between else ("2026-08-21", "2026-09")
    before = office.drafted(month)
    again = office.ingest("undelivered", [days(4, 7), days(10, 12)], received=received)
    assert (again.outcome, again.codes) == ("accepted", ["undelivered.all_counted", told, told])
    assert office.drafted(month) == before
    assert all("ничего делать не нужно" in finding["remedy"].lower() for finding in again.findings)
    for row in (days(11, 13), days(4, 6, account="", house="H-1")):
        assert "undelivered.all_counted" not in office.ingest("undelivered", [row], received=received).codes
