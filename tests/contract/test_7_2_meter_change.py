"""7.2: a replaced meter is charged by both parts: the old one to its end and the new one since its start."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.outbox.publish_bills import month_bills
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line


def town(office: TownOffice) -> None:
    """1001 has two cold meters, and sewerage without one; 1002 has one cold meter."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    metered: dict[str, Any] = {"base": "счётчик"}
    office.load_directory(
        line("B", "1001", "cold_water", **metered, meter="M-1", reading="100", tariff="80"),
        line("B", "1001", "cold_water", **metered, meter="M-2", reading="7.5"),
        line("B", "1001", "cold_sewerage", **metered, tariff="50"),
        line("B", "1002", "cold_water", **metered, meter="M-3", reading="0", tariff="80"),
        line("A", "1001", "cold_water", **metered, meter="A-1", reading="0", tariff="10"),
    )


office = copies_of(town)


def change(old: str = "M-1", last: str = "108", new: str = "N-1", initial: str = "3", **more: object) -> Row:
    row = {"account": "1001", "service": "cold_water", "meter": old, "current": last, "new_meter": new}
    return {**row, "initial": initial, "changed_on": "12.08.2026", **more}


def reading(meter: str, current: str, account: str = "1001") -> Row:
    return {"account": account, "service": "cold_water", "meter": meter, "current": current, "taken_on": "20.08.2026"}


def send(office: TownOffice, form: str, *rows: Row, received: str = "2026-08-20", **more: Any) -> Any:
    return office.ingest(form, rows, received=received, by=more.pop("by", "B"), **more)


def water(office: TownOffice, month: str, account: str = "1001", service: str = "cold_water") -> dict[str, Any]:
    return office.drafted(month)[(account, bin_of("B"), service)]


def test_the_month_counts_both_parts_and_then_only_the_new_meter(office: TownOffice) -> None:
    """(108 - 100) + (5.5 - 3) of the two meters + (10 - 7.5) of the other one = 13; October (9 - 5.5) + 0.5 = 4."""
    assert send(office, "meter_change", change()).outcome == "accepted"
    assert send(office, "meter_readings", reading("N-1", "5.5"), reading("M-2", "10")).outcome == "accepted"
    row = water(office, "2026-09")
    assert (row["quantity"], row["charged"]) == (D("13.000"), D("1040.00"))
    assert water(office, "2026-09", service="cold_sewerage")["charged"] == D("650.00")
    send(office, "meter_readings", reading("N-1", "9"), reading("M-2", "10.5"), received="2026-09-20")
    assert water(office, "2026-10")["quantity"] == D("4.000")


def test_without_a_reading_the_new_meter_counts_nothing_that_month(office: TownOffice) -> None:
    """Only the old meter's 8 units; what the new one counts comes with its next reading: 10 - 3 = 7."""
    send(office, "meter_change", change())
    send(office, "meter_readings", reading("M-2", "7.5"))
    assert water(office, "2026-09")["quantity"] == D("8.000")
    send(office, "meter_readings", reading("N-1", "10"), reading("M-2", "7.5"), received="2026-09-20")
    assert water(office, "2026-10")["quantity"] == D("7.000")


@pytest.mark.slow
def test_the_average_of_estimates_is_over_both_meters(office: TownOffice) -> None:
    """M-3: 6 in September; in October 2 to the change and 4 of the new one: 12 in two months, November is 6."""
    send(office, "meter_readings", reading("M-3", "6", "1002"))
    send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"), received="2026-09-20")
    send(office, "meter_readings", reading("N-3", "4", "1002"), received="2026-09-21")
    assert [water(office, month, "1002")["quantity"] for month in ("2026-09", "2026-10", "2026-11")] == [6, 6, 6]
    send(office, "meter_readings", reading("N-3", "14", "1002"), received="2026-11-20")
    december = water(office, "2026-12", "1002")
    assert (december["quantity"], december["recalculated"]) == (D("10.000"), D("-480.00"))


