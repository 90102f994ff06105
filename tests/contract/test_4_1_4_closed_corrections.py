"""4.1.4, 4.3.2.4: after the close a correction becomes a recalculation of the past period, or is refused by rule."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, customer, line
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("B", "1001", "cold_water", base="счётчик", tariff="80", meter="M-1", reading="100"),
    )


office = copies_of(town)


def reading(current: str) -> Row:
    return {"account": "1001", "service": "cold_water", "meter": "M-1", "current": current}


def tariff(value: str, start: str = "09.2026") -> Row:
    return {"service": "maintenance", "base": "м²", "tariff": value, "from_month": start}


def read(office: TownOffice, current: str, **more: Any) -> Answer:
    return office.ingest("meter_readings", [reading(current)], by="B", **more)


def priced(office: TownOffice, value: str, **more: Any) -> Answer:
    return office.ingest("tariffs", [tariff(value)], documents=[SCAN], **more)


def sends_a_recalculation(answer: Answer, code: str) -> None:
    """Refused with words that tell what to send instead, in both languages."""
    assert answer.outcome == "rejected"
    found = answer.finding(code)
    assert (found["severity"], found["clause"]) == ("error", "4.1.4")
    assert "09.2026" in found["message"] and "09.2026" in found["message_kk"]
    assert "ерерасчёт" in found["remedy"] and "қайта есептеу" in found["remedy_kk"]


def test_a_reading_of_a_closed_month_is_not_replaced_whole(office: TownOffice) -> None:
    first = read(office, "110", received="2026-08-20")
    office.close("2026-09")
    sends_a_recalculation(read(office, "108", received="2026-09-20", replaces=first.id), "replaces.closed")
    assert office.line("2026-09", "1001", "cold_water", "B")["charged"] == D("800.00")
    assert len(office.facts("meter_readings")) == 1


def test_a_reading_for_a_month_closed_before_its_deadline_is_refused(office: TownOffice) -> None:
    office.close("2026-09")
    sends_a_recalculation(read(office, "110", received="2026-08-20", month="09.2026"), "month.closed")
    assert office.facts("meter_readings") == []


def test_the_correction_a_refused_reading_asks_for_counts_in_the_open_month(office: TownOffice) -> None:
    """108 instead of 110: two cubic metres by 80 go back in October; September stays as it was closed.

    October has no reading: the month before is its estimate, 800.00.
    """
    read(office, "110", received="2026-08-20")
    office.close("2026-09")
    row = {"account": "1001", "service": "cold_water", "past_month": "09.2026", "amount": "-160.00"}
    answer = office.ingest("recalculations", [row], by="B", received="2026-09-20")
    assert (answer.outcome, answer.month) == ("accepted", "2026-10")
    office.close("2026-10")
    before, after = (office.line(month, "1001", "cold_water", "B") for month in ("2026-09", "2026-10"))
    assert (before["charged"], before["recalculated"]) == (D("800.00"), D("0.00"))
    assert (after["charged"], after["recalculated"], after["closing"]) == (D("800.00"), D("-160.00"), D("1440.00"))


def test_a_tariff_of_a_closed_month_is_not_replaced_whole(office: TownOffice) -> None:
    first = priced(office, "33", received="2026-08-20")
    office.close("2026-09")
    sends_a_recalculation(priced(office, "32", received="2026-09-20", replaces=first.id), "replaces.closed")
    assert office.line("2026-09", "1001", "maintenance")["charged"] == D("330.00")
    assert len(office.facts("tariffs")) == 1


def test_a_tariff_for_a_month_closed_before_its_deadline_is_refused(office: TownOffice) -> None:
    office.close("2026-09")
    sends_a_recalculation(priced(office, "33", received="2026-08-20", month="09.2026"), "month.closed")
    assert office.facts("tariffs") == []


def test_a_tariff_dated_into_a_closed_month_becomes_its_recalculation(office: TownOffice) -> None:
    """33 for 30 on ten square metres from September, told after its close: 30.00 more in October, and October by 33."""
    office.close("2026-09")
    answer = priced(office, "33", received="2026-09-20")
    assert (answer.outcome, answer.month) == ("accepted", "2026-10")
    office.close("2026-10")
    before, after = (office.line(month, "1001", "maintenance") for month in ("2026-09", "2026-10"))
    assert (before["charged"], before["recalculated"]) == (D("300.00"), D("0.00"))
    assert (after["charged"], after["recalculated"]) == (D("330.00"), D("30.00"))
