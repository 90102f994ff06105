"""4.3.2: a row that stands in a later month only does not act in the form's month: it is posted there, once."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File

AUGUST, LATE = "2026-08-20", "2026-08-27"
MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}
TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "40", "from_month": "09.2026"}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("B", "1001", "cold_water", base="счётчик", meter="M-1", reading="100", tariff="80"),
    )


office = copies_of(town)


def upkeep(office: TownOffice, column: str) -> list[D]:
    """Of September and October."""
    return [office.drafted(m)[("1001", bin_of("A"), "maintenance")][column] for m in ("2026-09", "2026-10")]


def water(office: TownOffice) -> list[D]:
    return [office.drafted(m)[("1001", bin_of("B"), "cold_water")]["quantity"] for m in ("2026-09", "2026-10")]


def late_then_in_time(office: TownOffice, form: str, row: Row, **more: Any) -> Any:
    """The late form is decided first, the one that came in time after it, as an arrival that failed by our fault."""
    assert office.ingest(form, [row], received=LATE, **more).month == "2026-10"
    answer = office.ingest(form, [row], received=AUGUST, **more)
    assert (answer.outcome, answer.month, answer.submissions[0]["rows_posted"]) == ("accepted", "2026-09", 1)
    return answer


def test_a_recalculation_counts_once_in_the_earlier_month(office: TownOffice) -> None:
    answer = late_then_in_time(office, "recalculations", MINUS)
    finding = answer.finding("row.counts_earlier")
    assert finding["severity"] == "info" and "10.2026" in finding["message"]
    assert upkeep(office, "recalculated") == [D("-10.00"), D("0.00")]


def test_a_later_form_with_the_same_row_changes_nothing(office: TownOffice) -> None:
    office.ingest("recalculations", [MINUS], received=AUGUST)
    again = office.ingest("recalculations", [MINUS], received=LATE)
    assert again.submissions[0]["rows_posted"] == 0 and again.finding("row.unchanged")
    assert upkeep(office, "recalculated") == [D("-10.00"), D("0.00")]


@pytest.mark.slow
def test_a_tariff_acts_from_the_earlier_month(office: TownOffice) -> None:
    """10 m² at 40 in both months; a recalculation of September in October would charge it twice."""
    late_then_in_time(office, "tariffs", TARIFF, documents=[SCAN])
    assert upkeep(office, "charged") == [D("400.00"), D("400.00")]
    assert upkeep(office, "recalculated") == [D("0.00"), D("0.00")]


@pytest.mark.slow
def test_a_correction_of_the_area_acts_from_the_earlier_month(office: TownOffice) -> None:
    row = {"account": "1001", "indicator": "Площадь", "was": "10", "becomes": "12", "from_date": "01.09.2026"}
    late_then_in_time(office, "directory_corrections", row)
    assert upkeep(office, "charged") == [D("360.00"), D("360.00")]


@pytest.mark.slow
def test_a_reading_of_another_month_is_that_months_own(office: TownOffice) -> None:
    """The month belongs to a reading's key: both stand, 5 units and none."""
    row = {"account": "1001", "service": "cold_water", "meter": "M-1", "current": "105", "taken_on": "20.08.2026"}
    late_then_in_time(office, "meter_readings", row, by="B")
    assert water(office) == [5, 0]


def test_a_replaced_meter_is_one_event(office: TownOffice) -> None:
    """8 of the old meter and 4 of the new in September, 2 in October; twice told it would be 6."""
    row = {
        "account": "1001", "service": "cold_water", "meter": "M-1", "current": "108", "new_meter": "N-1",
        "initial": "0", "changed_on": "12.08.2026",
    }  # fmt: skip
    late_then_in_time(office, "meter_change", row, by="B")
    for current, day in (("4", AUGUST), ("6", "2026-09-20")):
        read = {**row, "meter": "N-1", "current": current, "taken_on": "20.08.2026"}
        assert office.ingest("meter_readings", [read], received=day, by="B").outcome == "accepted"
    assert water(office) == [12, 2]


@pytest.mark.slow
def test_the_same_file_decided_late_first_is_no_repetition(office: TownOffice) -> None:
    """Byte for byte the same file: it counts in the month of the copy that came in time."""
    file = File("form.xlsx", office.form("recalculations", [MINUS]))
    assert office.mail([file], received=LATE).month == "2026-10"
    first = office.mail([file], received=AUGUST)
    assert (first.outcome, first.month) == ("accepted", "2026-09")
    assert upkeep(office, "recalculated") == [D("-10.00"), D("0.00")]
    assert office.mail([file], received=LATE).outcome == "duplicate"


def test_a_copy_of_a_months_own_file_counts_once(office: TownOffice) -> None:
    """Sums of a Customer's own charges: the same bytes for two months are one file, not two charges."""
    row = {"account": "1001", "service": "maintenance", "tariff": "30", "charged": "500"}
    files = [File("form.xlsx", office.form("service_charges", [row])), SCAN]
    assert office.mail(files, received=LATE).month == "2026-10"
    assert office.mail(files, received=AUGUST).month == "2026-09"
    assert upkeep(office, "charged") == [D("500.00"), D("300.00")]


@pytest.mark.slow
def test_held_copies_may_be_confirmed_in_either_order(office: TownOffice) -> None:
    row = {
        "account": "1001", "service": "cold_water", "meter": "M-1", "current": "100000", "taken_on": "20.08.2026",
    }  # fmt: skip
    file = File("form.xlsx", office.form("meter_readings", [row], by="B"))
    held = [office.mail([file], received=day, by="B", mailbox="bigoperators") for day in (AUGUST, LATE)]
    assert [answer.outcome for answer in held] == ["held", "held"]
    decided = [office.confirm(answer.id, "по телефону", "2026-08-28")[0] for answer in reversed(held)]
    assert [(one.outcome.value, str(one.month)) for one in decided] == [
        ("deferred", "2026-10"), ("accepted", "2026-09"),
    ]  # fmt: skip
    assert water(office) == [99900, 99900]  # October has no reading and is estimated, as in the other order
