"""7.2: meter readings, from Customers with utility lines; the charge is the difference by the tariff."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line


def reading(
    current: str, meter: str = "M-1", account: str = "1001", service: str = "cold_water", **more: object
) -> Row:
    return {"account": account, "service": service, "meter": meter, "current": current, **more}


def town(office: TownOffice) -> None:
    """1001 has two cold meters and sewerage without one; 1002 sewerage with a meter of its own."""
    office.load_customers(customer("A"), customer("B", utilities=True))
    metered: dict[str, Any] = {"base": "счётчик"}
    office.load_directory(
        line("B", "1001", "cold_water", **metered, meter="M-1", reading="100", tariff="80", balance="500"),
        line("B", "1001", "cold_water", **metered, meter="M-2", reading="7.5"),
        line("B", "1001", "cold_sewerage", **metered, tariff="50"),
        line("B", "1002", "cold_water", **metered, meter="M-3", reading="0", tariff="80"),
        line("B", "1002", "cold_sewerage", **metered, meter="K-3", reading="20", tariff="50"),
        line("A", "1001", "maintenance", tariff="30", area="10"),
    )


office = copies_of(town)


def send(office: TownOffice, *rows: Row, received: str = "2026-08-20", **more: Any) -> Any:
    return office.ingest("meter_readings", rows, received=received, by=more.pop("by", "B"), **more)


def of(office: TownOffice, month: str, account: str, service: str) -> dict[str, Any]:
    return office.drafted(month)[(account, bin_of("B"), service)]


def test_several_meters_add_up_and_the_balance_belongs_to_the_line(office: TownOffice) -> None:
    """(110 - 100) + (10.125 - 7.5) = 12.625; `Показание` is each meter's, `Сальдо` once the line's."""
    assert send(office, reading("110"), reading("10.125", "M-2")).outcome == "accepted"
    row = of(office, "2026-09", "1001", "cold_water")
    assert (row["quantity"], row["charged"], row["opening"]) == (D("12.625"), D("1010.00"), D("500.00"))


def test_sewerage_without_a_meter_follows_the_water(office: TownOffice) -> None:
    send(office, reading("110"), reading("10.125", "M-2"))
    assert of(office, "2026-09", "1001", "cold_sewerage")["charged"] == D("631.25")


def test_sewerage_with_a_meter_of_its_own_does_not_follow(office: TownOffice) -> None:
    """Without a reading it is charged nothing; the reading that comes later counts from its own last value."""
    send(office, reading("9", "M-3", "1002"))
    assert of(office, "2026-09", "1002", "cold_sewerage")["charged"] == 0
    send(office, reading("24", "K-3", "1002", "cold_sewerage"), received="2026-09-20")
    assert of(office, "2026-10", "1002", "cold_sewerage")["quantity"] == D("4.000")


def test_a_month_without_a_reading_is_made_up_by_the_next(office: TownOffice) -> None:
    """October is estimated by September's 3; November's 17 cover it, so the 240.00 estimated are taken back."""
    send(office, reading("103"))
    send(office, reading("120"), received="2026-10-20")
    rows = [of(office, f"2026-{m}", "1001", "cold_water") for m in ("09", "10", "11")]
    assert [row["quantity"] for row in rows] == [3, 3, 17]
    assert [row["recalculated"] for row in rows] == [0, 0, D("-240.00")]


def test_an_estimate_is_the_average_of_six_months_and_is_taken_back_once(office: TownOffice) -> None:
    """100 -> 103 -> 110.5 in two months: 5.25 a month estimated for November and December, sewerage with it; January's
    reading covers both, closed or not; a tariff for November counts by what is left of it, nothing."""
    send(office, reading("103"), reading("9", "M-2"))
    send(office, reading("110.5"), reading("9", "M-2"), received="2026-09-20")
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    rows = [of(office, month, "1001", service) for month in ("2026-12", "2027-01")
            for service in ("cold_water", "cold_sewerage")]  # fmt: skip
    assert [row["quantity"] for row in rows] == [D("6.000")] * 4
    send(office, reading("120.5"), received="2026-12-20")
    water, sewerage = (of(office, "2027-01", "1001", service) for service in ("cold_water", "cold_sewerage"))
    assert (water["quantity"], water["recalculated"]) == (D("10.750"), D("-840.00"))
    assert sewerage["quantity"] == D("10.750") and sewerage["recalculated"] < 0
    after = of(office, "2027-02", "1001", "cold_water")
    assert after["recalculated"] == 0


@pytest.mark.slow
def test_a_meter_replaced_in_mid_month_counts_with_both(office: TownOffice) -> None:
    """The old meter's last reading 108 (8 units) and the new one's 2 since 0: 10; then only the new one counts."""
    office.load_directory(
        line("B", "1001", "cold_water", base="счётчик", start="10.2026", meter="N-9", reading="0"), now="2026-09-15"
    )
    assert send(office, reading("108"), reading("2", "N-9"), received="2026-09-20").outcome == "accepted"
    assert of(office, "2026-10", "1001", "cold_water")["quantity"] == D("10.000")
    assert of(office, "2026-10", "1001", "cold_sewerage")["charged"] == D("500.00")  # 10 x 50 behind both meters
    assert of(office, "2026-11", "1001", "cold_water")["quantity"] == D("2.000")  # estimated by its only month
    assert of(office, "2026-11", "1001", "cold_sewerage")["charged"] == D("100.00")
    stranger = send(office, reading("109"), received="2026-11-20")
    assert stranger.outcome == "rejected" and stranger.codes == ["meter.unknown"]


def test_only_from_customers_with_utility_lines(office: TownOffice) -> None:
    """`Коммунальные строки` = нет: not asked in writing, or a direct duty to the supplier."""
    answer = send(office, reading("110"), by="A")
    assert answer.outcome == "rejected"
    assert answer.finding("customer.no_utilities")["clause"] == "7.2"


def test_reading_below_the_last_counted_value_is_rejected(office: TownOffice) -> None:
    answer = send(office, reading("99.999"))
    assert answer.outcome == "rejected" and answer.finding("reading.below_last")["cell"] == "E10"
    assert send(office, reading("100")).outcome == "accepted"


def test_previous_that_differs_from_the_last_counted_value_is_a_warning(office: TownOffice) -> None:
    answer = send(office, reading("110", previous="90"))
    assert answer.outcome == "accepted"
    assert answer.finding("reading.previous_differs")["severity"] == "warning"
    assert of(office, "2026-09", "1001", "cold_water")["quantity"] == D("10.000")


def test_reading_below_the_previous_of_its_own_row_is_rejected(office: TownOffice) -> None:
    """Two columns in each other's place: above the last counted value it was a month of no consumption."""
    answer = send(office, reading("100", previous="104.5"))
    assert (answer.outcome, answer.codes) == ("rejected", ["reading.below_own"])
    assert answer.finding("reading.below_own")["cell"] == "E10"
    assert send(office, reading("104.5", previous="100")).outcome == "accepted"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (reading("1", "M-9"), "meter.unknown"),
        (reading("1", account="1009"), "account.unknown"),
        (reading("1", service="hot_water"), "line.unknown"),
        (reading("-1"), "value.negative"),
    ],
)  # fmt: skip
def test_meter_account_and_service_must_be_the_customers(office: TownOffice, row: Row, code: str) -> None:
    answer = send(office, row)
    assert answer.outcome == "rejected" and code in answer.codes


