"""4.6: a scan has the force of the original for 15 working days; then the original is overdue."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.contract.duties import NoSuchDuty, find_duties, receive_original
from inbox_worker.contract.duty import Duty
from tests.support.office import TownOffice, customer, line, moment
from tests.support.papers import SCAN

ROW = {"service": "lift", "base": "чел.", "tariff": "20", "from_month": "10.2026", "basis": "протокол 1"}


def originals(office: TownOffice, on: date) -> list[Duty]:
    return [duty for duty in find_duties(office.office, on) if duty.duty == "customer.original"]


@pytest.fixture(autouse=True)
def registers(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift", base="чел.", tariff="10", residents=1))


def test_the_original_of_a_scan_is_due_in_fifteen_working_days(office: TownOffice) -> None:
    """From Thursday 20.08.2026; Monday 31.08 is off: Friday 11.09, counted by hand."""
    form = office.ingest("tariffs", [ROW], received="2026-08-20", documents=[SCAN])
    assert form.outcome == "accepted"
    [duty] = originals(office, date(2026, 8, 20))
    assert (duty.source, duty.due, duty.state(duty.due)) == (form.id, date(2026, 9, 11), "open")
    assert duty.state(date(2026, 9, 12)) == "overdue"
    receive_original(office.office, form.id, "заказное письмо 15", moment("2026-09-14"))
    [met] = originals(office, date(2026, 9, 14))
    assert (met.state(date(2026, 9, 14)), met.met_by) == ("met", "заказное письмо 15")
    with pytest.raises(NoSuchDuty):
        receive_original(office.office, form.id, "ещё раз", moment("2026-09-14"))


def test_documents_on_paper_are_originals(office: TownOffice) -> None:
    form = office.ingest("tariffs", [ROW], received="2026-08-20")
    assert form.outcome == "held" and originals(office, date(2026, 8, 20)) == []
    office.release(form.id, "бумага, 21.08.2026", "2026-08-21T12:00:00")
    assert originals(office, date(2026, 8, 21)) == []
