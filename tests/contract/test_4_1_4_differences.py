"""4.1.4: before a month is closed, staff see what differs from the month before: lines, and houses that stand out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

from inbox_worker.month.differences import Differences, HouseChange, LineChange
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.papers import SCAN

A = bin_of("A")


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))


office = copies_of(town)


def houses(office: TownOffice, count: int, flats: int = 3, area: str = "100", tariff: str = "10") -> None:
    """Houses H-1, H-2, ... of so many flats: each flat is charged area x tariff for maintenance."""
    office.load_directory(
        *(
            line("A", f"{house}0{flat}", "maintenance", house=f"H-{house}", area=area, tariff=tariff)
            for house in range(1, count + 1)
            for flat in range(flats)
        )
    )


def tariff(office: TownOffice, value: str, house: str = "") -> None:
    rows = [{"service": "maintenance", "house": house, "base": "м²", "tariff": value, "from_month": "10.2026"}]
    answer = office.ingest("tariffs", rows, received="2026-09-20", month="10.2026", documents=[SCAN])
    assert answer.outcome == "accepted", answer.report


def october(office: TownOffice) -> Differences:
    office.close("2026-09")
    return office.draft("2026-10").differences


def told(found: Differences) -> list[tuple[str, str, D | None, D | None]]:
    return [(house.house, house.kind, house.moved, house.others_moved) for house in found.outliers]


def test_lines_that_are_new_gone_and_charged_otherwise(office: TownOffice) -> None:
    """1001 costs 20.00 a m² instead of 10.00, 1002 left, 1003 came; 1004 is as it was."""
    office.load_directory(
        line("A", "1001", "maintenance", area="10", tariff="10"),
        line("A", "1002", "maintenance", house="H-2", area="20", tariff="10"),
        line("A", "1004", "maintenance", house="H-4", area="5", tariff="10"),
        line("A", "1003", "maintenance", house="H-3", area="30", tariff="10", start="10.2026"),
    )
    tariff(office, "20", "H-1")
    gone = {"house": "H-2", "left_on": "15.09.2026", "reason": "собрание", "learned_on": "10.09.2026"}
    assert office.ingest("house_exit", [gone], received="2026-09-20", documents=[SCAN]).outcome == "accepted"
    office.close("2026-09")
    draft, trial = office.draft("2026-10"), office.close("2026-10", dry_run=True)
    assert trial.differences == draft.differences
    lines = draft.differences.lines
    assert lines["changed"].lines == (LineChange("1001", A, "maintenance", "H-1", D("100.00"), D("200.00")),)
    assert lines["new"].lines == (LineChange("1003", A, "maintenance", "H-3", None, D("300.00")),)
    # its debt stands in October's close, but the line is gone
    assert lines["gone"].lines == (LineChange("1002", A, "maintenance", "H-2", D("200.00"), None),)
    office.close("2026-10")
    assert office.draft("2026-11").differences.lines["gone"].count == 0  # once


def test_totals_stand_beside_the_last_months(office: TownOffice) -> None:
    houses(office, 1)
    office.close("2026-09")
    draft = office.draft("2026-10")
    assert (draft.before["charged"], draft.before["closing"]) == (D("3000.00"), D("3000.00"))
    assert (draft.totals["charged"], draft.totals["closing"]) == (D("3000.00"), D("6000.00"))
    assert str(draft.differences.month) == "2026-09"


def test_a_first_month_has_nothing_to_be_compared_with(office: TownOffice) -> None:
    houses(office, 1)
    found = office.draft("2026-09").differences
    assert (found.month, found.lines["new"].count, found.outliers_count) == (None, 3, 0)


def test_the_largest_changes_come_first_and_the_rest_are_counted(office: TownOffice) -> None:
    houses(office, 1, flats=5)
    rule = office.office.rules.outliers.model_copy(update={"listed": 2})
    office.office = replace(office.office, rules=replace(office.office.rules, outliers=rule))
    office.load_directory(line("A", "103", "maintenance", area="900", tariff="10", start="10.2026"))
    tariff(office, "11")
    changed = october(office).lines["changed"]
    assert changed.count == 5 and [known.account for known in changed.lines] == ["103", "100"]
    assert (changed.before, changed.now) == (D("5000.00"), D("9900.00") + 4 * D("1100.00"))


def test_a_house_that_moved_far_from_its_own_last_month(office: TownOffice) -> None:
    """10.00 a m² became 15.10, 51 % more: over the 50 % of the rule. Two houses have no middle to compare with."""
    houses(office, 2)
    tariff(office, "15.10", "H-2")
    found = october(office)
    assert found.outliers == (
        HouseChange(A, "maintenance", "H-2", "м²", 3, "own", D("3000.00"), D("4530.00"), D("10.0000"), D("15.1000"),
              D("51.0"), D("25.5")),
    )  # fmt: skip


def test_half_more_is_not_far(office: TownOffice) -> None:
    houses(office, 2)
    tariff(office, "15.00", "H-2")
    assert october(office).outliers == ()


def test_a_house_that_did_not_move_as_the_others_did(office: TownOffice) -> None:
    """All go up by 30 %, H-2 stays: 1.00 to the middle's 1.30 is 23 % less, over the 20 % of the rule."""
    houses(office, 3, area="1000")
    tariff(office, "13")
    tariff(office, "10", "H-2")
    assert told(october(office)) == [("H-2", "others", D("0.0"), D("30.0"))]


def test_a_house_charged_now_where_the_others_were_before(office: TownOffice) -> None:
    houses(office, 3)
    office.load_directory(*(line("A", f"90{n}", "maintenance", house="H-9", area="100", tariff="0") for n in range(3)))
    tariff(office, "10", "H-9")
    assert told(october(office)) == [("H-9", "begun", None, D("0.0"))]


def test_a_small_house_and_a_small_sum_are_not_told(office: TownOffice) -> None:
    """Two flats, and three flats whose change is below 1 000.00."""
    houses(office, 1, flats=2, area="5000")
    office.load_directory(*(line("A", f"80{n}", "maintenance", house="H-8", area="33", tariff="10") for n in range(3)))
    tariff(office, "20")
    assert october(office).outliers == ()
