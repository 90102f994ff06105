"""6.2.7: who is responsible for working with the operator, and his telephone, are known within three calendar days of
the agreement; a change is told like other details (4.3.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import docx
import pytest
from sqlalchemy import text

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Period
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.guards import drop_guards
from inbox_worker.month.customer_proof import find_changed_customers
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_notices import make_notice, put_up_due_notices
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, moment

WHO, PHONE = "Ахметова Дана", "+7 701 000 11 22"
NOBODY: Row = {"contact": "", "phone": ""}


def duty(office: TownOffice, on: str, owner: str = "A") -> Duty | None:
    found = [one for one in find_duties(office.office, date.fromisoformat(on)) if one.duty == "customer.contact"]
    return next((one for one in found if one.customer == bin_of(owner)), None)


def state(office: TownOffice, on: str) -> str:
    found = duty(office, on)
    return found.state(date.fromisoformat(on)) if found else ""


def people(office: TownOffice, on: str) -> dict[str, str]:
    page: dict[str, dict[str, str]] = describe_contract(office.office, bin_of("A"), date.fromisoformat(on))
    return {name: page["people"][name] for name in ("contact", "phone")}


def tell(office: TownOffice, *rows: tuple[str, str], day: str) -> Answer:
    changed = f"{date.fromisoformat(day):%d.%m.%Y}"
    told = [{"indicator": what, "becomes": becomes, "changed_on": changed} for what, becomes in rows]
    return office.ingest("requisites", told, received=day)


def words_of(path: str) -> str:
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize(
    ("signed", "due"),
    [
        ("03.08.2026", date(2026, 8, 6)),
        ("07.08.2026", date(2026, 8, 10)),  # Friday -> Monday: calendar days, weekend or not
        ("27.02.2028", date(2028, 3, 1)),  # the year has a 29th
        ("27.02.2027", date(2027, 3, 2)),
        ("23.10.2026", date(2026, 10, 26)),  # a day off of Republic Day counts, too
    ],
)
def test_it_is_owed_within_three_calendar_days_of_signing(office: TownOffice, signed: str, due: date) -> None:
    office.load_customers(customer("A", contract_date=signed, **NOBODY))
    day = due.isoformat()
    found = duty(office, day)
    assert found and (found.clause, found.who, found.due, found.state(due)) == ("6.2.7", "customer", due, "open")
    assert state(office, date.fromordinal(due.toordinal() + 1).isoformat()) == "overdue"


def test_a_telephone_alone_does_not_meet_it_and_a_confirmed_form_does(office: TownOffice) -> None:
    office.load_customers(customer("A", contract_date="03.08.2026", contact="", phone="+7 727 300 00 00"))
    assert state(office, "2026-08-07") == "overdue"
    answer = tell(office, ("Ответственный", WHO), ("Телефон", PHONE), day="2026-08-10")
    assert answer.outcome == "held" and state(office, "2026-08-10") == "overdue"
    office.confirm(answer.id, "звонок", "2026-08-11")
    found = duty(office, "2026-08-11")
    assert found and (found.met_on, found.met_by, found.late_by(date(2026, 8, 11))) == (date(2026, 8, 11), answer.id, 5)
    assert people(office, "2026-08-11") == {"contact": WHO, "phone": PHONE}
    assert people(office, "2026-08-10") == {"contact": "", "phone": "+7 727 300 00 00"}
    assert not office.office.journal.tasks.open(), "nothing is left to enter by hand"


def test_a_register_that_takes_them_away_owes_them_again(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    assert state(office, "2026-08-02") == "", "when he told them is not known"
    office.load("customers", [customer("A", phone="")], now="2026-08-05")
    assert (state(office, "2026-08-04"), state(office, "2026-08-05")) == ("", "overdue")


def test_missed_it_is_reminded_of_once_with_what_to_send(office: TownOffice) -> None:
    office.load_customers(customer("A", contract_date="03.08.2026", **NOBODY))
    assert not put_up_due_notices(office.office, moment("2026-08-06T18:00:00"))
    [path] = put_up_due_notices(office.office, moment("2026-08-07T09:00:00"))
    words = words_of(str(path))
    assert "6.2.7" in words and "03.08.2026" in words and "«Ответственный»" in words and "«Жауапты адам»" in words
    assert put_up_due_notices(office.office, moment("2026-08-08T09:00:00")) == [path], "the same, not another"


def test_a_contract_that_ended_or_a_register_that_does_not_ask_owes_nothing(office: TownOffice) -> None:
    office.load_customers(customer("A", contract_date="03.08.2026", valid_until="30.09.2026", **NOBODY))
    assert state(office, "2026-09-30") == "overdue" and state(office, "2026-10-01") == ""
    rules, form = office.office.rules, office.office.rules.forms["customers"]
    older = form.model_copy(update={"columns": tuple(one for one in form.columns if one.name != "phone")})
    home = replace(office.office, rules=replace(rules, forms={**rules.forms, "customers": older}))
    found = [one.duty for one in find_duties(home, date(2026, 9, 30))]
    assert "customer.contact" not in found and "customer.export" in found


def test_notices_and_acts_name_whom_to_call_on_their_day(office: TownOffice) -> None:
    office.load_customers(customer("A", contact=WHO, phone=PHONE))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="1000"))
    office.close("2026-09", "2026-10-02")
    office.load("customers", [customer("A", contact="Новый Ответственный", phone="+7 702 1")], now="2026-10-03")
    act = next(
        path for path in render_documents(
            office.office, Period.parse("2026-09"), ["act"], bin_of("A"), moment("2026-10-05")
        ) if path.suffix == ".docx"
    )  # fmt: skip
    assert PHONE in words_of(str(act)) and "+7 702 1" not in words_of(str(act))
    path = make_notice(office.office, "proofs", bin_of("A"), "протокол", None, moment("2026-10-05"))
    assert "Новый Ответственный, +7 702 1" in words_of(str(path)) and PHONE not in words_of(str(path))


@pytest.mark.parametrize(("phone", "warned"), [("у Даны", True), ("12-3", True), ("1414", False), (PHONE, False)])
def test_a_telephone_without_digits_is_warned_of(office: TownOffice, phone: str, warned: bool) -> None:
    loaded = office.load("customers", [customer("A", phone=phone)])
    told = tell(office, ("Телефон", phone), day="2026-08-10")
    assert loaded.outcome == "accepted" and told.outcome == "held"
    for answer in (loaded, told):
        assert ("phone.unusual" in answer.codes) == warned


def test_the_old_value_is_compared_and_an_old_register_keeps_what_was_confirmed(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    wrong = [{"indicator": "Тел.", "was": "+7 727 999", "becomes": PHONE, "changed_on": "10.08.2026"}]
    assert "requisite.old_differs" in office.ingest("requisites", wrong, received="2026-08-10").codes
    answer = tell(office, ("Жауапты адам", WHO), day="2026-08-10")
    office.confirm(answer.id, "звонок", "2026-08-11")
    again = office.load("customers", [customer("A", address="г. Алматы")], now="2026-08-12")
    assert (
        again.finding("register.kept")["value"] == "Сейтқали Дәурен" and people(office, "2026-08-12")["contact"] == WHO
    )


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize("column", ["contact", "phone", "emails", "attested_until", "valid_until", "utilities"])
def test_verify_names_a_field_that_no_form_told(office: TownOffice, column: str) -> None:
    """Who writes into the journal beneath the program is found by the facts of the forms."""
    office.load_customers(customer("A", attested_until="31.12.2027"))
    answer = tell(office, ("Ответственный", WHO), ("E-mail", "office@a.example; new@a.example"), day="2026-08-10")
    office.confirm(answer.id, "звонок", "2026-08-11")
    end = {"kind": "окончание аттестации", "event_on": "15.09.2026", "parameter": "", "basis": "Письмо"}
    assert office.ingest("notice", [end], received="2026-08-12").outcome == "accepted"
    journal, ledger = office.office.journal, office.office.home.ledger
    assert list(find_changed_customers(journal, ledger)) == []
    value = {"attested_until": "2030-01-01", "valid_until": "2030-01-01", "utilities": True}.get(
        column, "x@evil.example"
    )
    _write(journal.database, column, value)
    [found] = find_changed_customers(journal, ledger)
    assert found.endswith(f"says another {column} than its form")


def _write(database: Database, column: str, value: object) -> None:
    with database.engine.begin() as connection:
        drop_guards(connection)
        newest = "(select max(number) from customer_versions)"
        forged = text(f"update customer_versions set {column} = :value where number = {newest}")  # noqa: S608
        connection.execute(forged, {"value": value})
