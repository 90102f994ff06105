"""A form in a letter that a program or a list sent: a person sees it, nothing posts by itself, nobody is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_worker.core.model import Outcome
from inbox_worker.deciding.admit import admit
from inbox_worker.deciding.arrivals import Pipeline
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, moment, payment
from tests.support.papers import SCAN, File

ROW = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))


office = copies_of(build)


def answering(office: TownOffice) -> None:
    """Answers leave, as in a home that is at work."""
    home = office.office.home
    config = home.config.model_copy(update={"reply": "review"})
    office.office = replace(office.office, home=replace(home, config=config))
    office._pipeline = Pipeline(office.office, office.reader)


def book(office: TownOffice) -> File:
    return File("пересчёт.xlsx", office.form("recalculations", [ROW]))


@pytest.mark.parametrize(
    "header", [("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"), ("List-Id", "<1c.example>")]
)
def test_a_form_in_a_programs_letter_waits_for_a_person_who_admits_it(
    office: TownOffice, header: tuple[str, str]
) -> None:
    answering(office)
    answer = office.mail([book(office)], received="2026-08-20", headers=dict([header]))
    assert (answer.outcome, answer.submissions) == ("ignored", [])
    assert "пересчёт.xlsx" in answer.finding("task.robot")["message"] and office.facts("recalculations") == []
    journal = office.office.journal
    [task] = journal.tasks.open()
    assert task.arrival == answer.arrival.number and journal.letters.all() == []
    arrival = admit(office.pipeline, answer.arrival.id, "", "бухгалтер", moment("2026-08-28"))
    assert arrival.outcome is Outcome.ACCEPTED and not journal.tasks.open()
    [form] = journal.submissions.of_arrival(arrival.number)
    assert (str(form.month), form.rows_posted) == ("2026-09", 1)  # the month of its receipt


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Auto-Submitted": "auto-replied"}, ""),
        ({"Precedence": "auto_reply"}, ""),
        ({"X-Autoreply": "yes"}, ""),
        ({"Return-Path": "<>", "Precedence": "bulk"}, ""),
        ({"Precedence": "bulk"}, "news@shop.example"),
    ],
)
def test_answers_of_programs_bounces_and_strangers_stay_ignored(
    office: TownOffice, headers: dict[str, str], sender: str
) -> None:
    answer = office.mail([book(office)], received="2026-08-20", headers=headers, sender=sender)
    assert answer.outcome == "ignored" and not office.office.journal.tasks.open()


@pytest.mark.parametrize("files", [(), (SCAN,), (File("прайс.xlsx", b"no workbook"),)])
def test_a_programs_letter_without_a_form_stays_ignored(office: TownOffice, files: tuple[File, ...]) -> None:
    answer = office.mail(list(files), received="2026-08-20", headers={"Precedence": "bulk"})
    assert answer.outcome == "ignored" and not office.office.journal.tasks.open()


def test_a_banks_robot_is_heard_alike(office: TownOffice) -> None:
    """A register of payments that a bank's program sent is not lost either (4.1.7)."""
    bank = {
        "bic": "CASPKZKA",
        "name": "Kaspi",
        "emails": "reestr@bank.example",
        "format": "pain001",
        "commission": "0,3",
    }
    assert office.load("banks", [bank]).outcome == "accepted"
    register = File("реестр.xlsx", office.form("bank_register", [payment("1001", "5.00")], by=""))
    headers = {"Auto-Submitted": "auto-generated"}
    answer = office.mail([register], received="2026-09-06", headers=headers, sender="reestr@bank.example")
    assert answer.outcome == "ignored" and "task.robot" in answer.codes


def test_an_answer_to_a_letter_of_ours_stays_ignored(office: TownOffice) -> None:
    """A program that sends back what we wrote would make a task of every answer of ours."""
    answering(office)
    office.mail([book(office)], received="2026-08-20")
    [ours] = office.office.journal.letters.all()
    again = office.mail(
        [book(office)], received="2026-08-20", headers={"Auto-Submitted": "auto-generated"}, references=ours.message_id
    )
    assert again.outcome == "ignored"
