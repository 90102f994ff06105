"""4.1.7: a bank sends its registers and statements itself, from its registered address or by the folder for banks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.ledger.mail_places import Inbox
from inbox_worker.receiving.store import Incoming, write_raw
from tests.support.bank_files import PAID, printed, total
from tests.support.bank_statements import of_kaspi
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, email_of, line, moment
from tests.support.papers import SCAN, File, letter

ADDRESS = "reestr@kaspi.example"
RECEIVED = "2026-09-08"


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "10020030", "maintenance", base="кв.", tariff="100"))
    bank = {"bic": "CASPKZKA", "name": "АО «Kaspi Bank»", "emails": f"other@kaspi.example; {ADDRESS}", "format": "1C"}
    office.load("banks", [bank, {**bank, "bic": "HSBKKZKX", "name": "Halyk", "emails": "reestr@halyk.example"}])


asked = copies_of(build)


PROOF = {"Authentication-Results": "mx.alseco.example; dkim=pass header.d={}; dmarc=pass header.from={}"}


@pytest.fixture
def town(asked: TownOffice) -> TownOffice:
    """With a mail server whose word is looked at."""
    home = asked.office.home
    asked.office.__dict__["home"] = replace(
        home, config=home.config.model_copy(update={"authserv_id": "mx.alseco.example"})
    )
    return asked


def send(town: TownOffice, *files: File, sender: str = ADDRESS, word: str = "") -> Answer:
    """A letter that our mail server proves, or of which it says something else (`word`; - = nothing)."""
    domain = sender.rpartition("@")[2].lower()
    proof = word or PROOF["Authentication-Results"].replace("{}", domain)
    headers = {} if word == "-" else {"Authentication-Results": proof}
    return town.mail(files, received=RECEIVED, sender=sender, headers=headers)


def register(name: str = "reestr.txt") -> File:
    return File(name, printed())


def paid(town: TownOffice) -> object:
    return sum(row["amount"] for row in town.facts("bank_register"))


def test_a_register_from_the_banks_address_acts_once(town: TownOffice) -> None:
    assert send(town, register()).outcome == "accepted"
    assert paid(town) == total(PAID)
    assert send(town, register("again.txt")).outcome == "duplicate"
    assert town.hand_in_bytes(printed(), received=RECEIVED, mailbox="load").outcome == "duplicate"
    assert paid(town) == total(PAID)
    assert send(town, File("statement.txt", of_kaspi())).outcome == "accepted"
    assert town.facts("bank_statement")


def test_it_is_answered_where_it_came_from(town: TownOffice) -> None:
    home = town.office.home
    town.office.__dict__["home"] = replace(home, config=home.config.model_copy(update={"reply": "review"}))
    send(town, register())
    [reply] = town.office.journal.letters.all()
    assert reply.recipient == ADDRESS


def test_registers_of_another_bank_are_refused_whole(town: TownOffice) -> None:
    answer = send(town, register(), sender="reestr@halyk.example")
    assert (answer.outcome, answer.codes) == ("rejected", ["bank.another"])
    assert town.facts("bank_register") == []


def test_big_operators_never_take_a_register(town: TownOffice) -> None:
    headers = {"Authentication-Results": PROOF["Authentication-Results"].replace("{}", "kaspi.example")}
    answer = town.mail([register()], received=RECEIVED, sender=ADDRESS, headers=headers, mailbox="bigoperators")
    assert (answer.outcome, answer.codes) == ("rejected", ["bank.mailbox"])
    assert town.facts("bank_register") == []


@pytest.mark.parametrize("form", ["customers", "tariffs"])
def test_nothing_else_is_taken_from_a_bank(town: TownOffice, form: str) -> None:
    row = customer("B") if form == "customers" else {"service": "maintenance", "tariff": "1", "from_month": "10.2026"}
    answer = send(town, File("form.xlsx", town.form(form, [row])), SCAN)
    assert answer.outcome == "rejected" and "bank.other_form" in answer.codes
    folder = town.hand_in_bytes(town.form(form, [row]), received=RECEIVED, mailbox="banks")
    assert folder.outcome == "rejected" and "bank.other_form" in folder.codes


def test_the_folder_for_banks_takes_their_files(town: TownOffice) -> None:
    assert town.hand_in_bytes(printed(), received=RECEIVED, mailbox="banks").outcome == "accepted"
    assert paid(town) == total(PAID)


@pytest.mark.parametrize("sender", [email_of("A"), "stranger@kaspi.example"])
@pytest.mark.parametrize("mailbox", ["korrektirovki", "banks"])
def test_nobody_else_sends_registers(town: TownOffice, sender: str, mailbox: str) -> None:
    answer = town.mail(
        [File("r.xlsx", town.form("bank_register", [{}]))], received=RECEIVED, sender=sender, mailbox=mailbox
    )
    assert answer.outcome == ("quarantined" if sender != email_of("A") else "rejected")
    assert town.facts("bank_register") == []


def test_a_letter_of_a_bank_without_a_register_waits_for_a_person(town: TownOffice) -> None:
    answer = send(town, SCAN)
    assert answer.outcome == "held"
    assert [task.sender for task in town.office.journal.tasks.open()] == [ADDRESS]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "word",
    [
        "-",
        "evil.example; dkim=pass header.d=kaspi.example; dmarc=pass",
        "mx.alseco.example; dkim=none; spf=none; dmarc=none",
        "mx.alseco.example; dkim=pass header.d=other.example",
    ],
)
def test_a_letter_that_our_mail_server_does_not_prove_posts_nothing(town: TownOffice, word: str) -> None:
    """Anybody can write the bank's address, also in a letter that staff save and drop (6.2.7)."""
    answer = send(town, register(), word=word)
    assert answer.outcome in ("rejected", "quarantined") and town.facts("bank_register") == []
    assert answer.outcome == "quarantined" or "bank.unproven" in answer.codes
    assert town.hand_in_bytes(printed(), received=RECEIVED, mailbox="banks").outcome == "accepted"


def test_without_a_server_whose_word_is_looked_at_no_bank_posts_by_mail(asked: TownOffice) -> None:
    assert send(asked, register()).codes == ["bank.unproven"]


@pytest.mark.parametrize("proven", [False, True])
def test_a_fetched_letter_must_be_proven(town: TownOffice, proven: bool) -> None:
    """Anybody can write the bank's address; without our mail server's word no payment is posted (6.2.7)."""
    home = town.office.home
    config = home.config.model_copy(update={"authserv_id": "mx.alseco.example" if proven else ""})
    office = replace(town.office, home=replace(home, config=config))
    results = {"Authentication-Results": "mx.alseco.example; dkim=pass header.d=kaspi.example; dmarc=pass"}
    raw = letter(ADDRESS, [register()], "<1@kaspi>", "", "", results if proven else {})
    inbox, received = Inbox("korrektirovki", "korrektirovki@imap.alseco.example", "INBOX", 1), moment(RECEIVED)
    came = Incoming(raw, "INBOX-1.eml", inbox.mailbox, received.astimezone(ALMATY), place=inbox.place(1, len(raw)))
    [number] = office.journal.places.register(inbox, {1: write_raw(home.archive, came)}).values()
    decided = Pipeline(office, town.reader).decide(office.journal.arrivals.get(number))
    assert decided.outcome and decided.outcome.value == ("accepted" if proven else "rejected")
    assert paid(town) == (total(PAID) if proven else 0)
