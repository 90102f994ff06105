"""10.1, 10.7, 10.11: lines of a contract that ended stand to the end of its month; what was before it is settled."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.cli.month_screens import draft_json
from inbox_worker.core.model import Period
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment


def town(office: TownOffice) -> None:
    """A's contract ends on 15.09; its house stays in the register. B goes on."""
    office.load_customers(customer("A", valid_until="15.09.2026"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", start="08.2026"),
        line("A", "1002", "lift", base="кв.", tariff="90", start="08.2026", house="H-2"),
        line("B", "1001", "cleaning", base="кв.", tariff="200", start="08.2026"),
    )
    office.close("2026-08")


office = copies_of(town)


def recalculation(past: str = "08.2026", amount: str = "-10") -> dict[str, object]:
    return {"account": "1001", "service": "maintenance", "past_month": past, "amount": amount, "basis": "акт"}


def test_lines_stand_to_the_end_of_the_month_and_not_from_the_1st_of_the_next(office: TownOffice) -> None:
    office.close("2026-09")
    assert office.line("2026-09", "1001", "maintenance")["charged"] == D("500.00")
    office.close("2026-10")
    assert office.line("2026-10", "1001", "maintenance")["charged"] == 0
    assert office.line("2026-10", "1001", "maintenance")["closing"] == D("1000.00"), "the debt stays"
    assert office.line("2026-10", "1001", "cleaning", "B")["charged"] == D("200.00")
    office.load_payments(payment("1001", "1100", day="05.11.2026", number="1", to="A", service="maintenance"))
    office.close("2026-11")
    ended, other = office.line("2026-11", "1001", "maintenance"), office.line("2026-11", "1001", "cleaning", "B")
    assert (ended["paid"], ended["moved"], ended["closing"]) == (D("1100.00"), D("100.00"), 0), "10.10"
    assert other["moved"] == D("-100.00")


def test_the_draft_tells_which_lines_stop(office: TownOffice) -> None:
    office.close("2026-09")
    draft = office.draft("2026-10")
    stopped = draft_json(draft)["ended_contracts"]
    assert stopped == [
        {"customer": bin_of("A"), "until": "2026-09-15", "service": "maintenance", "house": "H-1", "lines": 1},
        {"customer": bin_of("A"), "until": "2026-09-15", "service": "lift", "house": "H-2", "lines": 1},
    ]
    assert draft_json(office.draft("2026-11"))["ended_contracts"] == []


def test_a_contract_that_goes_on_again_has_its_lines_again(office: TownOffice) -> None:
    assert office.load("customers", [customer("A", valid_until="31.12.2026")], now="2026-09-20").outcome == "accepted"
    office.close("2026-09")
    assert office.drafted("2026-10")[("1001", bin_of("A"), "maintenance")]["charged"] == D("500.00")


@pytest.mark.parametrize(
    ("received", "month", "outcome"),
    [
        ("2026-08-20", "", "accepted"),  # for September, in which the contract ends
        ("2026-08-26", "", "rejected"),  # late: it would count in October
        ("2026-09-10", "", "rejected"),  # before the end, for the month after it
        ("2026-09-20", "", "rejected"),
        ("2026-08-20", "10.2026", "rejected"),
    ],
)
def test_a_form_for_a_month_after_the_end_is_refused_whenever_it_comes(
    office: TownOffice, received: str, month: str, outcome: str
) -> None:
    told = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "10.08.2026"}
    answer = office.ingest("house_exit", [told], received=received, month=month)
    assert answer.outcome == outcome
    if outcome == "rejected":
        finding = answer.finding("contract.ended")
        assert "15.09.2026" in finding["message"] and finding["clause"] == "10.11"


def test_a_form_that_waits_until_the_contract_is_over_is_refused_when_its_papers_come(office: TownOffice) -> None:
    tariff = {"service": "maintenance", "base": "кв.", "tariff": "600", "from_month": "09.2026", "basis": "протокол"}
    held = office.ingest("tariffs", [tariff], received="2026-08-20")
    [late] = office.release(held.id, "бумага", "2026-09-05")
    assert (held.outcome, late.outcome.value) == ("held", "rejected")


def test_months_before_the_end_are_recalculated_after_it(office: TownOffice) -> None:
    office.close("2026-09")
    answer = office.ingest("recalculations", [recalculation("09.2026")], received="2026-10-20")
    assert (answer.outcome, answer.month) == ("accepted", "2026-11")
    refused = office.ingest("recalculations", [recalculation("10.2026")], received="2026-10-21")
    assert refused.outcome == "rejected" and "10.2026" in refused.finding("contract.ended")["message"]
    office.close("2026-10"), office.close("2026-11")
    row = office.line("2026-11", "1001", "maintenance")
    assert (row["charged"], row["recalculated"], row["closing"]) == (0, D("-10.00"), D("990.00"))


def test_requests_and_requisites_are_taken_after_the_end(office: TownOffice) -> None:
    """Settling goes on: the export of three years, the account that the rest is paid to (4.1.14, 10.11)."""
    ask = office.ingest("request", [{"kind": "Архив отчётов за 3 года"}], received="2026-10-10")
    account = {"indicator": "ИИК", "becomes": "KZ75125KZT1001300335", "changed_on": "08.10.2026"}
    assert (ask.outcome, office.ingest("requisites", [account], received="2026-10-10").outcome) == ("accepted", "held")


def test_the_directory_of_a_month_after_the_end_has_no_lines(office: TownOffice) -> None:
    lines = office.office.directory.lines
    assert lines(bin_of("A"), Period(2026, 9)).num_rows == 2 and lines(bin_of("A"), Period(2026, 10)).num_rows == 0
