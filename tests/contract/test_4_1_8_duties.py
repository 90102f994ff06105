"""4.1.1, 4.1.2, 4.1.7, 4.1.8, 4.1.11, 4.3.2.5, 4.3.3, 4.3.10, 7.2: every term has its day, and its proof when met.

The days in the tables were counted by hand on a calendar, over Constitution Day (31.08.2026 is off) and weekends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from icalendar import Calendar

from inbox_worker.contract.calendar_file import write_calendar
from inbox_worker.contract.duties import NoSuchDuty, find_duties, meet_duty
from inbox_worker.contract.duty import Duty
from inbox_worker.documents.duties import render_duties
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment


def duties(office: TownOffice, name: str, on: str) -> list[Duty]:
    return [duty for duty in find_duties(office.office, date.fromisoformat(on)) if duty.duty == name]


def states(office: TownOffice, name: str, on: str) -> list[tuple[str, str, str]]:
    day = date.fromisoformat(on)
    return sorted((d.source, d.due.isoformat(), d.state(day)) for d in duties(office, name, on))


def send(office: TownOffice, kind: str, month: str, at: str) -> None:
    """Put a document of Customer A on record as delivered by letter 7."""
    documents = office.office.journal.documents
    version = Version(
        0, month, bin_of("A"), "A", f"{kind}.xlsx", kind, "", kind, kind, DocumentState.SENT, 1, 1, at, at
    )
    with office.office.journal.transaction() as connection:
        number = documents.add(connection, version)
        documents.prove(connection, Proof(number, "mail", "office@a.example", LetterState.SENT, at, 7, kind, at))


@pytest.mark.quick("2026-09-09-08.09.2026-2026-09-11", "2026-09-11-10.09.2026-2026-09-15")
@pytest.mark.parametrize(
    ("loaded", "paid_on", "due"),
    [
        ("2026-09-09", "08.09.2026", "2026-09-11"),  # Wednesday: two banking days
        ("2026-09-08", "07.09.2026", "2026-09-11"),  # a payment of the 1st to 7th: one more
        ("2026-08-28", "27.08.2026", "2026-09-02"),  # Friday; Monday 31.08 is off
        ("2026-09-11", "10.09.2026", "2026-09-15"),  # Friday: over the weekend
        ("2026-10-23", "22.10.2026", "2026-10-28"),  # Friday; 25.10 is a Sunday, so Monday is off
        ("2026-03-19", "18.03.2026", "2026-03-26"),  # Thursday; Nauryz takes 23, 24 and 25
    ],
)
def test_distribution_is_due_in_banking_days(office: TownOffice, loaded: str, paid_on: str, due: str) -> None:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "lift", base="чел.", tariff="10", residents=1, start="03.2026"), now="2026-03-01"
    )
    office.load_payments(payment("1001", "100", day=paid_on), now=loaded)
    [duty] = duties(office, "operator.distribution", loaded)
    assert (duty.starts.isoformat(), duty.due.isoformat(), duty.who, duty.clause) == (loaded, due, "operator", "4.1.7")
    assert duty.state(duty.due) == "open" and duty.state(date(2026, 12, 31)) == "overdue"
    meet_duty(office.office, duty.duty, duty.source, "ведомость 5", moment(f"{due}T10:00:00"))
    [met] = duties(office, "operator.distribution", due)
    assert (met.state(met.due), met.met_by) == ("met", "ведомость 5")
    assert met.state(duty.starts) == "open"  # on the days before it was not met yet
    with pytest.raises(NoSuchDuty):
        meet_duty(office.office, duty.duty, duty.source, "ещё раз", moment(f"{due}T11:00:00"))


def test_a_day_that_banks_do_not_keep_is_no_banking_day(office: TownOffice) -> None:
    calendar = office.folder / "rules" / "calendar.yaml"
    text = calendar.read_text("utf-8")
    calendar.write_text(text + '  - {date: 2026-09-10, day: "no banking", why: "test"}\n', "utf-8")
    with TownOffice.stored(office.folder, office.reader) as again:
        again.load_customers(customer("A"))
        again.load_directory(line("A", "1001", "lift", base="чел.", tariff="10", residents=1))
        again.load_payments(payment("1001", "100", day="08.09.2026"), now="2026-09-09")
        assert [duty.due for duty in duties(again, "operator.distribution", "2026-09-09")] == [date(2026, 9, 14)]


def test_documents_of_a_month_are_due_until_the_last_of_them_is_with_the_customer(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))  # B has no lines: nothing is owed to it
    office.load_directory(line("A", "1001", "lift", base="чел.", tariff="10", residents=1))
    office.close("2026-09", "2026-10-02")
    assert states(office, "operator.bill_rows", "2026-09-23")[0] == ("2026-09", "2026-09-22", "overdue")
    assert states(office, "operator.reports", "2026-10-12") == [("2026-09", "2026-10-12", "open")]
    send(office, "turnover", "2026-09", "2026-10-09T10:00:00+05:00")
    send(office, "distribution", "2026-09", "2026-10-09T10:00:00+05:00")
    assert states(office, "operator.reports", "2026-10-13") == [("2026-09", "2026-10-12", "overdue")]
    send(office, "debtors", "2026-09", "2026-10-14T10:00:00+05:00")
    [duty] = duties(office, "operator.reports", "2026-10-14")
    assert duty.state(date(2026, 10, 14)) == "met" and duty.state(date(2026, 10, 13)) == "overdue"
    assert duty.met_by.count("mail 7") == 3 and "debtors.xlsx" in duty.met_by
    assert states(office, "operator.act", "2026-10-14") == [("2026-09", "2026-10-31", "open")]


def test_bills_are_due_until_none_waits(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift", base="чел.", tariff="10", residents=1))
    office.close("2026-09", "2026-10-02")
    documents = office.office.journal.documents
    at = "2026-09-21T10:00:00+05:00"
    bill = Version(0, "2026-09", "", "bills", "1.pdf", "bills", "1001", "1", "1", DocumentState.SENT, 1, 0, at, at)
    with office.office.journal.transaction() as connection:
        documents.add(connection, bill)
        waiting = documents.add(
            connection, replace(bill, name="2.pdf", account="1002", state=DocumentState.PENDING)
        )  # fmt: skip
    assert states(office, "operator.bills", "2026-09-23")[0] == ("2026-09", "2026-09-22", "overdue")
    with office.office.journal.transaction() as connection:
        documents.change(connection, waiting, state="sent", changed_at="2026-09-22T23:00:00+05:00")
    [duty] = [one for one in duties(office, "operator.bills", "2026-09-23") if one.source == "2026-09"]
    assert (duty.met_on, duty.met_by) == (date(2026, 9, 22), "bills: 2")


def test_forms_of_every_month_are_due_by_the_25th_of_the_month_before(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True), customer("B"), customer("C", kind="субъект сервиса"))
    office.load_directory(
        line("A", "1001", "cold_water", base="счётчик", tariff="10", meter="M1", reading="5"),
        line("B", "1001", "lift", base="чел.", tariff="10", residents=1),
        line("C", "1001", "intercom", base="кв.", tariff="10"),
    )
    row = {"account": "1001", "service": "cold_water", "meter": "M1", "current": "9", "taken_on": "20.09.2026"}
    answer = office.ingest("meter_readings", [row], received="2026-09-21")
    assert states(office, "customer.readings", "2026-09-21") == [("2026-10", "2026-09-25", "met")]
    assert duties(office, "customer.readings", "2026-09-21")[0].met_by == answer.id
    assert states(office, "customer.service_file", "2026-09-26") == [("2026-10", "2026-09-25", "overdue")]
    assert {duty.customer for duty in duties(office, "customer.service_file", "2026-09-26")} == {bin_of("C")}


def test_a_task_is_owed_by_the_operator_until_it_is_done(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-08-20")
    assert states(office, "operator.task", "2026-08-27") == [("T-000001", "2026-08-27", "open")]
    with office.office.journal.transaction() as connection:
        office.office.journal.tasks.finish(connection, ["T-000001"], moment("2026-08-28"), "akhmetova", "доступ дан")
    [duty] = duties(office, "operator.task", "2026-08-28")
    assert (duty.clause, duty.met_by) == ("4.1.13", "T-000001 akhmetova доступ дан")
    assert duty.state(date(2026, 8, 28)) == "met" and duty.state(date(2026, 8, 27)) == "open"


def test_an_attestation_is_prolonged_three_days_before_its_end(office: TownOffice) -> None:
    office.load_customers(customer("A", attested_until="15.10.2026"))
    assert states(office, "customer.attestation", "2026-10-12") == [("attested_until 2026-10-15", "2026-10-12", "open")]
    assert states(office, "customer.attestation", "2026-10-13")[0][2] == "overdue"
    office.load_customers(customer("A", attested_until="15.10.2027"))
    assert states(office, "customer.attestation", "2026-10-13")[0][2] == "open"


def test_the_calendar_file_and_the_workbook_say_the_same(office: TownOffice) -> None:
    office.load_customers(customer("A", attested_until="15.10.2026"))
    office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-08-20")
    day = date(2026, 8, 20)
    found = find_duties(office.office, day)
    known = office.office.journal.customers.on(day)
    written = write_calendar(found, known, office.office.rules, day)
    assert b"DTSTART;VALUE=DATE:20260827" in written
    assert all(len(part) <= 75 for part in written.split(b"\r\n"))
    events = Calendar.from_ical(written).walk("VEVENT")
    assert sorted(event["dtstart"].dt for event in events) == sorted(duty.due for duty in found)
    assert len({event["uid"] for event in events}) == len(found)
    assert all(event["summary"].startswith(duty.clause) for event, duty in zip(events, found, strict=True))
    assert all("ТОО «A»" in event["summary"] for event in events), "nobody knows a Customer by a number"
    book = openpyxl.load_workbook(BytesIO(render_duties(found, known, office.office.rules, "Центр", day)))
    [sheet] = book.worksheets
    assert f"ТОО «A»\n{bin_of('A')}" in [cell.value for cell in sheet["D"]]


def test_the_workbook_says_in_words_what_met_a_duty(office: TownOffice) -> None:
    day = date(2026, 10, 9)
    met = Duty("operator.reports", "4.1.8", "operator", bin_of("A"), "2026-09", day, day, day, "a.xlsx (mail 7)")
    data = render_duties([met], {}, office.office.rules, "Центр", day)
    [sheet] = openpyxl.load_workbook(BytesIO(data)).worksheets
    assert "a.xlsx (письмо № 7 / № 7 хат)" in [cell.value for cell in sheet["I"]]


def test_a_home_made_before_the_duties_has_them(office: TownOffice) -> None:
    (office.folder / "rules" / "duties.yaml").unlink(missing_ok=True)
    with TownOffice.stored(office.folder, office.reader) as again:
        assert "customer.act" in again.office.rules.duties
