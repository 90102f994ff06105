"""7.2: a reading is not below the last one, unless the meter ran over its last digit: charged across zero."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.office import TownOffice, customer, line


def town(office: TownOffice, reading: object = "99990", service: str = "cold_water", **more: object) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(line("A", "1001", service, base="счётчик", tariff="10", meter="M-1", reading=reading, **more))


def read(office: TownOffice, current: object, received: str = "2026-08-20", service: str = "cold_water") -> object:
    row = {"account": "1001", "service": service, "meter": "M-1", "current": current}
    return office.ingest("meter_readings", [row], received=received)


def test_a_meter_that_ran_over_is_charged_across_zero(office: TownOffice) -> None:
    town(office)
    answer = read(office, "7,5")
    assert answer.outcome == "accepted" and answer.codes == ["reading.rolled_over"]  # type: ignore[attr-defined]
    assert "17,5" in answer.finding("reading.rolled_over")["message"]  # type: ignore[attr-defined]
    office.close("2026-09")
    september = office.line("2026-09", "1001", "cold_water")
    assert (september["quantity"], september["charged"]) == (D("17.500"), D("175.00"))
    read(office, "20", received="2026-09-20")
    office.close("2026-10")
    assert office.line("2026-10", "1001", "cold_water")["quantity"] == D("12.500")


def test_the_usual_consumption_is_counted_across_zero(office: TownOffice) -> None:
    """A spike after the run over zero is told against the true usual."""
    town(office, "99970")
    for current, received in (("99990", "2026-08-20"), ("10", "2026-09-20"), ("30", "2026-10-20")):
        assert "reading.spike" not in read(office, current, received).codes  # type: ignore[attr-defined]
    answer = read(office, "300", "2026-11-20")
    assert "20" in answer.finding("reading.spike")["message"]  # type: ignore[attr-defined]
    assert "270" in answer.finding("reading.spike")["message"]  # type: ignore[attr-defined]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("last", "current", "codes"),
    [
        ("120", "119", ["reading.below_last"]),  # 99 999 units in a month
        ("99990", "90", ["reading.below_last"]),  # 100 units: not plausible without a history
        ("99990", "40", ["reading.rolled_over"]),  # 50 units: the most
        ("999990", "5", ["reading.rolled_over"]),  # its last value shows six digits
        ("9990", "5", ["reading.below_last"]),  # five digits do not end there
        ("120", "120", []),  # nothing used
    ],
)
def test_what_may_be_a_run_over_zero(office: TownOffice, last: str, current: str, codes: list[str]) -> None:
    town(office, last)
    answer = read(office, current)
    assert answer.codes == codes  # type: ignore[attr-defined]
    assert (answer.outcome == "rejected") == (codes == ["reading.below_last"])  # type: ignore[attr-defined]


def test_electricity_may_use_more_across_zero(office: TownOffice) -> None:
    town(office, "99900", "electricity")
    assert read(office, "150", service="electricity").codes == ["reading.rolled_over"]  # type: ignore[attr-defined]


def test_an_ordinary_reading_keeps_no_capacity(office: TownOffice) -> None:
    town(office, "100")
    read(office, "110")
    assert [fact["rollover"] for fact in office.facts("meter_readings")] == [None]
