"""4.1.10, 4.1.16: what a Customer asks for and the program does by itself: made, put up, told; the rest is a task."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.workbooks.bank_1c import read_exchange
from inbox_worker.workbooks.bank_text import dbf_rows
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

DAILY, DIRECTORY = "Ежедневный файл платежей", "Справочник лицевых счетов"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "lift", base="кв.", tariff="1000"), line("B", "1001", "cleaning", base="кв.", tariff="200")
    )


office = copies_of(town)


def ask(office: TownOffice, *kinds: str, received: str = "2026-09-03", since: str = "", replaces: str = "") -> str:
    rows = [{"kind": kind, "since": since} for kind in kinds]
    answer = office.ingest("request", rows, received=received, replaces=replaces)
    assert answer.outcome == "accepted", answer.report
    return answer.id


def made(office: TownOffice, now: str) -> list[str]:
    """Run the outbox's part of a pass on a day; what lies there then."""
    pass_outbox(office.office, moment(now))
    return sorted(path.name for path in (office.office.home.outbox / "pending").rglob("*.xlsx"))


def test_the_payments_of_the_days_before_are_made_every_working_day_from_the_next(office: TownOffice) -> None:
    """Asked on Thursday: from Friday on; on Monday those of Friday to Sunday."""
    number = ask(office, DAILY)
    told = [f.code for f in office.office.journal.submissions.findings_of(int(number[3:9]), number)]
    assert told == ["request.standing"] and not office.office.journal.tasks.open()
    assert made(office, "2026-09-03T18:00") == []
    assert made(office, "2026-09-04T09:00") == ["payments-2026-09-03.xlsx"]
    assert made(office, "2026-09-05T09:00") == ["payments-2026-09-03.xlsx"], "Saturday"
    weekend = [f"payments-2026-09-{day:02d}.xlsx" for day in (3, 4, 5, 6)]
    assert made(office, "2026-09-07T09:00") == weekend
    assert made(office, "2026-09-10T09:00") == [*weekend, *(f"payments-2026-09-0{d}.xlsx" for d in (7, 8, 9))], (
        "the service did not run on the 8th and the 9th"
    )


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("parameter", "formats"),
    [
        ("", ["csv", "xlsx"]),
        ("DBF, 1С", ["dbf", "txt"]),
        ("нужен эксель", ["xlsx"]),
        ("для бухгалтера", ["csv", "xlsx"]),
    ],
)
def test_the_file_comes_in_the_formats_that_its_parameter_names(
    office: TownOffice, parameter: str, formats: list[str]
) -> None:
    answer = office.ingest("request", [{"kind": DAILY, "parameter": parameter}], received="2026-09-03")
    told = {"txt": "1c"}
    assert all(told.get(one, one) in answer.finding("request.standing")["message"] for one in formats)
    office.load_payments(
        payment("1001", "500.50", day="03.09.2026", to="A", service="lift"),
        payment("1001", "-100", day="03.09.2026", to="A", service="lift"), now="2026-09-04T08:00",
    )  # fmt: skip
    pass_outbox(office.office, moment("2026-09-04T09:00"))
    paths = sorted((office.office.home.outbox / "pending").rglob("payments-2026-09-03.*"))
    assert [path.suffix[1:] for path in paths] == formats
    if "dbf" in formats:
        names, *rows = dbf_rows(paths[0].read_bytes(), {"encoding": "cp866", "rows": 10, "columns": 20, "cells": 999})
        shown = [dict(zip(names, row, strict=True)) for row in rows]
        assert [(row["PAID_ON"], row["ACCOUNT"], row["SERVICE"], row["AMOUNT"], row["FEE"]) for row in shown] == [
            ("03.09.2026", "1001", "Лифт", "500.50", "6.01"), ("03.09.2026", "1001", "Лифт", "-100.00", "-1.20"),
        ]  # fmt: skip
        statement = read_exchange(paths[1].read_bytes())
        assert not statement.problems and [(one.credit, one.debit) for one in statement.entries] == [
            ("500.50", ""), ("", "100.00"),
        ]  # fmt: skip
        assert statement.balances[0].closing == "400.50" and "1001" in statement.entries[0].purpose


def test_a_payment_that_its_bank_told_late_is_in_its_days_file(office: TownOffice) -> None:
    ask(office, DAILY)
    made(office, "2026-09-04T09:00")
    before = _bytes(office)
    office.load_payments(payment("1001", "500", day="03.09.2026", to="A", service="lift"), now="2026-09-04T15:00")
    assert made(office, "2026-09-04T18:00") and _bytes(office) == before, "once a day"
    made(office, "2026-09-07T09:00")
    assert _bytes(office) != before


def _bytes(office: TownOffice) -> bytes:
    [path] = (office.office.home.outbox / "pending").rglob("payments-2026-09-03.csv")
    return Path(path).read_bytes()


@pytest.mark.quick("-2026-09-04", "12.09.2026-2026-09-14")
@pytest.mark.parametrize(
    ("since", "first"), [("", "2026-09-04"), ("12.09.2026", "2026-09-14"), ("01.08.2026", "2026-09-04")]
)
def test_a_standing_order_begins_on_the_working_day_it_names(office: TownOffice, since: str, first: str) -> None:
    ask(office, DAILY, since=since)
    for day in ("2026-09-03", "2026-09-04", "2026-09-11", "2026-09-14"):
        assert bool(made(office, f"{day}T09:00")) == (day >= first)