@pytest.mark.parametrize(("received", "month"), [("2026-08-25T23:59:59.999999", "2026-09"), ("2026-08-26", "2026-10")])
def test_the_25th_decides_the_month(office: TownOffice, received: str, month: str) -> None:
    """The last microsecond of the 25th is on time."""
    answer = send(office, reading("110"), received=received)
    assert answer.month == month
    assert of(office, month, "1001", "cold_water")["quantity"] == D("10.000")


def test_each_month_has_a_reading_of_its_own_and_one_month_only_one(office: TownOffice) -> None:
    """The key holds the month: a second reading of the month replaces, one of the next month adds."""
    send(office, reading("110"))
    again = send(office, reading("111"), received="2026-08-22")
    assert again.outcome == "accepted" and "row.replaced" in again.codes
    assert "row.replaced" not in send(office, reading("115"), received="2026-09-20").codes
    assert of(office, "2026-09", "1001", "cold_water")["quantity"] == 11
    assert of(office, "2026-10", "1001", "cold_water")["quantity"] == 4


def test_a_correction_of_the_months_own_reading_may_be_lower(office: TownOffice) -> None:
    """The last counted value is of an earlier month: the reading that is replaced does not stand in the way."""
    send(office, reading("110"))
    assert send(office, reading("105"), received="2026-08-22").outcome == "accepted"
    assert of(office, "2026-09", "1001", "cold_water")["quantity"] == 5


def test_one_month_of_history_tells_what_is_usual(office: TownOffice) -> None:
    """600 after a first month of 6.6 waits for a person: the first reading counts from what the meter began with."""
    send(office, reading("106.6"))
    answer = send(office, reading("706.6"), received="2026-09-20")
    assert answer.outcome == "held" and "6,6" in answer.finding("reading.far_beyond")["message"]
    assert of(office, "2026-10", "1001", "cold_water")["quantity"] != 600


def test_a_consumption_many_times_the_usual_is_a_warning(office: TownOffice) -> None:
    """Over 50 and over 5 times the average of the last months: posted, and told."""
    for value, received in (("112", "2026-08-20"), ("124", "2026-09-20")):
        send(office, reading(value), received=received)
    assert "reading.spike" not in send(office, reading("184"), received="2026-10-20").codes  # 60 = 5 x 12
    answer = send(office, reading("185"), received="2026-10-21")
    assert answer.outcome == "accepted" and answer.finding("reading.spike")["severity"] == "warning"


def test_a_reading_above_that_of_a_later_month_is_told(office: TownOffice) -> None:
    """The later one may be mistyped: 852 instead of 952."""
    assert send(office, reading("152"), month="11.2026").outcome == "accepted"
    answer = send(office, reading("160"), reading("8", "M-2"), month="10.2026")
    told = answer.finding("reading.above_later")
    assert (answer.outcome, told["value"], "11.2026" in told["message"], "152" in told["message_kk"]) == (
        "accepted", "160", True, True
    )  # fmt: skip
    assert "reading.above_later" not in send(office, reading("151"), month="10.2026").codes


def test_a_reading_of_a_day_before_the_last_one_and_above_it_is_told(office: TownOffice) -> None:
    """A month is counted once its last reading is: one of an earlier day that shows more has a wrong day or value."""
    assert send(office, reading("112"), received="2026-08-20").outcome == "accepted"  # taken on 20.08
    answer = send(office, reading("115") | {"taken_on": "01.08.2026"}, received="2026-09-20")
    told = answer.finding("reading.before_last")
    assert (answer.outcome, told["severity"], told["value"]) == ("accepted", "warning", "01.08.2026")
    assert all(said in told["message"] for said in ("115", "112", "20.08.2026"))
    for other in ({"taken_on": "20.08.2026"}, {"taken_on": "01.08.2026", "current": "112"}):
        assert "reading.before_last" not in send(office, reading("115") | other, received="2026-09-21").codes
