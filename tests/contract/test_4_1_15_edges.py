"""4.1.15: what just passes and what just does not; each of these could be broken by one sign, and no test saw it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN

RECEIVED = date(2026, 8, 20)


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"),
        line("A", "1001", "lift_replacement", base="график"),
        line("A", "1001", "cold_water", base="счётчик", tariff="80", meter="M-1", reading="0"),
        line("A", "1001", "cold_water", base="счётчик", tariff="80", meter="M-2", reading="0"),
        line("A", "2001", "cold_water", base="счётчик", tariff="80", meter="M-3", reading="999990"),
    )


office = copies_of(town)


def reading(current: str = "5", account: str = "1001", meter: str = "M-1", **more: object) -> dict[str, object]:
    return {"account": account, "service": "cold_water", "meter": meter, "current": current, **more}


def test_a_reading_of_zero_is_one(office: TownOffice) -> None:
    answer = office.ingest("meter_readings", [reading("0")], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", [])


def test_an_unknown_meter_is_told_with_the_meters_of_its_line(office: TownOffice) -> None:
    message = office.ingest("meter_readings", [reading(meter="M-9")], received="2026-08-20").findings[0]["message"]
    assert "M-1, M-2" in message and "M-3" not in message


def test_a_meter_with_more_digits_than_usual_runs_over_at_its_own_end(office: TownOffice) -> None:
    """999 990 -> 5 is 15 of a meter of six digits, not a fall by 999 985."""
    answer = office.ingest("meter_readings", [reading("5", "2001", "M-3")], received="2026-08-20")
    assert "15" in answer.finding("reading.rolled_over")["message"]
    assert [str(fact["rollover"]) for fact in office.facts("meter_readings")] == ["1000000.000"]


@pytest.mark.parametrize(
    ("days", "codes"),
    [(-1100, ["date.unlikely"]), (-1101, ["date.absurd"]), (366, ["date.unlikely"]), (367, ["date.absurd"]),
     (-100, []), (-101, ["date.unlikely"]), (0, []), (1, ["date.unlikely"])],
)  # fmt: skip
def test_the_last_day_that_a_reading_may_bear(office: TownOffice, days: int, codes: list[str]) -> None:
    taken = f"{RECEIVED + timedelta(days=days):%d.%m.%Y}"
    answer = office.ingest("meter_readings", [reading(taken_on=taken)], received="2026-08-20")
    assert answer.codes == codes and (answer.outcome == "rejected") is (codes == ["date.absurd"])


def test_one_month_left_out_of_a_schedule_is_a_gap(office: TownOffice) -> None:
    parts = {"charge": "4000", "operator_fee": "40", "bank_fee": "20", "total": "4060"}
    rows = [{"account": "1001", "service": "За замену лифта", "pay_month": m, **parts} for m in ("09.2026", "11.2026")]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.codes == ["schedule.gap", "schedule.commission_differs"]
    assert "10.2026" in answer.finding("schedule.gap")["message"] and "—" not in answer.finding("schedule.gap")["value"]


def test_a_recalculation_of_nothing_needs_no_documents(office: TownOffice) -> None:
    """Only a plus waits for them (4.3.2.4)."""
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "0", "basis": "акт"}
    assert office.ingest("recalculations", [row], received="2026-08-20").outcome == "accepted"


@pytest.mark.parametrize(
    ("change", "codes"),
    [({"cap": "1"}, ["penalty.example"]), ({"cap": "0,9999"}, ["penalty.example", "percent.small"]),
     ({"rate": "0"}, ["value.not_positive"])],
)  # fmt: skip
def test_a_per_cent_is_no_share_and_a_rate_of_zero_has_no_example(
    office: TownOffice, change: dict[str, str], codes: list[str]
) -> None:
    usual = {"rate": "16,5", "coefficient": "1", "grace_days": 0, "cap": "100", "from_date": "09.2026"}
    row = {"service": "Содержание дома", **usual, **change}
    assert sorted(office.ingest("penalty_notice", [row], received="2026-08-20").codes) == codes
