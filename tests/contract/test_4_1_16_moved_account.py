"""4.1.16: what is told of a house for a past month concerns the accounts that stood in it then, not those of today."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN

PRICE = {"base": "м²", "basis": "Протокол № 7"}
MOVES = (("1001", "H-2"), ("1002", "H-1"))


def town(office: TownOffice) -> None:
    """Account 1001 stands in H-1 in September and October, in H-2 from November; 1002 always in H-2. 3 000 a month."""
    office.load_customers(customer("A", utilities=True))
    rows = [line("A", "1001", "heating", tariff="60", area="50")]
    office.load_directory(*rows, line("A", "1002", "heating", tariff="60", area="50", house="H-2"))
    office.close("2026-09")
    office.load_directory(
        line("A", "1001", "heating", area="50", house="H-2", start="11.2026"),
        now="2026-10-02",
    )
    office.close("2026-10")


office = copies_of(town)


def of_line(office: TownOffice, account: str, month: str, service: str = "heating") -> dict[str, Any]:
    return office.drafted(month)[(account, bin_of("A"), service)]


def days(house: str, first: int, last: int, month: str) -> Row:
    return {
        "house": house, "service": "Отопление", "days": last - first + 1,
        "from_date": f"{first:02d}.{month}", "to_date": f"{last:02d}.{month}",
    }  # fmt: skip


def test_days_of_a_house_are_of_the_accounts_that_stood_in_it_on_them(office: TownOffice) -> None:
    """1001 gets September's 3 days of H-1 (300.00) and November's 6 of H-2 (600.00), not September's 9 of H-2."""
    office.load_directory(line("A", "1003", "heating", tariff="60", area="50", start="11.2026"), now="2026-11-01")
    rows = [days("H-1", 1, 3, "09.2026"), days("H-2", 11, 19, "09.2026"), days("H-2", 1, 6, "11.2026")]
    assert office.ingest("undelivered", rows, received="2026-11-10").outcome == "accepted"
    assert of_line(office, "1001", "2026-12")["undelivered"] == D("-900.00")
    assert of_line(office, "1002", "2026-12")["undelivered"] == D("-1500.00")


def test_a_past_month_is_counted_again_by_the_tariff_of_the_house_of_then(office: TownOffice) -> None:
    """4.1.4: September and October of 1001 by H-1's 70, November by H-2's 90: 500 + 500 + 1 500 more."""
    office.load_directory(line("A", "1003", "heating", tariff="60", area="50", start="11.2026"), now="2026-11-01")
    told = ({"house": house, "tariff": tariff, **PRICE} for house, tariff in (("H-1", "70"), ("H-2", "90")))
    rows = [{**row, "service": "Отопление", "from_month": "09.2026"} for row in told]
    assert office.ingest("tariffs", rows, received="2026-11-10", documents=[SCAN]).outcome == "accepted"
    office.close("2026-11")
    row = of_line(office, "1001", "2026-12")
    assert (row["charged"], row["recalculated"]) == (D("4500.00"), D("2500.00"))
    assert of_line(office, "1002", "2026-12")["recalculated"] == D("4500.00")


def test_a_stop_of_the_house_of_then_keeps_an_estimate(office: TownOffice) -> None:
    """7.2, 10.3: November is estimated by October's 5 units (400.00), December read while H-1 is stopped. Moved in
    January, the account keeps November's estimate when a tariff of 90 counts it again: 50.00 more."""
    water = {"base": "счётчик", "meter": "M-1", "tariff": "80"}
    office.load_directory(line("A", "1004", "cold_water", reading="100", start="10.2026", **water), now="2026-10-02")
    read = {"account": "1004", "service": "Холодная вода", "meter": "M-1"}
    office.reopen("2026-10")
    for current, received in (("105", "2026-09-20"), ("112", "2026-11-20")):
        told = office.ingest("meter_readings", [{**read, "current": current}], received=received)
        assert told.outcome == "accepted"
    office.close("2026-10")
    office.close("2026-11")
    stop = {"bin": bin_of("A"), "house": "H-1", "reason": "Жалоба", "clause": "10.3"}
    span = {"from_date": "01.12.2026", "to_date": "31.12.2026"}
    assert office.load("stops", [{**stop, **span}], now="2026-12-02").outcome == "accepted"
    office.close("2026-12")
    moved = line("A", "1004", "cold_water", house="H-2", start="01.2027", **water)
    office.load_directory(moved, now="2026-12-15")
    tariff = {"service": "Холодная вода", "tariff": "90", "from_month": "11.2026", **PRICE, "base": "счётчик"}
    assert office.ingest("tariffs", [tariff], received="2026-12-20", documents=[SCAN]).outcome == "accepted"
    assert of_line(office, "1004", "2027-01", "cold_water")["recalculated"] == D("50.00")


@pytest.mark.parametrize("whole", [True, False])
def test_lines_that_stay_in_the_house_an_account_leaves_are_told(office: TownOffice, whole: bool) -> None:
    """2.1.11: an account is one address. A row takes the heating of 1002 to H-1; its other line of A and that of B
    stay in H-2. Nothing is said where they move with it, nor of 1001, which stands where it stood."""
    office.load_customers(customer("B"))
    others = [("A", "maintenance", "м²"), ("B", "intercom", "кв.")]
    here = {"area": "50", "tariff": "30"}
    stood = [line(owner, "1002", of, base=base, house="H-2", start="11.2026", **here) for owner, of, base in others]
    office.load_directory(*stood, now="2026-10-05")
    rows = [line("A", account, "heating", area="50", house=house, start="12.2026") for account, house in MOVES]
    moving = [line(owner, "1002", of, base=base, house="H-1", start="12.2026", **here) for owner, of, base in others]
    answer = office.load("directory", [*rows, *moving] if whole else rows, now="2026-11-05")
    assert answer.codes == ([] if whole else ["directory.lines_stay"])
    if not whole:
        finding = answer.finding("directory.lines_stay")
        assert (finding["value"], finding["severity"], finding["cell"][-1]) == ("H-1", "warning", "7")
        assert "«Домофон, Содержание дома» остаются в доме H-2" in finding["message"]
