"""4.3.3: confirmed requisites and heads act by themselves, from the day of confirmation or the later day they name."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import docx
import openpyxl
import pytest

from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Customer, Period
from inbox_worker.explain.explain import explain_anything
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.letters import NOTICE, Delivery
from inbox_worker.month.customer_proof import find_changed_customers
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.receipt_letter import receipt_letter
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment
from tests.support.papers import SCAN, File

OLD, NEW, OTHER = "KZ28722S000001013958", "KZ75125KZT1001300335", "KZ86125KZT5004100100"
TWO = "office@a.example; director@a.example"


def row(what: str, becomes: object, changed: str = "18.08.2026", was: object = "") -> dict[str, object]:
    return {"indicator": what, "was": was, "becomes": becomes, "changed_on": changed}


def known(office: TownOffice, day: str) -> Customer:
    return office.office.journal.customers.on(date.fromisoformat(day))[bin_of("A")]


def notices(office: TownOffice) -> list[Delivery]:
    return [letter for letter in office.office.journal.letters.all() if letter.kind == NOTICE]


def told(office: TownOffice, number: str) -> list[str]:
    form = office.office.journal.submissions.get(number)
    assert form
    return [finding.code for finding in office.office.journal.submissions.findings_of(form.arrival, form.id)]


@pytest.mark.parametrize(
    ("changed", "confirmed", "last_old", "first_new"),
    [
        ("18.08.2026", "2026-08-24", "2026-08-23", "2026-08-24"),  # not before somebody confirmed it
        ("01.09.2026", "2026-08-24", "2026-08-31", "2026-09-01"),  # not before the day it names
    ],
)
def test_an_account_counts_from_the_later_of_both_days(
    office: TownOffice, changed: str, confirmed: str, last_old: str, first_new: str
) -> None:
    office.load_customers(customer("A"))
    held = office.ingest("requisites", [row("ИИК", NEW, changed, OLD)], received="2026-08-20")
    assert (held.outcome, held.month, known(office, "2026-09-30").iban) == ("held", None, OLD)
    [posted] = office.confirm(held.id, "звонок директору", confirmed)
    assert (posted.outcome.value, posted.month) == ("accepted", None)
    assert (known(office, last_old).iban, known(office, first_new).iban) == (OLD, NEW)
    assert "register.changed" in told(office, held.id) and "register.by_hand" not in told(office, held.id)
    assert list(find_changed_customers(office.office.journal, office.office.home.ledger)) == []
    task = office.office.journal.tasks.find(posted.task or "")
    assert task and task.done_at == moment(confirmed)
    page = describe_contract(office.office, bin_of("A"), date.fromisoformat(first_new))
    assert page["requisites"]["iban"] == NEW
    assert page["told"][-1] == {"from": first_new, "stated": confirmed, "by": "звонок директору", "source": held.id}


def test_every_requisite_of_the_register_changes_and_the_rest_is_a_persons(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    rows = [
        row("Наименование", "ТОО «Новое имя»"), row("БИК", "IRTYKZKA"), row("КБе", "19"),
        row("E-mail", "a@b.kz; c@d.kz"), row("Адрес", "г. Алматы, ул. Абая, 10"),
        row("Телефон", "+7 701 000 11 22"), row("БИН", "971240003619"),
    ]  # fmt: skip
    held = office.ingest("requisites", rows, received="2026-08-20")
    [posted] = office.confirm(held.id, "звонок", "2026-08-21")
    now = known(office, "2026-08-21")
    assert (now.name, now.bic, now.kbe, now.address) == ("ТОО «Новое имя»", "IRTYKZKA", "19", "г. Алматы, ул. Абая, 10")
    assert (now.emails, now.bin) == (("a@b.kz", "c@d.kz"), bin_of("A"))
    assert now.phone == "+7 701 000 11 22"
    assert told(office, held.id).count("register.by_hand") == 1
    task = office.office.journal.tasks.find(posted.task or "")
    assert task and not task.done_at, "what did not act is still a person's work"


def test_documents_of_a_day_print_what_was_true_on_it(office: TownOffice) -> None:
    office.load_customers(customer("A", head="Иванов И. И."))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="1000"))
    papers = {"minutes": "№ 4 от 01.10.2026", "appointment": "№ 11-к от 01.10.2026"}
    new = {"name": "Петрова П. П.", "role": "Директор", "changed_on": "01.10.2026", **papers}
    held = office.ingest("representative", [new], received="2026-10-02", documents=[SCAN])
    office.confirm(held.id, "протокол показан", "2026-10-05")
    assert (known(office, "2026-10-04").head, known(office, "2026-10-05").head) == ("Иванов И. И.", "Петрова П. П.")
    for month, made, head in (("2026-09", "2026-10-07", "Иванов И. И."), ("2026-10", "2026-11-05", "Петрова П. П.")):
        office.close(month, made)
        paths = render_documents(office.office, Period.parse(month), ["act"], bin_of("A"), moment(made))
        act = docx.Document(str(next(path for path in paths if path.suffix == ".docx")))
        text = "\n".join(cell.text for table in act.tables for line_ in table.rows for cell in line_.cells)
        text += "\n".join(paragraph.text for paragraph in act.paragraphs)
        assert head in text


def test_the_papers_that_come_last_let_a_confirmed_head_act(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    papers = {"minutes": "№ 4 от 17.08.2026", "appointment": "№ 11-к от 18.08.2026"}
    new = {"name": "Петрова П. П.", "role": "Директор", "changed_on": "18.08.2026", **papers}
    held = office.ingest("representative", [new], received="2026-08-20")
    office.confirm(held.id, "звонок", "2026-08-20")
    assert known(office, "2026-12-31").head == ""
    office.mail([SCAN], received="2026-08-24", text=f"К форме {held.id}")
    assert (known(office, "2026-08-23").head, known(office, "2026-08-24").head) == ("", "Петрова П. П.")
    assert not office.office.journal.tasks.open(), "nothing of it waits for a person any more"


def test_a_change_of_a_later_day_outlives_what_is_told_meanwhile(office: TownOffice) -> None:
    """The account of 1 October stands, though the head changes and a register is loaded in September."""
    office.load_customers(customer("A"))
    later = office.ingest("requisites", [row("ИИК", NEW, "01.10.2026")], received="2026-09-01")
    office.confirm(later.id, "звонок", "2026-09-02")
    address = office.ingest("requisites", [row("Адрес", "ул. Абая, 10", "03.09.2026")], received="2026-09-03")
    office.confirm(address.id, "звонок", "2026-09-04")
    assert office.load("customers", [customer("A", head="Петров")], now="2026-09-10").outcome == "accepted"
    before, after = known(office, "2026-09-30"), known(office, "2026-10-01")
    assert (before.iban, before.address, before.head) == (OLD, "ул. Абая, 10", "Петров")
    assert (after.iban, after.address, after.head) == (NEW, "ул. Абая, 10", "Петров")


def test_an_old_export_of_the_register_does_not_take_a_confirmed_account_back(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    held = office.ingest("requisites", [row("ИИК", NEW)], received="2026-08-20")
    office.confirm(held.id, "звонок", "2026-08-21")
    for day, head in (("2026-08-24", "Петров"), ("2026-08-25", "Сидоров")):
        loaded = office.load("customers", [customer("A", head=head)], now=day)
        assert NEW in loaded.finding("register.kept")["message"]
        assert (known(office, day).iban, known(office, day).head) == (NEW, head)
    office.load("customers", [customer("A", head="Сидоров", counts_from="26.08.2026")], now="2026-08-26")
    assert (known(office, "2026-08-25").iban, known(office, "2026-08-26").iban) == (NEW, OLD), "said on purpose"


def test_the_addresses_known_before_are_told_when_it_comes_and_when_it_acts(office: TownOffice) -> None:
    office.load_customers(customer("A", emails=TWO))
    held = office.ingest("requisites", [row("E-mail", "thief@evil.example")], received="2026-08-20")
    both = ["office@a.example", "director@a.example"]  # the sender, too: without a mail server he gets no answer
    assert [(one.recipient, one.document, one.state) for one in notices(office)] == [
        (address, held.id, "review") for address in both
    ]
    office.confirm(held.id, "звонок", "2026-08-21")
    assert [letter.recipient for letter in notices(office)] == both * 2
    text = receipt_letter(office.office, notices(office)[-1], moment("2026-08-21"), 10**6).text
    assert "thief@evil.example" in text and "office@a.example" in text and "E-mail" in text
    assert known(office, "2026-08-21").emails == ("thief@evil.example",)


def test_a_notice_tells_nothing_of_another_customer(office: TownOffice) -> None:
    """One accountant keeps A and B; A's director hears of A's form alone (4.7)."""
    office.load_customers(customer("A", emails=TWO), customer("B", emails="office@a.example; boss@b.example"))
    forms = [File(f"{by}.xlsx", office.form("requisites", [row("ИИК", NEW)], by=by)) for by in "AB"]
    office.mail(forms, received="2026-08-20")
    texts = {
        one.recipient: receipt_letter(office.office, one, moment("2026-08-20"), 10**6).text for one in notices(office)
    }
    assert set(texts) >= {"director@a.example", "boss@b.example"}
    assert bin_of("B") not in texts["director@a.example"] and bin_of("A") not in texts["boss@b.example"]


def test_a_reply_to_a_notice_after_the_change_is_a_task(office: TownOffice) -> None:
    """`It was not us` is heard also when the form has acted."""
    office.load_customers(customer("A", emails=TWO))
    held = office.ingest("requisites", [row("ИИК", NEW)], received="2026-08-20")
    office.confirm(held.id, "звонок", "2026-08-21")
    reply = office.mail(
        [], received="2026-08-22", sender="director@a.example", references=notices(office)[-1].message_id,
        text="Это не мы!",
    )  # fmt: skip
    assert reply.outcome == "held"
    assert [task.submission for task in office.office.journal.tasks.open()] == [held.id]


@pytest.mark.parametrize("headers", [{}, {"Authentication-Results": "mx.example; dkim=fail; spf=fail; dmarc=fail"}])
def test_a_spoofed_letter_changes_nothing_and_its_owner_is_told(office: TownOffice, headers: dict[str, str]) -> None:
    office.load_customers(customer("A", emails=TWO))
    office.mail(
        [File("f.xlsx", office.form("requisites", [row("ИИК", NEW)]))],
        received="2026-08-20", headers=headers,
    )  # fmt: skip
    assert known(office, "2027-12-31").iban == OLD


def test_a_replayed_letter_changes_nothing(office: TownOffice) -> None:
    """The old letter, sent again by whoever has it, after the Customer moved on to a third account."""
    office.load_customers(customer("A"))
    book = File("form.xlsx", office.form("requisites", [row("ИИК", NEW, "18.08.2026", OLD)]))
    first = office.mail([book], received="2026-08-20")
    office.confirm(first.id, "звонок", "2026-08-20")
    second = office.ingest("requisites", [row("ИИК", OTHER, "24.08.2026", NEW)], received="2026-08-24")
    office.confirm(second.id, "звонок", "2026-08-24")
    assert office.mail([book], received="2026-08-25").outcome == "duplicate"
    again = office.ingest("requisites", [row("ИИК", NEW, "24.08.2026", OLD)], received="2026-08-25")
    assert again.outcome == "rejected" and "requisite.old_differs" in again.codes
    assert known(office, "2027-12-31").iban == OTHER


def test_a_hijacked_mailbox_cannot_confirm_itself(office: TownOffice) -> None:
    """A genuine letter of a thief, his reply that it is right, his own papers: only `confirm` moves money's way."""
    office.load_customers(customer("A"))
    held = office.ingest("requisites", [row("ИИК", NEW)], received="2026-08-20")
    office.mail([SCAN], received="2026-08-21", text=f"Подтверждаем форму {held.id}")
    office.mail([], received="2026-08-21", text=f"Подтверждаем {held.id}")
    assert known(office, "2027-12-31").iban == OLD
    swapped = office.ingest("requisites", [row("ИИК", OTHER)], received="2026-08-22", replaces=held.id)
    assert swapped.outcome == "held" and known(office, "2027-12-31").iban == OLD
    office.confirm(held.id, "директор подтвердил первую форму", "2026-08-23")
    assert known(office, "2027-12-31").iban == NEW, "what was confirmed, not what took its place"
    [refused] = office.confirm(swapped.id, "по ошибке", "2026-08-24")
    assert refused.outcome.value == "rejected" and known(office, "2027-12-31").iban == NEW


