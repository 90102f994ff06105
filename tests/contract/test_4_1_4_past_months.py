"""4.1.4, 4.3.2: a closed month does not change; what a row says of it is told or refused, never taken in silence."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line

NOW = "2026-11-20"


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="90"))
    for month in ("2026-09", "2026-10"):
        office.close(month)


office = copies_of(build)


def stop(**more: str) -> dict[str, str]:
    usual = {"bin": bin_of("A"), "account": "1001", "service": "lift", "reason": "спор", "clause": "10.3"}
    return {**usual, "from_date": "01.09.2026", **more}


def november(office: TownOffice) -> D:
    return D(office.drafted("2026-11")[("1001", bin_of("A"), "lift")]["charged"])


def test_a_stop_that_begins_in_a_closed_month_acts_from_the_first_open_one_and_says_so(office: TownOffice) -> None:
    answer = office.load("stops", [stop()], NOW)
    found = answer.finding("register.past_month")
    assert answer.outcome == "accepted" and (found["cell"], found["severity"]) == ("E6", "warning")
    assert "11.2026" in found["message"] and november(office) == 0
    assert office.line("2026-10", "1001", "lift")["charged"] == D("90.00")


def test_a_stop_that_was_over_before_the_first_open_month_is_refused(office: TownOffice) -> None:
    answer = office.load("stops", [stop(to_date="31.10.2026")], NOW)
    assert answer.outcome == "rejected" and answer.finding("stop.closed")["cell"] == "F6"


def test_a_row_that_ends_a_known_stop_has_its_effect(office: TownOffice) -> None:
    """The end alone is told late: the stop is over from the first open month on."""
    office.load("stops", [stop()], NOW)
    ended = office.load("stops", [stop(to_date="31.10.2026")], NOW)
    assert ended.outcome == "accepted" and november(office) == D("90.00")


@pytest.mark.parametrize("day", ["01.11.2026", "01.12.2026"])
def test_a_stop_of_an_open_month_needs_no_words(office: TownOffice, day: str) -> None:
    assert "register.past_month" not in office.load("stops", [stop(from_date=day)], NOW).codes


def test_the_directory_tells_rows_of_closed_months_that_are_new_or_changed(office: TownOffice) -> None:
    """A whole directory comes often: rows that say what is known are not told."""
    known = line("A", "1001", "lift", base="кв.", tariff="90")
    assert "register.past_month" not in office.load("directory", [known], NOW).codes
    fresh = office.load("directory", [known, line("A", "1002", "lift", base="кв.", tariff="90", balance="50")], NOW)
    assert "строк: 1" in fresh.finding("register.past_month")["message"]
    row = office.drafted("2026-11")[("1002", bin_of("A"), "lift")]
    assert (row["opening"], row["charged"]) == (D("50.00"), D("90.00"))


@pytest.mark.parametrize(
    ("more", "cells"),
    [
        ({"valid_until": "30.09.2026"}, 1),
        ({"valid_until": "31.10.2026"}, 0),
        ({"kind": "лифтовая организация", "counts_from": "01.10.2026"}, 1),
        ({"kind": "лифтовая организация", "counts_from": "01.11.2026"}, 0),
    ],
)
def test_the_register_of_customers_tells_days_that_leave_closed_months_behind(
    office: TownOffice, more: dict[str, str], cells: int
) -> None:
    answer = office.load("customers", [customer("A", **more)], NOW)
    assert answer.outcome == "accepted" and answer.codes.count("register.past_month") == cells
    assert (
        "register.past_month" not in office.load("customers", [customer("A", **more, address="новый")], NOW).codes
        or "counts_from" in more
    )  # an end that is known is told once


@pytest.mark.parametrize(("said", "told"), [("01.06.2026", True), ("01.12.2026", False), ("01.01.2027", False)])
def test_a_customers_change_says_that_months_before_its_own_are_not_counted_again(
    office: TownOffice, said: str, told: bool
) -> None:
    """It counts from its month of account on; the months before are the form of recalculations' work (4.3.2.4)."""
    change = {"account": "1001", "indicator": "Площадь", "becomes": "50", "from_date": said}
    answer = office.ingest("directory_corrections", [change], received=NOW)
    assert answer.outcome == "accepted" and ("row.no_past_months" in answer.codes) == told
    house = {
        "account": "3001", "house": "H-3", "address": "ул. Абая, 3", "flat": "1", "area": "50", "services": "Лифт",
        "from_date": said,
    }  # fmt: skip
    assert ("row.no_past_months" in office.ingest("new_houses", [house], received=NOW).codes) == told