def test_it_ends_with_the_contract_and_with_the_form_that_replaces_it(office: TownOffice) -> None:
    number = ask(office, DAILY)
    ask(office, DIRECTORY, replaces=number)
    assert made(office, "2026-09-04T09:00") == ["directory-2026-09.xlsx"]
    ask(office, DAILY)
    office.load("customers", [customer("A", valid_until="03.09.2026")], now="2026-09-03")
    assert made(office, "2026-09-04T10:00") == ["directory-2026-09.xlsx"]


def test_the_directory_is_made_once_for_each_time_it_is_asked(office: TownOffice) -> None:
    number = ask(office, DIRECTORY)
    [told] = office.office.journal.submissions.findings_of(int(number[3:9]), number)
    assert told.code == "request.once" and told.clause == "4.1.16"
    assert made(office, "2026-09-03T12:00") == ["directory-2026-09.xlsx"]
    [path] = (office.office.home.outbox / "pending").rglob("directory*.xlsx")
    assert path.parent.name.startswith(bin_of("A"))
    path.unlink()
    assert made(office, "2026-09-03T13:00") == [], "not again of itself"
    ask(office, DIRECTORY, received="2026-10-05")
    assert made(office, "2026-10-05T12:00") == ["directory-2026-10.xlsx"]
    acts = [act for act in find_acts(office.office.journal.database) if act.act == "request met"]
    assert len(acts) == 2 and acts[0].who == "service"


def test_a_form_that_asks_for_more_than_the_program_does_is_a_task_as_a_whole(office: TownOffice) -> None:
    rows = [{"kind": DIRECTORY}, {"kind": "Удалённый доступ"}]
    answer = office.ingest("request", rows, received="2026-09-03")
    assert (answer.outcome, answer.codes) == ("held", ["task.received"])
    assert "10.09.2026" in answer.finding("task.received")["message"], "five working days (6.1)"
    assert made(office, "2026-09-04T09:00") == []


def owed(office: TownOffice, on: str) -> list[tuple[str, str, str, str]]:
    day = date.fromisoformat(on)
    found = [duty for duty in find_duties(office.office, day) if duty.duty == "operator.request"]
    return sorted((duty.clause, duty.source, duty.due.isoformat(), duty.state(day)) for duty in found)


def sent(office: TownOffice, kind: str, name: str, at: str) -> None:
    """Put a document of Customer A on record as sent."""
    documents = office.office.journal.documents
    version = Version(0, at[:7], bin_of("A"), "A", name, kind, "", name, name, DocumentState.SENT, 1, 1, at, at)
    with office.office.journal.transaction() as connection:
        number = documents.add(connection, version)
        documents.prove(connection, Proof(number, "mail", "a@a.example", LetterState.SENT, at, 7, name, at))


def test_4_1_10_each_working_day_owes_its_file(office: TownOffice) -> None:
    """Asked on Thursday: Friday, then Monday, which tells of Sunday last."""
    number = ask(office, DAILY)
    assert owed(office, "2026-09-03") == []
    sent(office, "payments", "payments-2026-09-03.xlsx", "2026-09-04T10:00:00+05:00")
    place = owed(office, "2026-09-04")[0][1].removesuffix(" 2026-09-04")
    assert place.startswith(number)
    assert owed(office, "2026-09-08") == [
        ("4.1.10", f"{place} 2026-09-04", "2026-09-04", "met"),
        ("4.1.10", f"{place} 2026-09-07", "2026-09-07", "overdue"),
        ("4.1.10", f"{place} 2026-09-08", "2026-09-08", "open"),
    ]
    office.load("customers", [customer("A", valid_until="07.09.2026")], now="2026-09-07")
    assert len(owed(office, "2026-09-08")) == 2, "the order ended with the contract"


def test_4_1_16_a_directory_that_was_asked_for_is_owed_within_five_working_days(office: TownOffice) -> None:
    ask(office, DIRECTORY)
    assert [one[2:] for one in owed(office, "2026-09-10")] == [("2026-09-10", "open")]
    assert [one[3] for one in owed(office, "2026-09-11")] == ["overdue"]
    sent(office, "directory", "directory-2026-09.xlsx", "2026-09-11T10:00:00+05:00")
    assert [one[3] for one in owed(office, "2026-09-11")] == ["met"]


@pytest.mark.parametrize(
    ("address", "outcome"), [("office@a.example", "accepted"), ("", "accepted"), ("xlsx, Chief@other.example", "held")]
)
def test_an_address_that_is_not_the_customers_is_a_persons(office: TownOffice, address: str, outcome: str) -> None:
    """The file is never sent there by itself, and the request is not taken as if it were."""
    answer = office.ingest("request", [{"kind": DAILY, "parameter": address}], received="2026-09-03")
    assert answer.outcome == outcome, answer.findings
    assert ("request.other_address" in answer.codes) == (outcome == "held") == bool(office.office.journal.tasks.open())


@pytest.mark.parametrize("address", ["office@a.example", "a.ivanov@firm.example"])
@pytest.mark.parametrize("kind", [DAILY, "Прошу доступ для бухгалтера"])
def test_an_address_beside_a_request_is_no_signature(office: TownOffice, kind: str, address: str) -> None:
    """4.1.15: `a.ivanov@...` begins like initials; the row is read all the same, and not the form called empty."""
    answer = office.ingest("request", [{"kind": kind, "parameter": address}], received="2026-09-03")
    assert answer.submissions[0]["rows_read"] == 1 and "form.empty" not in answer.codes
