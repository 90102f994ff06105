"""4.3.2.3, 4.1.5: days without a utility service reduce the charge by those days."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN


def days(start: int, end: int, month: str = "10.2026", **more: object) -> Row:
    place = more or {"account": "1001"}
    return {
        "service": "heating", "from_date": f"{start:02d}.{month}", "to_date": f"{end:02d}.{month}",
        "days": end - start + 1, **place,
    }  # fmt: skip


def town(office: TownOffice) -> None:
    """48 m² heated at 137.50 in house H-1 and 20 m² in H-2."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("B", "1001", "heating", tariff="137.5", area="48", start="08.2026"),
        line("B", "1002", "heating", tariff="137.5", area="20", house="H-2", start="08.2026"),
        line("A", "1001", "maintenance", tariff="30", area="48", start="08.2026"),
    )


office = copies_of(town)


def send(office: TownOffice, *rows: Row, received: str, by: str = "B") -> Any:
    return office.ingest("undelivered", rows, received=received, by=by)


def heating(office: TownOffice, month: str, account: str = "1001") -> dict[str, Any]:
    return office.drafted(month)[(account, bin_of("B"), "heating")]


def test_worked_example_2_of_money(office: TownOffice) -> None:
    """-6 600 x 5 / 31 = -1 064.516 -> -1 064.52, beside the gross charge, in the month of account."""
    for month in ("2026-08", "2026-09", "2026-10"):
        office.close(month)
    assert send(office, days(3, 7), received="2026-10-20").outcome == "accepted"
    row = heating(office, "2026-11")
    assert (row["charged"], row["undelivered"]) == (D("6600.00"), D("-1064.52"))
    assert row["closing"] == row["opening"] + D("6600.00") - D("1064.52")
    assert heating(office, "2026-11", "1002")["undelivered"] == 0


def test_days_count_by_the_length_of_their_own_month(office: TownOffice) -> None:
    """Days of September are thirtieths, whatever month they are posted in; tariff and area are September's."""
    office.load_directory(line("B", "1001", "heating", tariff="200", area="50", start="10.2026"))
    for month in ("2026-08", "2026-09"):
        office.close(month)
    send(office, days(1, 10, "09.2026"), received="2026-09-20")
    assert heating(office, "2026-10")["undelivered"] == D("-2200.00")
    assert heating(office, "2026-10")["charged"] == D("10000.00")


@pytest.mark.slow
def test_days_of_a_past_month_told_in_two_months_stay_unrounded_between(office: TownOffice) -> None:
    """31 m² x 95.1844 = 2 950.7164 in September: 5 of 30 days take 491.7861, a sixth one 98.3572 -> 98.36.

    590.14 less 491.79 would be 98.35.
    """
    office.load_directory(line("B", "3001", "heating", tariff="95.1844", area="31", house="H-3", start="08.2026"))
    for month in ("2026-08", "2026-09"):
        office.close(month)
    for told, received, taken in ((days(1, 5, "09.2026"), "2026-09-20", "-491.79"),
                                  (days(7, 7, "09.2026"), "2026-10-20", "-98.36")):  # fmt: skip
        month = send(office, {**told, "account": "3001"}, received=received).month
        assert heating(office, month, "3001")["undelivered"] == D(taken)
        office.close(month)


def test_february_of_a_leap_year_has_29_days(office: TownOffice) -> None:
    """7 of 29 days of 6 600.00: 1 593.1034 -> 1 593.10; in a year of 28 days it would be 1 650.00."""
    assert send(office, days(23, 29, "02.2028"), received="2028-01-20").month == "2028-02"
    assert heating(office, "2028-02")["undelivered"] == D("-1593.10")


def test_unrounded_until_the_end(office: TownOffice) -> None:
    """Two statements of one line add up before rounding: 2 x 212.9032... = 425.81, not 2 x 212.90."""
    send(office, days(1, 1, "08.2026"), days(3, 3, "08.2026"), received="2026-08-20")
    assert heating(office, "2026-09")["undelivered"] == D("-425.81")


