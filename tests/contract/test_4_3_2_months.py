"""4.3.2: the month a form is counted in, through the pipeline: stated, deferred, too far, closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_worker.deciding.arrivals import Pipeline
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line

MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))


office = copies_of(town)


@pytest.mark.quick(0, 2, 5, 8, 10)
@pytest.mark.parametrize(
    ("received", "stated", "outcome", "month"),
    [
        ("2026-08-25T23:59:59.999999", "", "accepted", "2026-09"),
        ("2026-08-26T00:00:00", "", "deferred", "2026-10"),
        ("2026-08-25T18:59:59.999999+00:00", "", "accepted", "2026-09"),
        ("2026-08-25T19:00:00+00:00", "", "deferred", "2026-10"),
        ("2026-08-20", "09.2026", "accepted", "2026-09"),
        ("2026-08-20", "08.2026", "deferred", "2026-09"),
        ("2026-08-20", "12.2026", "accepted", "2026-12"),
        ("2026-08-28", "09.2026", "deferred", "2026-10"),
        ("2026-08-28", "10.2026", "accepted", "2026-10"),
        ("2026-08-28", "11.2026", "accepted", "2026-11"),
        ("2026-08-20", "09.2027", "accepted", "2027-09"),
    ],
)  # fmt: skip
def test_month_and_outcome(office: TownOffice, received: str, stated: str, outcome: str, month: str) -> None:
    """By the 25th the next month, later the one after; a later stated month is honoured, an earlier one is not."""
    answer = office.ingest("recalculations", [MINUS], received=received, month=stated)
    assert (answer.outcome, answer.month) == (outcome, month)
    assert ("deadline.missed" in answer.codes) is (outcome == "deferred")


def test_another_day_of_the_rules_is_the_one_that_senders_are_told(office: TownOffice) -> None:
    rules = office.office.rules
    terms = {"forms": rules.deadlines.deadlines["forms"].model_copy(update={"day": 23})}
    deadlines = rules.deadlines.model_copy(update={"deadlines": {**rules.deadlines.deadlines, **terms}})
    office.office = replace(office.office, rules=replace(rules, deadlines=deadlines))
    office._pipeline = Pipeline(office.office, office.reader)
    finding = office.ingest("recalculations", [MINUS], received="2026-08-24", month="09.2026").finding(
        "deadline.missed"
    )
    said = " ".join(finding[name] for name in ("message", "message_kk", "remedy", "remedy_kk"))
    assert said.count("23-") == 4 and "25" not in said


@pytest.mark.parametrize(
    ("received", "stated", "outcome", "month"),
    [
        ("2026-08-20", "сентябрь", "accepted", "2026-09"),
        ("2026-08-20", "қыркүйек айы", "accepted", "2026-09"),
        ("2026-08-28", "сентябрь", "deferred", "2026-10"),
        ("2026-12-25T23:59:59", "январь", "accepted", "2027-01"),
        ("2026-12-26", "январь", "deferred", "2027-02"),
        ("2026-12-20", "за декабрь", "deferred", "2027-01"),
    ],
)
def test_a_month_without_its_year_is_the_one_of_the_deadline(
    office: TownOffice, received: str, stated: str, outcome: str, month: str
) -> None:
    """The calendar's month or the one whose deadline it missed, with a warning that says how to write it."""
    answer = office.ingest("recalculations", [MINUS], received=received, month=stated)
    assert (answer.outcome, answer.month) == (outcome, month)
    told = answer.finding("header.year_taken")
    assert told["value"] == stated and told["cell"] == "B6"


@pytest.mark.parametrize(("stated", "example"), [("октябрь", "10.2026"), ("шілде", "07.2027"), ("7", "07.2027")])
def test_a_month_without_its_year_far_from_the_deadline_is_asked_for(
    office: TownOffice, stated: str, example: str
) -> None:
    answer = office.ingest("recalculations", [MINUS], received="2026-08-20", month=stated)
    told = answer.finding("header.year_missing")
    assert (answer.outcome, told["value"]) == ("rejected", stated)
    assert example in told["remedy"] and example in told["remedy_kk"]


@pytest.mark.parametrize("stated", [202609, "202609", "092026", "09.2026"])
def test_a_month_in_digits_alone_is_read(office: TownOffice, stated: object) -> None:
    answer = office.ingest("recalculations", [MINUS], received="2026-08-20", month=stated)
    assert (answer.outcome, answer.month, answer.codes) == ("accepted", "2026-09", [])


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize("stated", ["13", 13, 0, "00", 202613, 20260901, 999999, "0"])
def test_a_number_that_is_no_month_is_told_with_its_cell(office: TownOffice, stated: object) -> None:
    answer = office.ingest("recalculations", [MINUS], received="2026-08-20", month=stated)
    assert (answer.outcome, answer.finding("header.month_invalid")["cell"]) == ("rejected", "B6")


def test_more_than_12_months_ahead_is_a_finding(office: TownOffice) -> None:
    answer = office.ingest("recalculations", [MINUS], received="2026-08-20", month="10.2027")
    assert answer.outcome == "rejected" and answer.finding("month.too_far")["cell"] == "B6"


def test_a_closed_month_takes_no_form(office: TownOffice) -> None:
    """September is closed already: a form of August for it is rejected, nothing moves."""
    office.close("2026-09")
    answer = office.ingest("recalculations", [MINUS], received="2026-08-20")
    assert answer.outcome == "rejected" and "month.closed" in answer.codes
    office.reopen("2026-09")
    again = office.ingest("recalculations", [MINUS], received="2026-08-21")
    assert (again.outcome, again.month) == ("accepted", "2026-09")
