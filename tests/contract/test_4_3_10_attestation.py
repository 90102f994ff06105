"""4.3.10, 4.3.11: an attestation or a house's contract ends: the register has the day, staff are asked whether lines
stop."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, bin_of, customer, line

ATTESTATION, HOUSE = "окончание аттестации", "окончание договора дома"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", attested_until="31.12.2027"))
    office.load_directory(
        line("A", "1001", "lift", base="кв.", tariff="90", start="08.2026"),
        line("A", "2001", "lift", base="кв.", tariff="90", start="08.2026", house="H-2"),
    )


office = copies_of(town)


def send(office: TownOffice, kind: str, event: str, parameter: str = "", received: str = "2026-08-10") -> Answer:
    row = {"kind": kind, "event_on": event, "parameter": parameter, "basis": "Письмо № 12"}
    return office.ingest("notice", [row], received=received)


def page(office: TownOffice, on: str = "2026-12-31") -> dict[str, object]:
    return describe_contract(office.office, bin_of("A"), date.fromisoformat(on))


@pytest.mark.parametrize(
    ("kind", "event", "received", "late"),
    [
        (ATTESTATION, "15.09.2026", "2026-09-12T23:59:59", False),  # three calendar days before
        (ATTESTATION, "15.09.2026", "2026-09-13", True),
        (HOUSE, "30.09.2026", "2026-09-15T23:59:59", False),  # fifteen days before
        (HOUSE, "30.09.2026", "2026-09-16", True),
    ],
)
def test_its_end_is_told_beforehand(office: TownOffice, kind: str, event: str, received: str, late: bool) -> None:
    answer = send(office, kind, event, "H-2" if kind == HOUSE else "", received)
    assert answer.outcome == "accepted", answer.findings
    clause = answer.finding("notice.stop_asked")["clause"]
    known = [(f["code"], f["clause"]) for f in answer.findings]
    assert (("notice.term_missed", clause) in known) == late


def test_the_attestation_ends_in_the_register_and_a_person_decides_about_the_lines(office: TownOffice) -> None:
    answer = send(office, ATTESTATION, "15.09.2026")
    assert page(office)["agreement"]["attested_until"] == "2026-09-15"
    [task] = office.office.journal.tasks.open()
    assert (task.kind, task.clause, task.due, task.submission) == ("stop", "4.3.10", date(2026, 9, 15), answer.id)
    assert answer.report["task"] == task.id and "15.09.2026" in answer.finding("notice.stop_asked")["message"]
    assert office.drafted("2026-10")["1001", bin_of("A"), "lift"]["charged"] == 90, "the contract says may"
    known = [duty for duty in find_duties(office.office, date(2026, 9, 14)) if duty.duty == "customer.attestation"]
    assert [(duty.due, duty.met_by) for duty in known] == [(date(2026, 9, 12), answer.id)]


def test_a_house_whose_contract_ends_is_asked_about(office: TownOffice) -> None:
    answer = send(office, HOUSE, "12.08.2026", "h–2")
    [task] = office.office.journal.tasks.open()
    assert (task.kind, task.clause, task.due) == ("stop", "4.3.11", date(2026, 8, 13)), "staff have three working days"
    [contract] = page(office)["house_contracts"]
    assert contract == {
        "house": "H-2", "from": "2025-08-01", "until": "2026-08-12", "state": "ended", "document": "Письмо № 12",
        "source": answer.id,
    }  # fmt: skip
    send(office, HOUSE, "20.08.2026", "H-2", "2026-08-11")
    assert [one["until"] for one in page(office)["house_contracts"]] == ["2026-08-20"], "the day told last"


def test_two_notices_in_a_form_are_two_tasks(office: TownOffice) -> None:
    rows = [
        {"kind": ATTESTATION, "event_on": "15.09.2026", "basis": "приказ"},
        {"kind": HOUSE, "event_on": "30.09.2026", "parameter": "H-1", "basis": "протокол"},
    ]
    assert office.ingest("notice", rows, received="2026-08-10").outcome == "accepted"
    tasks = office.office.journal.tasks.open()
    assert [(task.clause, task.due.isoformat()) for task in tasks] == [
        ("4.3.10", "2026-09-15"),
        ("4.3.11", "2026-09-30"),
    ]


@pytest.mark.parametrize("service", ["maintenance", "gas_maintenance"])
def test_a_notice_that_no_line_hangs_on_is_told_so(office: TownOffice, service: str) -> None:
    """Of an attestation without a line of gas maintenance, of an own account without utility lines (7.1)."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", service, base="кв.", tariff="300"))
    usual = {"event_on": "30.09.2026", "basis": "Письмо № 1"}
    ends = office.ingest("notice", [{**usual, "kind": "окончание аттестации"}], received="2026-08-20")
    assert ends.outcome == "accepted" and ("notice.without_lines" in ends.codes) == (service == "maintenance")
    own = {**usual, "kind": "собственный счёт", "parameter": "KZ28722S000001013958 CASPKZKA"}
    assert "notice.without_lines" in office.ingest("notice", [own], received="2026-08-20").codes