def test_never_over_the_charge_of_the_month(office: TownOffice) -> None:
    """More days than the month has give back the charge and not more, also over two months of account."""
    send(office, days(1, 31, "08.2026"), days(5, 20, "08.2026", house="H-1"), received="2026-08-20")
    assert heating(office, "2026-09")["undelivered"] == D("-6600.00")
    send(office, days(2, 6, "08.2026"), received="2026-09-20")
    assert heating(office, "2026-10")["undelivered"] == 0


def test_a_house_stands_for_all_its_accounts(office: TownOffice) -> None:
    send(office, days(1, 15, "09.2026", house="H-2"), received="2026-08-20")
    assert heating(office, "2026-09", "1002")["undelivered"] == D("-1375.00")
    assert heating(office, "2026-09")["undelivered"] == 0


def test_only_from_customers_with_utility_lines(office: TownOffice) -> None:
    """`Коммунальные строки` = нет: the operator owes the supplier directly, the form is rejected."""
    answer = send(office, {**days(1, 2, "08.2026"), "service": "maintenance"}, received="2026-08-20", by="A")
    assert answer.outcome == "rejected"
    assert answer.finding("customer.no_utilities")["clause"] == "4.3.2.3"


def test_received_after_the_25th_counts_a_month_later(office: TownOffice) -> None:
    answer = send(office, days(1, 15, "08.2026"), received="2026-08-26")
    assert (answer.outcome, answer.month) == ("deferred", "2026-10")
    assert heating(office, "2026-09")["undelivered"] == 0
    assert heating(office, "2026-10")["undelivered"] < 0


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({**days(3, 7, "08.2026"), "days": 4}, "days.mismatch"),
        ({**days(3, 7, "08.2026"), "to_date": "07.09.2026"}, "days.two_months"),
        (days(3, 7, "10.2026"), "days.future"),
        ({**days(7, 7, "08.2026"), "to_date": "03.08.2026"}, "days.reversed"),
        (days(3, 7, "08.2026", house="H-1", account="1001"), "undelivered.no_place"),
        (days(3, 7, "08.2026", house=""), "undelivered.no_place"),
        (days(3, 7, "08.2026", house="H-7"), "house.unknown"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_right_are_rejected(office: TownOffice, row: Row, code: str) -> None:
    """`Дней` is `По` - `С` + 1 within one month that has begun; a place is an account or a house."""
    answer = send(office, row, received="2026-08-20")
    assert answer.outcome == "rejected" and code in answer.codes


@pytest.mark.parametrize(("last", "told"), [(20, []), (21, ["days.not_passed"])])
def test_days_that_have_not_passed_are_told_and_count(office: TownOffice, last: int, told: list[str]) -> None:
    """4.1.5: nobody could know on the 20th that the 21st goes without service; the Customer is asked to look again."""
    answer = send(office, days(18, last), received="2026-10-20")
    assert (answer.outcome, answer.codes) == ("accepted", told)


@pytest.mark.slow
def test_a_past_tariff_moves_the_days_told_before_with_the_charge(office: TownOffice) -> None:
    """4.1.4 with 4.1.5: 5 days of October took 1 064.52 of 6 600.00; at 100 a m² October is 4 800.00 and the days
    774.19: recalculated -1 800.00 + 290.33. Days told later are taken at the new tariff: 2 / 31 of 4 800 = 309.68."""
    send(office, days(3, 7), received="2026-09-20")
    office.close("2026-08"), office.close("2026-09"), office.close("2026-10")
    price = {"service": "heating", "base": "м²", "tariff": "100", "from_month": "10.2026", "basis": "№ 1"}
    answer = office.ingest("tariffs", [price], received="2026-10-20", by="B", documents=[SCAN])
    assert (answer.outcome, answer.month) == ("accepted", "2026-11")
    send(office, days(10, 11), received="2026-10-21")
    row = heating(office, "2026-11")
    assert (row["recalculated"], row["undelivered"]) == (D("-1509.67"), D("-309.68"))
    office.close("2026-11")
    kinds = {(r["kind"], r["amount"]) for r in office.table("2026-11", "recalculations") if r["account"] == "1001"}
    assert kinds == {("tariff", D("-1800.00")), ("days", D("290.33"))}
