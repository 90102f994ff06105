"""4.3.3, 6.2.7, 7.1: a letter alone never moves money. A forged, a repeated and a genuine letter of a hijacked mailbox
change no account without a person's confirmation, and every address known before is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.core.model import Outcome
from inbox_worker.deciding.admit import admit
from inbox_worker.deciding.typed_letters import LetterWords, act_on_letter
from inbox_worker.ledger.letters import NOTICE
from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import find_held, make_orders
from inbox_worker.receiving.store import Incoming
from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import SCAN, File

OWN, THIEFS, LEFT = "KZ248562203110182134", "KZ75125KZT1001300335", "KZ306017131000012345"
TRANSIT = "KZ28722S000001013958"
SERVER = "mx.alseco.example"
PASSED = {"Authentication-Results": f"{SERVER}; dkim=pass header.d=a.example; dmarc=pass header.from=a.example"}
FAILED = {"Authentication-Results": f"{SERVER}; dkim=none; spf=fail smtp.mailfrom=a.example; dmarc=fail"}
BOTH = {"office@a.example", "director@a.example"}


def build(office: TownOffice) -> None:
    office.load_customers(customer("A", bic="KCJBKZKX", iban=OWN, emails="; ".join(sorted(BOTH)), utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("A", "1001", "heating", tariff="10", area="50"),
    )  # fmt: skip
    bank = {"bic": "CASPKZKA", "name": "АО «Банк»", "emails": "b@bank.example", "format": "1C", "iban": TRANSIT}
    assert office.load("banks", [bank]).outcome == "accepted"


copied = copies_of(build)


@pytest.fixture
def office(copied: TownOffice) -> TownOffice:
    copied.ask_mail_server(SERVER)
    return copied


def account(becomes: str = THIEFS) -> Row:
    return {"indicator": "ИИК", "becomes": becomes, "changed_on": "01.09.2026"}


def send(
    office: TownOffice, *rows: Row, form: str = "requisites", day: str = "2026-09-02", text: str = "",
    headers: Mapping[str, str] = PASSED, message_id: str = "",
) -> Answer:  # fmt: skip
    book = File(f"{form}.xlsx", office.form(form, rows))
    box = office.office.rules.forms[form].mailbox
    return office.mail([book], received=day, mailbox=box, text=text, headers=headers, message_id=message_id)


def told(office: TownOffice, form: str) -> set[str]:
    return {one.recipient for one in office.office.journal.letters.all() if (one.kind, one.document) == (NOTICE, form)}


def pay(office: TownOffice, day: int) -> tuple[dict[str, D], D]:
    """Let a payer pay 1000 and the orders of the day be made: the sum by account, and what waits."""
    number = str(day)
    office.load_payments(payment("1001", "1000", day=f"{day:02}.09.2026", number=number), now=f"2026-09-{day:02}")
    now = moment(f"2026-09-{day:02}T18:00:00")
    distribute(office.office, now)
    sums: dict[str, D] = {}
    for order in make_orders(office.office, now):
        sums[order.iban] = sums.get(order.iban, D(0)) + order.amount
    return sums, sum((held.amount for held in find_held(office.office, now.date())), D(0))


def known(office: TownOffice) -> tuple[str, str]:
    found = office.office.journal.customers.on(date(2026, 12, 31))[bin_of("A")]
    return found.iban, found.own_account


def decline(office: TownOffice, day: str) -> None:
    """Staff end the tasks: nobody at the known telephone knows of it."""
    tasks = office.office.journal.tasks
    with office.office.journal.transaction() as connection:
        tasks.finish(connection, [task.id for task in tasks.open()], moment(day), "operator", "не подтвердили")


def test_a_forged_letter_stops_nothing_and_admitted_it_still_waits_for_a_confirmation(office: TownOffice) -> None:
    answer = send(office, account(), headers=FAILED)
    assert (answer.outcome, known(office)) == ("quarantined", (OWN, ""))
    assert pay(office, 8) == ({OWN: D("988.00")}, 0), "a stranger cannot stop the Customer's money either"
    admitted = admit(office.pipeline, answer.arrival.id, bin_of("A"), "Сауле", moment("2026-09-08T19:00:00"))
    assert admitted.outcome is Outcome.HELD and known(office) == (OWN, "")
    assert told(office, f"{answer.arrival.id}-1") == BOTH
    assert pay(office, 9)[0].get(THIEFS) is None


def test_a_letter_that_nobody_proved_waits_and_is_told(office: TownOffice) -> None:
    answer = send(office, account(), headers={})
    assert answer.outcome == "held" and known(office) == (OWN, "") and told(office, answer.id) == BOTH
    sums, waits = pay(office, 8)
    assert (sums, waits) == ({}, D("988.00"))
    decline(office, "2026-09-08T19:00:00")
    sums, waits = pay(office, 9)
    assert (set(sums), waits, known(office)) == ({OWN}, 0, (OWN, ""))


@pytest.mark.slow
def test_an_earlier_letter_sent_again_does_not_bring_the_earlier_account_back(office: TownOffice) -> None:
    """The Customer left the account LEFT for OWN; whoever holds LEFT now sends the old letter once more."""
    first = send(office, account(LEFT), message_id="<first@a.example>")
    office.confirm(first.id, "звонок", "2026-09-02")
    back = send(office, account(OWN), day="2026-09-03", message_id="<back@a.example>")
    office.confirm(back.id, "звонок", "2026-09-03")
    assert known(office) == (OWN, "")
    raw = (office.office.home.archive / first.arrival.raw).read_bytes()
    same = office.pipeline.ingest(Incoming(raw, "copy.eml", first.arrival.mailbox, moment("2026-09-04")))
    again = send(office, account(LEFT), day="2026-09-05", message_id="<again@a.example>")
    assert same.outcome is Outcome.DUPLICATE and known(office) == (OWN, "")
    assert again.outcome == "held" and told(office, again.id) == BOTH
    assert pay(office, 8) == ({}, D("988.00"))
    decline(office, "2026-09-08T19:00:00")
    sums, _ = pay(office, 9)
    assert (set(sums), known(office)) == ({OWN}, (OWN, ""))


@pytest.mark.quick(r"\u0418\u0418\u041a")
@pytest.mark.parametrize("kind", ["ИИК", "собственный счёт"])
def test_a_hijacked_mailbox_moves_no_money_and_cannot_confirm_itself(office: TownOffice, kind: str) -> None:
    """The letter is genuine to every server; its thief also answers it, and sends it again."""
    own = {"kind": kind, "event_on": "01.09.2026", "parameter": f"{THIEFS} NBRKKZKX", "basis": "Письмо"}
    form, row = ("requisites", account()) if kind == "ИИК" else ("notice", own)
    answer = send(office, row, form=form)
    assert answer.outcome == "held" and told(office, answer.id) == BOTH
    reply = office.mail([], received="2026-09-03", text=f"Подтверждаем {answer.id}, проводите.", headers=PASSED)
    assert reply.outcome == "held" and known(office) == (OWN, "")
    again = send(office, row, form=form, day="2026-09-04", message_id="<again@a.example>")
    assert again.outcome == "held" and told(office, again.id) == BOTH
    sums, waits = pay(office, 8)
    assert (sums, waits) == (({}, D("988.00")) if kind == "ИИК" else ({OWN: D("494.00")}, D("494.00")))
    decline(office, "2026-09-08T19:00:00")
    sums, waits = pay(office, 9)
    assert (set(sums), waits, known(office)) == ({OWN}, 0, (OWN, ""))


def test_a_thief_who_changes_the_address_first_is_told_of_at_the_old_ones(office: TownOffice) -> None:
    """An address that waits for its confirmation sends nothing; one that was confirmed is not alone in being told."""
    address = send(office, {"indicator": "E-mail", "becomes": "thief@evil.example", "changed_on": "01.09.2026"})
    assert address.outcome == "held" and told(office, address.id) == BOTH
    book = File("r.xlsx", office.form("requisites", [account()]))
    box = office.office.rules.forms["requisites"].mailbox
    from_new = office.mail([book], received="2026-09-03", mailbox=box, sender="thief@evil.example")
    assert from_new.outcome == "quarantined" and known(office) == (OWN, "")
    both = send(
        office, account(), {"indicator": "E-mail", "becomes": "thief@evil.example", "changed_on": "01.09.2026"},
        day="2026-09-04",
    )  # fmt: skip
    assert told(office, both.id) == BOTH
    office.confirm(both.id, "по телефону из письма", "2026-09-05")  # staff were deceived
    after = [one for one in office.office.journal.letters.all() if (one.kind, one.document) == (NOTICE, both.id)]
    assert {one.recipient for one in after[len(BOTH) :]} >= BOTH, "the old addresses hear that it acts now"


# --- by other ways than a letter ------------------------------------------------------------------------------------


def register(office: TownOffice, day: str, **changes: object) -> Answer:
    """Staff load the register of Customers, typed from a letter that was forwarded to them."""
    row = {"bic": "KCJBKZKX", "iban": OWN, "emails": "; ".join(sorted(BOTH)), "utilities": True, **changes}
    return office.load("customers", [customer("A", **row)], now=day)


def held_form(office: TownOffice, form: str) -> str:
    """The number of the one form of its kind that waits."""
    [one] = [one for one in office.office.journal.submissions.all() if one.outcome is Outcome.HELD and one.form == form]
    return one.id


def test_a_register_that_takes_an_own_account_away_needs_nobody(office: TownOffice) -> None:
    own = {"kind": "собственный счёт", "event_on": "01.09.2026", "parameter": f"{LEFT} CASPKZKA", "basis": "Письмо"}
    office.confirm(send(office, own, form="notice").id, "звонок", "2026-09-02")
    assert known(office) == (OWN, LEFT)
    register(office, "2026-09-03", own_account="", counts_from="03.09.2026")
    assert known(office) == (OWN, "") and not office.office.journal.tasks.open()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["register", "form"])
def test_the_old_addresses_hear_of_an_account_after_the_address_was_changed(office: TownOffice, way: str) -> None:
    """Staff were deceived once, about the address; the letter from the new one is told of at the old ones, and who
    confirms it reads since when the address is new, and by which telephone to ask."""
    if way == "register":
        register(office, "2026-09-02", emails="thief@evil.example", phone="+7 700 666 66 66")
    else:
        rows = [{"indicator": what, "becomes": becomes, "changed_on": "01.09.2026"}
                for what, becomes in (("E-mail", "thief@evil.example"), ("Телефон", "+7 700 666 66 66"))]  # fmt: skip
        office.confirm(send(office, *rows).id, "по телефону из письма", "2026-09-02")
    book = File("r.xlsx", office.form("requisites", [account()]))
    box = office.office.rules.forms["requisites"].mailbox
    proof = {
        "Authentication-Results": f"{SERVER}; dkim=pass header.d=evil.example; dmarc=pass header.from=evil.example"
    }
    letter = office.mail([book], received="2026-09-10", mailbox=box, sender="thief@evil.example", headers=proof)
    assert letter.outcome == "held" and told(office, letter.id) >= BOTH
    [task] = [task for task in office.office.journal.tasks.open() if task.submission == letter.id]
    assert "+7 727 300 00 00" in task.what and "02.09.2026" in task.what
    assert pay(office, 11)[0] == {} and known(office) == (OWN, "")


def test_a_telephone_that_changes_with_the_account_is_named_to_who_confirms(office: TownOffice) -> None:
    phone = {"indicator": "Телефон", "becomes": "+7 700 666 66 66", "changed_on": "01.09.2026"}
    answer = send(office, account(), phone)
    [task] = office.office.journal.tasks.open()
    assert task.submission == answer.id and "+7 727 300 00 00" in task.what


def test_a_head_of_a_hijacked_mailbox_waits_and_moves_no_money(office: TownOffice) -> None:
    """4.3.4: with every document that the form needs it is a person's still, and the account stays."""
    row = {"name": "Новый Директор", "role": "Директор", "minutes": "№ 4 от 27.08.2026",
           "appointment": "№ 11-к от 28.08.2026", "changed_on": "01.09.2026"}  # fmt: skip
    book = File("representative.xlsx", office.form("representative", [row]))
    box = office.office.rules.forms["representative"].mailbox
    answer = office.mail([book, SCAN], received="2026-09-02", mailbox=box, headers=PASSED)
    assert answer.outcome == "held" and told(office, answer.id) == BOTH
    assert set(pay(office, 8)[0]) == {OWN}
    decline(office, "2026-09-08T19:00:00")
    assert office.office.journal.customers.on(date(2026, 12, 31))[bin_of("A")].head == ""


def test_what_staff_make_of_a_letter_of_words_waits_as_well(office: TownOffice) -> None:
    """`tasks done --as notice` of a hijacked mailbox's letter: one person's word is no second confirmation."""
    letter = office.mail([], received="2026-09-02", text="Прошу платить на новый счёт.", headers=PASSED)
    assert letter.outcome == "held"
    [task] = office.office.journal.tasks.open()
    own = {"kind": "собственный счёт", "event_on": "02.09.2026", "parameter": f"{THIEFS} NBRKKZKX"}
    said = LetterWords("notice", kind=own["kind"], day=date(2026, 9, 2), parameter=own["parameter"])
    act_on_letter(office.pipeline, task, said, moment("2026-09-03"))
    number = held_form(office, "notice")
    assert known(office) == (OWN, "") and told(office, number) == BOTH
    assert pay(office, 8) == ({OWN: D("494.00")}, D("494.00"))
