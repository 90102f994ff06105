"""4.3.11, 10.7: contracts of houses by date; one that ran out is asked of staff; without houses no contract is left."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from inbox_worker.deciding.expiry import ask_about_ended
from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, moment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "lift", base="кв.", tariff="90", start="08.2026"),
        line("A", "2001", "lift", base="кв.", tariff="90", start="08.2026", house="H-2"),
        line("B", "1001", "cleaning", base="кв.", tariff="200", start="08.2026"),
    )


office = copies_of(town)


def contract(house: str, since: str, until: str = "", **more: object) -> Row:
    return {"bin": bin_of("A"), "house": house, "since": since, "until": until, "document": "№ 4", **more}


def load(office: TownOffice, *rows: Row, now: str = "2026-08-10") -> Answer:
    return office.load("house_contracts", rows, now)


def told(office: TownOffice, on: str) -> list[tuple[str, str, str]]:
    page = describe_contract(office.office, bin_of("A"), date.fromisoformat(on))
    return [(one["house"], one["until"], one["state"]) for one in page["house_contracts"]]


def asked(office: TownOffice, now: str = "") -> list[tuple[str, str, str]]:
    if now:
        ask_about_ended(office.office, moment(now))
    return [(task.kind, task.clause, task.what) for task in office.office.journal.tasks.open()]


def test_contracts_of_houses_are_kept_by_date(office: TownOffice) -> None:
    assert (
        load(office, contract("H-1", "01.09.2025", "31.08.2026"), contract("H-2", "01.01.2026")).outcome == "accepted"
    )
    load(office, contract("H-1", "01.09.2026", "31.08.2027"), now="2026-08-20")
    assert told(office, "2026-08-15") == [("H-1", "2026-08-31", "in force"), ("H-2", "", "in force")]
    assert told(office, "2026-09-02") == [
        ("H-1", "2026-08-31", "ended"), ("H-1", "2027-08-31", "in force"), ("H-2", "", "in force"),
    ]  # fmt: skip
    later = load(office, contract("H-2", "01.01.2026", "31.12.2026"), now="2026-09-03")
    assert later.codes == ["row.replaced"] and ("H-2", "2026-12-31", "in force") in told(office, "2026-09-03")


def test_one_that_ran_out_is_asked_about_once_on_its_day_or_when_it_is_loaded(office: TownOffice) -> None:
    load(office, contract("H-1", "01.09.2025", "31.08.2026"), contract("H-2", "01.01.2025", "31.07.2026"))
    first = ("stop", "4.3.11", "H-2: 31.07.2026")
    assert asked(office) == [first]
    assert asked(office, "2026-08-31") == [first]
    assert asked(office, "2026-09-01") == [first, ("stop", "4.3.11", "H-1: 31.08.2026")]
    assert asked(office, "2026-09-02") == asked(office)
    assert office.drafted("2026-10")["2001", bin_of("A"), "lift"]["charged"] == 90, "staff decide"


def test_one_that_goes_on_is_not_asked_about(office: TownOffice) -> None:
    load(office, contract("H-1", "01.09.2025", "31.08.2026"), contract("H-1", "01.09.2026"))
    assert asked(office, "2026-09-10") == []


def test_its_end_is_a_duty_that_a_notice_or_a_new_contract_meets(office: TownOffice) -> None:
    """Fifteen days before the 31st of August: the 16th."""
    load(office, contract("H-1", "01.09.2025", "31.08.2026"), contract("H-2", "01.09.2025", "31.08.2026"))

    def states(on: str) -> list[tuple[str, str, str]]:
        found = [d.as_json(date.fromisoformat(on)) for d in find_duties(office.office, date.fromisoformat(on))]
        return sorted((d["source"], d["due"], d["state"]) for d in found if d["duty"] == "customer.house_contract")

    first, second = "H-1 2026-08-31", "H-2 2026-08-31"
    assert states("2026-08-16") == [(first, "2026-08-16", "open"), (second, "2026-08-16", "open")]
    row = {"kind": "окончание договора дома", "event_on": "31.08.2026", "parameter": "H-1", "basis": "протокол"}
    assert office.ingest("notice", [row], received="2026-08-14").outcome == "accepted"
    load(office, contract("H-2", "01.09.2026"), now="2026-08-15")
    assert states("2026-08-17") == [(first, "2026-08-16", "met"), (second, "2026-08-16", "met")]
    assert len(asked(office, "2026-09-10")) == 1, "the notice's own task, and no second one"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bin": "050140000051"}, "customer.unknown"),
        ({"until": "31.08.2025"}, "days.reversed"),
        ({"house": ""}, "value.missing"),
    ],
)
def test_a_wrong_row_is_refused(office: TownOffice, change: dict[str, object], code: str) -> None:
    answer = load(office, {**contract("H-1", "01.09.2025"), **change})
    assert (answer.outcome, answer.codes) == ("rejected", [code])


def leave(office: TownOffice, house: str, day: str, received: str = "2026-08-20") -> Answer:
    row = {"house": house, "left_on": day, "reason": "собрание", "learned_on": "19.08.2026"}
    return office.ingest("house_exit", [row], received=received)


def test_without_any_house_the_contract_ends_by_itself(office: TownOffice) -> None:
    """10.7: with the month of the last one, in whatever order they were told."""
    assert leave(office, "H-1", "10.10.2026").codes == ["house.leaves_by_day"]
    until = [describe_contract(office.office, bin_of("A"), date(2026, 12, 1))["agreement"]["until"]]
    last = leave(office, "H-2", "15.09.2026", "2026-08-21")
    assert (
        "31.10.2026" in last.finding("contract.left")["message"] and last.finding("contract.left")["clause"] == "10.7"
    )
    until.append(describe_contract(office.office, bin_of("A"), date(2026, 12, 1))["agreement"]["until"])
    assert until == ["", "2026-10-31"]
    states = [describe_contract(office.office, bin_of("A"), date(2026, *day))["agreement"]["state"]
              for day in ((10, 31), (11, 1))]  # fmt: skip
    assert states == ["in force", "ended"]
    owed = {d.customer for d in find_duties(office.office, date(2026, 12, 31)) if d.source == "2026-12"}
    assert owed == {"", bin_of("B")}, "nothing is owed for months after it"
    assert leave(office, "H-2", "30.11.2026", "2026-08-24").outcome == "accepted", "the day can still be put right"


def test_an_attestation_that_ran_out_unannounced_is_asked_about(office: TownOffice) -> None:
    """4.3.10: nobody told of it; the register alone knows its day."""
    office.load("customers", [customer("A", attested_until="31.08.2026")], now="2026-08-02")
    assert asked(office, "2026-08-31") == []
    assert asked(office, "2026-09-01") == [("stop", "4.3.10", "31.08.2026")]


def test_a_house_without_lines_of_its_customer_is_warned_of(office: TownOffice) -> None:
    answer = load(office, contract("H-1", "01.09.2025"), contract("H-9", "01.09.2025"))
    assert answer.outcome == "accepted" and answer.finding("house_contract.no_lines")["cell"] == "B7"
    assert "H-9" in answer.finding("house_contract.no_lines")["message"]


def test_contracts_of_one_house_and_service_at_one_time_are_warned_of(office: TownOffice) -> None:
    """Another service of the same house has a contract of its own; one day in both is enough."""
    other = {"bin": bin_of("B")}
    assert load(office, contract("H-1", "01.09.2025"), contract("H-1", "01.09.2025", **other)).codes == []
    office.load_directory(line("B", "1002", "lift", base="кв.", tariff="90", start="08.2026"))
    first = load(office, contract("H-1", "31.08.2026", "31.12.2026", **other), now="2026-08-11")
    told = [found["message"] for found in first.findings if found["code"] == "house_contract.overlaps"]
    assert len(told) == 2 and bin_of("A") in told[0] + told[1] and "Лифт" in told[0] + told[1]
    later = load(office, contract("H-2", "01.09.2025", "31.08.2026"), contract("H-2", "31.08.2026"), now="2026-08-12")
    assert later.finding("house_contract.overlaps")["clause"] == "4.3.11"
    fits = load(office, contract("H-2", "01.09.2025", "30.08.2026"), now="2026-08-13")
    assert "house_contract.overlaps" not in fits.codes
