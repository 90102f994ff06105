"""4.1.16, 4.3.1: figures of a register far from what stood before, and an account of two Customers, are told."""

from __future__ import annotations

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line

IBAN, OTHER = "KZ75125KZT1001300335", "KZ298566784726714751"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(register())


def register(**more: object) -> object:
    row = {"tariff": "30", "area": "65.30", "residents": 2, "balance": "150.50"}
    return line("A", "1001", "maintenance", **{**row, **more})  # type: ignore[arg-type]


office = copies_of(town)


def load(office: TownOffice, **more: object) -> Answer:
    answer = office.load("directory", [register(**more)], "2026-08-02")
    assert answer.outcome == "accepted"  # told, never refused
    return answer


@pytest.mark.quick(
    "area-6530-True-09.2026",
    "area-650-False-10.2026",
    "residents-20-True-09.2026",
    "residents-0-False-10.2026",
    "balance-1505.50-False-09.2026",
    "balance-150500-True-10.2026",
)
@pytest.mark.parametrize("start", ["09.2026", "10.2026"])
@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("area", "6530", True), ("area", "6.53", True), ("area", "650", False), ("tariff", "3000", True),
        ("tariff", "290", False), ("residents", 20, True), ("residents", 19, False), ("residents", 0, False),
        ("balance", "15050", True), ("balance", "15.05", True), ("balance", "1505.50", False), ("balance", "0", False),
        ("balance", "150500", True), ("balance", "-15050", True),
    ],
)  # fmt: skip
def test_a_figure_with_a_lost_comma_is_told_with_its_cell(
    office: TownOffice, start: str, column: str, value: object, told: bool
) -> None:
    """A balance grows tenfold by itself: of it only an exact 10, 100 or 1000 times as much is a slip."""
    found = [f for f in load(office, start=start, **{column: value}).findings if "far_from" in f["code"]]
    assert [f["code"] for f in found] == ["directory.far_from_known"] * told
    assert all(f["cell"] and "1001" in f["message"] for f in found)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("balance", "1000000000000", True), ("balance", "-100000000.01", True), ("balance", "100000000", False),
        ("area", "10000.01", True), ("residents", 51, True), ("tariff", "1000001", True), ("tariff", "30", False),
    ],
)  # fmt: skip
def test_a_figure_that_no_line_has_is_told(office: TownOffice, column: str, value: object, told: bool) -> None:
    new = {"account": "1002", "owner": "A", "service": "maintenance", "tariff": "30", "area": "50", column: value}
    answer = office.load("directory", [line(**new)], "2026-08-02")  # type: ignore[arg-type]
    assert (answer.outcome, answer.codes) == ("accepted", ["directory.figure_unusual"] * told)


def test_one_finding_stands_for_all_rows_of_a_column(office: TownOffice) -> None:
    areas = ["20000", "30000", "99999", "40000", "50000"]
    rows = [line("A", f"200{n}", "maintenance", tariff="30", area=area) for n, area in enumerate(areas, 1)]
    found = office.load("directory", rows, "2026-08-02").finding("directory.figure_unusual")
    assert ("5" in found["message"], found["value"]) == (True, "99999")


def test_what_stood_last_is_what_a_figure_is_far_from(office: TownOffice) -> None:
    assert "directory.far_from_known" in load(office, area="653").codes  # of the same month: a correction
    assert "directory.far_from_known" not in load(office, area="654").codes
    assert "directory.far_from_known" in load(office, area="65.30", start="10.2026").codes
    assert "directory.far_from_known" not in load(office, area="65.40", start="11.2026").codes


def test_figures_of_two_services_of_an_account_are_two(office: TownOffice) -> None:
    heating = line("A", "1001", "heating", tariff="900", area="65.30", balance="15050")
    assert office.load("directory", [heating], "2026-08-02").codes == []
    again = [register(area="65.31"), {**heating, "area": "65.31"}]
    assert "directory.far_from_known" not in office.load("directory", again, "2026-08-02").codes


def test_how_many_figures_are_far_is_told(office: TownOffice) -> None:
    more = [line("A", account, "maintenance", tariff="30", area="50") for account in ("1002", "1003")]
    assert office.load("directory", more, "2026-08-02").outcome == "accepted"
    far = [{**row, "area": "5000"} for row in more]
    assert "2" in office.load("directory", far, "2026-08-02").finding("directory.far_from_known")["message"]


@pytest.mark.parametrize(("base", "area", "told"), [("м²", "0", True), ("м²", "1", False), ("кв.", "0", False)])
def test_an_area_of_zero_is_told_where_it_is_charged_by(office: TownOffice, base: str, area: str, told: bool) -> None:
    answer = office.load(
        "directory", [line("A", "1003", "maintenance", tariff="30", base=base, area=area)], "2026-08-02"
    )
    assert (answer.outcome, answer.codes) == ("accepted", ["directory.area_zero"] * told)


def test_an_account_of_two_customers_is_told(office: TownOffice) -> None:
    """One that is loaded, beside one that is known or in the same register; what the register corrects is no rival."""
    assert "iban.of_two" not in office.load("customers", [customer("A", iban=IBAN)]).codes
    answer = office.load("customers", [customer("B", iban=IBAN)])
    assert (answer.outcome, "050140000011" in answer.finding("iban.of_two")["message"]) == ("accepted", True)
    assert office.load("customers", [customer("C"), customer("D")]).codes.count("iban.of_two") == 1
    assert "iban.of_two" not in office.load("customers", [customer("A", iban=OTHER), customer("B", iban=IBAN)]).codes


def test_an_account_that_goes_over_to_another_customer_in_one_register_is_told_of_nobody(office: TownOffice) -> None:
    assert office.load("customers", [customer("A", iban=IBAN)]).outcome == "accepted"
    assert "iban.of_two" not in office.load("customers", [customer("A", iban=OTHER), customer("B", iban=IBAN)]).codes