def test_months_estimated_before_the_change_are_covered_by_the_last_reading(office: TownOffice) -> None:
    """September 6; October estimated 6; the change of November tells 16: 10 units, October's 480.00 are taken back."""
    send(office, "meter_readings", reading("M-3", "6", "1002"))
    send(office, "meter_change", change("M-3", "16", "N-3", "0", account="1002"), received="2026-10-20")
    november = water(office, "2026-11", "1002")
    assert (november["quantity"], november["recalculated"]) == (D("10.000"), D("-480.00"))


@pytest.mark.slow
def test_two_changes_of_a_meter_one_after_the_other(office: TownOffice) -> None:
    """September: 8 of M-1 and 4 of N-1 (7 - 3), then N-2 from 1000; October N-2 counts 5."""
    send(office, "meter_change", change())
    send(office, "meter_change", change("N-1", "7", "N-2", "1000"), received="2026-08-21")
    send(office, "meter_readings", reading("M-2", "7.5"))
    assert water(office, "2026-09")["quantity"] == D("12.000")
    send(office, "meter_readings", reading("N-2", "1005"), reading("M-2", "7.5"), received="2026-09-20")
    assert water(office, "2026-10")["quantity"] == D("5.000")


@pytest.mark.slow
def test_a_meter_that_comes_back_counts_from_what_it_was_put_in_with(office: TownOffice) -> None:
    """M-3 was verified and set to zero: its old 8 no longer counts; (2 - 0) and the 5 of the meter between."""
    send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"))
    back = send(office, "meter_change", change("N-3", "5", "M-3", "0", account="1002"), received="2026-09-20")
    assert back.outcome == "accepted", back.codes
    send(office, "meter_readings", reading("M-3", "2", "1002"), received="2026-09-21")
    assert [water(office, month, "1002")["quantity"] for month in ("2026-09", "2026-10")] == [8, 7]


def test_last_reading_of_the_change_stands_for_a_reading_of_the_same_month(office: TownOffice) -> None:
    send(office, "meter_readings", reading("M-3", "6", "1002"))
    send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"), received="2026-08-21")
    assert water(office, "2026-09", "1002")["quantity"] == D("8.000")


def test_a_reading_above_the_last_one_of_the_same_month_is_told(office: TownOffice) -> None:
    """The change's 8 stands; 9 read in the same month contradicts it. A lower one is no contradiction."""
    send(office, "meter_readings", reading("M-3", "9", "1002"), reading("M-1", "105"))
    rows = change("M-3", "8", "N-3", "0", account="1002"), change()
    got = send(office, "meter_change", *rows, received="2026-08-21")
    assert got.outcome == "accepted" and got.codes.count("meter.read_higher") == 1
    told = got.finding("meter.read_higher")
    assert told["severity"] == "warning" and "9 от 20.08.2026" in told["message"]


def test_a_meter_that_comes_back_from_verification_is_read_by_the_ordinary_form(office: TownOffice) -> None:
    """The same number off and on: refused with the way, which counts it."""
    refused = send(office, "meter_change", change("M-3", "8", "M-3", "8", account="1002"))
    assert refused.outcome == "rejected" and "Показания" in refused.finding("meter.not_new")["remedy"]
    send(office, "meter_readings", reading("M-3", "10", "1002"))
    assert water(office, "2026-09", "1002")["quantity"] == D("10.000")


@pytest.mark.slow
def test_a_corrected_change_takes_the_place_of_the_first(office: TownOffice) -> None:
    send(office, "meter_change", change("M-3", "12", "N-3", "0", account="1002"))
    lower = send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"), received="2026-08-20 18:00")
    assert lower.outcome == "accepted", lower.codes
    got = send(office, "meter_change", change("M-3", "9", "N-4", "1", account="1002"), received="2026-08-21")
    assert got.outcome == "accepted", got.codes
    send(office, "meter_readings", reading("N-4", "2", "1002"), received="2026-08-22")
    assert water(office, "2026-09", "1002")["quantity"] == D("10.000")