def test_a_form_that_changed_the_register_cannot_be_replaced_whole(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    held = office.ingest("requisites", [row("ИИК", NEW)], received="2026-08-20")
    office.confirm(held.id, "звонок", "2026-08-20")
    second = office.ingest("requisites", [row("БИК", "NBRKKZKX")], received="2026-08-21", replaces=held.id)
    assert (second.outcome, second.codes) == ("rejected", ["replaces.acted"])


def test_it_is_an_act_of_a_person_and_explained(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    held = office.ingest("requisites", [row("ИИК", NEW)], received="2026-08-20")
    office.confirm(held.id, "звонок", "2026-08-21")
    acts = {act.act: act for act in find_acts(office.office.journal.database)}
    assert acts["customer changed"].subject == bin_of("A")
    assert NEW in acts["customer changed"].details and held.id in acts["customer changed"].details
    assert acts["confirm"].subject == held.id
    lines = "\n".join(explain_anything(office.office, held.id, "", TODAY))
    assert NEW in lines and "звонок" in lines


def test_what_a_register_does_not_say_is_not_told_as_taken_away(office: TownOffice) -> None:
    """A sheet without `Действует до` told both that the day was replaced by nothing and that it stays."""
    office.load("customers", [customer("A", valid_until="31.12.2029")], now="2026-08-01")
    book = openpyxl.load_workbook(io.BytesIO(office.form("customers", [customer("A")], by="")))
    sheet, header = book.active, office.office.rules.forms["customers"].column("valid_until").ru
    at = [cell.column for cell in sheet[sheet.max_row - 1] if cell.value == header]
    for column in at:
        sheet.delete_cols(column)
    sink = io.BytesIO()
    book.save(sink)
    answer = office.hand_in_bytes(sink.getvalue(), received="2026-08-02", mailbox="load")
    assert answer.outcome == "accepted" and "row.replaced" not in answer.codes
    assert answer.codes.count("register.column_absent") == 1
    assert known(office, "2026-08-02").valid_until == date(2029, 12, 31)


def test_a_register_without_a_column_takes_nothing_away_by_it(office: TownOffice) -> None:
    """An older export has no own account (7.1), price (4.8) or ban (4.2.7): what is known stays and is told; an empty
    cell takes it away."""
    told_once = {"own_account": NEW, "price": "0,75", "no_depersonalised": "да", "phone": "+7 727 300 00 01"}
    office.load("customers", [customer("A", **told_once)], now="2026-08-01")
    narrow = ("own_account", "price", "no_depersonalised", "phone")
    book = openpyxl.load_workbook(io.BytesIO(office.form("customers", [customer("A") | {"name": "ТОО «Иное»"}], by="")))
    sheet, words = book.active, office.office.rules.forms["customers"]
    for column in range(sheet.max_column, 0, -1):
        if sheet.cell(sheet.max_row - 1, column).value in {words.column(name).ru for name in narrow}:
            sheet.delete_cols(column)
    sink = io.BytesIO()
    book.save(sink)
    answer = office.hand_in_bytes(sink.getvalue(), received="2026-08-02", mailbox="load")
    assert answer.outcome == "accepted" and answer.codes.count("register.column_absent") == 4
    now = known(office, "2026-08-02")
    assert (now.name, now.own_account, now.price, now.no_depersonalised, now.phone) == (
        "ТОО «Иное»", NEW, Decimal("0.75"), True, "+7 727 300 00 01",
    )  # fmt: skip
    assert list(find_changed_customers(office.office.journal, office.office.home.ledger)) == []
    office.load("customers", [customer("A", phone="+7 727 300 00 01")], now="2026-08-03")
    now = known(office, "2026-08-03")
    assert (now.own_account, now.price, now.no_depersonalised) == ("", None, False)
    assert list(find_changed_customers(office.office.journal, office.office.home.ledger)) == []


def test_every_version_is_proved_by_its_own_register_however_often_it_is_loaded(office: TownOffice) -> None:
    """A later load takes the place of the facts, not of what was told then (4.1.17)."""
    for day, address in (("2026-08-01", "ул. Абая, 1"), ("2026-08-02", "ул. Абая, 2"), ("2026-08-03", "ул. Абая, 3")):
        office.load("customers", [customer("A", address=address)], now=day)
    assert len(office.office.journal.customers.versions(bin_of("A"))) == 3
    assert list(find_changed_customers(office.office.journal, office.office.home.ledger)) == []