def test_a_late_change_counts_a_month_later_and_the_directory_follows(office: TownOffice) -> None:
    got = send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"), received="2026-08-26")
    assert (got.outcome, got.submissions[0]["month"]) == ("deferred", "2026-10")
    refused = send(office, "meter_readings", reading("N-3", "2", "1002"), received="2026-08-25")
    assert refused.codes == ["meter.unknown"]
    assert send(office, "meter_readings", reading("N-3", "2", "1002"), received="2026-09-20").outcome == "accepted"
    assert send(office, "meter_readings", reading("M-3", "9", "1002"), received="2026-09-21").codes == ["meter.unknown"]
    assert water(office, "2026-10", "1002")["quantity"] == D("10.000")


@pytest.mark.slow
def test_a_change_of_a_closed_month_stays_and_a_later_register_wins(office: TownOffice) -> None:
    """The register told anew from November says which meters there are; the closed change is history."""
    send(office, "meter_change", change("M-3", "8", "N-3", "0", account="1002"))
    office.close("2026-09")
    row = line("B", "1002", "cold_water", base="счётчик", meter="N-3", tariff="80")
    office.load_directory({**row, "from_month": "11.2026"})
    send(office, "meter_readings", reading("N-3", "7", "1002"), received="2026-10-20")
    assert water(office, "2026-11", "1002")["quantity"] == D("7.000")


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (change("M-9"), "meter.unknown"),
        (change("A-1"), "meter.unknown"),
        (change(last="99"), "reading.below_last"),
        (change(new="M-1"), "meter.not_new"),
        (change(new="M-2"), "meter.not_new"),
        (change(initial="-1"), "value.negative"),
        (change(service="cold_sewerage"), "meter.of_other_service"),
    ],
)
def test_what_cannot_be_a_replacement_is_told_at_its_cell(office: TownOffice, row: Row, code: str) -> None:
    got = send(office, "meter_change", row)
    assert (got.outcome, code in got.codes) == ("rejected", True), got.codes


def test_a_number_that_stands_on_another_account_is_told(office: TownOffice) -> None:
    assert send(office, "meter_change", change(new="N-77")).codes == []
    answer = send(office, "meter_change", change(old="M-3", last="9", new="N-77", account="1002"))
    assert answer.outcome == "accepted" and answer.finding("meter.elsewhere")["value"] == "N-77"
    assert "1001" in answer.finding("meter.elsewhere")["message"]


def test_only_from_customers_with_utility_lines(office: TownOffice) -> None:
    got = send(office, "meter_change", change("A-1"), by="A")
    assert got.outcome == "rejected"


@pytest.mark.slow
def test_a_meter_that_ran_over_before_it_was_taken_off(office: TownOffice) -> None:
    """99 995 -> 3 of a meter of five digits: 8 units, with a warning."""
    send(office, "meter_readings", reading("M-3", "20", "1002"))
    office.close("2026-09")
    office.load_directory(
        {
            **line("B", "1003", "cold_water", base="счётчик", meter="R-1", reading="99995", tariff="80"),
            "from_month": "10.2026",
        }
    )
    got = send(office, "meter_change", change("R-1", "3", "N-9", "0", account="1003"), received="2026-09-20")
    assert (got.outcome, got.codes) == ("accepted", ["reading.rolled_over"])
    assert water(office, "2026-10", "1003")["quantity"] == D("8.000")


def test_a_bill_asks_for_no_reading_of_a_meter_that_was_removed(office: TownOffice) -> None:
    """The stub had a box for it, and of four boxes one less for those that are there."""
    send(office, "meter_change", change())
    send(office, "meter_readings", reading("N-1", "5.5"), reading("M-2", "10"))
    facts = MonthFacts(office.office, Period.parse("2026-09"))
    style = style_of(office.office.home, office.office.rules, facts.month)
    bills = bills_data([bill for _, bill in month_bills(facts, accounts=["1001"])], style)["bills"]
    assert {meter["number"]: meter["removed"] for meter in bills[0]["meters"]} == {
        "A-1": False, "M-1": True, "M-2": False, "N-1": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("new", "taken"), [("N-5 (новый)", False), ("№ N-5", False), ("новый", False), ("СГВ 15 N-5", True)]
)
def test_marks_around_the_new_meters_number_are_no_part_of_it(office: TownOffice, new: str, taken: bool) -> None:
    answer = send(office, "meter_change", change(new=new))
    assert (answer.outcome == "accepted", "code.not_plain" in answer.codes) == (taken, not taken)
