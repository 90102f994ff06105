"""4.1.15, 4.3.2: what is wrong with a form is said by its code, with the cell and the remedy; nothing of it posts."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, payment
from tests.support.papers import SCAN, File, workbook

RECEIVED = "2026-08-20"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", area="50", tariff="30"),
        line("B", "1001", "heating", area="50", tariff="200", meter="H-1"),
        line("B", "1001", "cold_water", base="счётчик", meter="M-1", reading="100", tariff="80"),
    )


office = copies_of(town)


def tariff(**more: object) -> Row:
    return {"service": "maintenance", "base": "м²", "tariff": "35.50", "from_month": "10.2026", **more}


def recalculation(**more: object) -> Row:
    return {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10.00", **more}


def without_bin(office: TownOffice) -> bytes:
    return workbook(office.office.rules.forms["recalculations"], [recalculation()], {"Месяц учёта": "09.2026"}, "1")


def refused(office: TownOffice, answer: Answer, code: str) -> Any:
    """The form's only finding, which refuses it; nothing of the form stands in the ledger."""
    assert (answer.outcome, answer.errors) == ("rejected", [code])
    assert office.facts(answer.submissions[0]["form"]) == []
    found = answer.finding(code)
    assert found["severity"] == "error" and found["message"] and found["clause"]
    return found


def test_unknown_base_is_named_with_its_cell(office: TownOffice) -> None:
    found = refused(office, office.ingest("tariffs", [tariff(base="сотка")], received=RECEIVED), "base.unknown")
    assert (found["cell"], found["value"]) == ("C10", "сотка")


def test_form_without_rows_is_empty(office: TownOffice) -> None:
    refused(office, office.ingest("recalculations", [], received=RECEIVED), "form.empty")


def test_customers_form_is_no_register_for_load(office: TownOffice) -> None:
    refused(office, office.load("recalculations", [recalculation()]), "form.not_a_register")


def test_form_without_bin_from_nobody_has_no_customer(office: TownOffice) -> None:
    refused(office, office.hand_in_bytes(without_bin(office), received=RECEIVED), "customer.absent")


def test_form_without_bin_belongs_to_its_sender(office: TownOffice) -> None:
    got = office.mail([File("форма.xlsx", without_bin(office))], received=RECEIVED)
    assert (got.outcome, got.codes) == ("accepted", ["customer.by_sender"])
    assert got.finding("customer.by_sender")["severity"] == "warning"
    assert got.submissions[0]["customer"] == got.finding("customer.by_sender")["value"] == bin_of("A")


def test_form_without_bin_from_a_sender_of_two_customers_has_none(office: TownOffice) -> None:
    office.load_customers(customer("A", emails="two@office.example"), customer("B", emails="two@office.example"))
    letter = [File("форма.xlsx", without_bin(office))]
    refused(office, office.mail(letter, received=RECEIVED, sender="two@office.example"), "customer.absent")


def with_letterhead(office: TownOffice, line: str) -> list[File]:
    made, sink = openpyxl.load_workbook(io.BytesIO(without_bin(office))), io.BytesIO()
    made.active.insert_rows(1)
    made.active["A1"] = line
    made.save(sink)
    return [File("форма.xlsx", sink.getvalue())]


LETTERHEADS = ["ОСИ, БИН {bin}, ИИК KZ298566784726714751", "БИН: {bin}, тел. 300-12-45", "БИН/ИИН: {bin} КБе 19"]


@pytest.mark.parametrize("line", LETTERHEADS)
def test_a_letterhead_says_which_of_the_senders_customers_a_form_is_of(office: TownOffice, line: str) -> None:
    office.load_customers(customer("A", emails="two@office.example"), customer("B", emails="two@office.example"))
    letter = with_letterhead(office, line.format(bin=bin_of("A")))
    got = office.mail(letter, received=RECEIVED, sender="two@office.example")
    assert (got.outcome, got.codes, got.submissions[0]["customer"]) == ("accepted", [], bin_of("A"))


def test_a_letterhead_with_the_addressee_too_is_the_senders(office: TownOffice) -> None:
    letter = with_letterhead(office, f"ОСИ, БИН {bin_of('A')}; кому: ТОО, БИН {bin_of('B')}")
    assert office.mail(letter, received=RECEIVED).codes == []


def test_a_letterhead_of_two_of_the_senders_customers_says_neither(office: TownOffice) -> None:
    office.load_customers(customer("A", emails="two@office.example"), customer("B", emails="two@office.example"))
    letter = with_letterhead(office, f"БИН {bin_of('A')} и БИН {bin_of('B')}")
    refused(office, office.mail(letter, received=RECEIVED, sender="two@office.example"), "customer.absent")


def test_a_letterhead_of_somebody_else_is_no_reason_to_be_silent(office: TownOffice) -> None:
    got = office.mail(with_letterhead(office, f"ОСИ, БИН {bin_of('B')}"), received=RECEIVED)
    assert got.codes == ["customer.by_sender"]


def test_workbook_that_is_no_form_beside_one_that_is_counts_as_a_document(office: TownOffice) -> None:
    """4.3.2: a plus awaits documents; the calculation beside it is one, and the sender hears how it was taken."""
    book, sink = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Расчёт", 10])
    book.save(sink)
    form = File("форма.xlsx", office.form("recalculations", [recalculation(amount="10.00")]))
    got = office.mail([form, File("расчёт.xlsx", sink.getvalue())], received=RECEIVED)
    assert (got.outcome, len(got.submissions), got.codes) == ("accepted", 1, ["attachment.not_a_form"])
    assert got.finding("attachment.not_a_form")["value"] == "расчёт.xlsx"
    assert office.mail([form], received=RECEIVED).codes == ["submission.duplicate"]


def test_document_of_words_beside_a_form_without_a_plus_is_told_as_no_form(office: TownOffice) -> None:
    """4.3.2.4: a minus needs no documents, so the file beside it proves nothing and may be meant as a form; beside a
    plus it is the proof."""
    words = File("показания.rtf", b"{\\rtf1 1;2;3}")
    minus, plus = (
        office.mail(
            [File("ф.xlsx", office.form("recalculations", [recalculation(amount=sum_)])), words], received=RECEIVED
        )
        for sum_ in ("-11.00", "12.00")
    )
    assert (minus.outcome, "attachment.not_a_form" in minus.codes) == ("accepted", True)
    assert (plus.outcome, "attachment.not_a_form" in plus.codes) == ("accepted", False)


def test_tariff_older_than_36_months_is_refused(office: TownOffice) -> None:
    """4.3.2.1: 36 months before the month of account, 09.2026, still pass; the finding names the limit."""
    old, oldest = ([tariff(from_month=month)] for month in ("08.2023", "09.2023"))
    got = office.ingest("tariffs", old, received=RECEIVED, month="09.2026", documents=[SCAN])
    assert "09.2023" in refused(office, got, "month.too_old")["message"]
    got = office.ingest("tariffs", oldest, received=RECEIVED, month="09.2026", documents=[SCAN])
    assert (got.outcome, "month.too_old" in got.codes) == ("accepted", False)


def test_reading_of_a_line_charged_by_area_is_refused(office: TownOffice) -> None:
    row = {"account": "1001", "service": "heating", "meter": "H-1", "current": "110"}
    found = refused(office, office.ingest("meter_readings", [row], received=RECEIVED, by="B"), "line.not_metered")
    assert "Отопление" in found["message"]


def test_undelivered_days_of_a_service_that_is_no_utility_are_refused(office: TownOffice) -> None:
    """4.1.5: the same row for a utility line passes."""
    office.load_directory(line("B", "1001", "maintenance", area="50", tariff="30"))
    row = {"account": "1001", "from_date": "03.08.2026", "to_date": "04.08.2026", "days": "2"}
    wrong = office.ingest("undelivered", [{**row, "service": "maintenance"}], received=RECEIVED, by="B")
    assert "Содержание дома" in refused(office, wrong, "service.not_utility")["message"]
    right = office.ingest("undelivered", [{**row, "service": "heating"}], received=RECEIVED, by="B")
    assert (right.outcome, right.codes) == ("accepted", [])


def test_account_at_two_addresses_in_a_directory_is_warned(office: TownOffice) -> None:
    """2.1.11: loaded all the same, with the account named."""
    got = office.load_directory(
        line("A", "2001", "maintenance", house="H-1", area="50", tariff="30"),
        line("A", "2001", "cleaning", house="H-2", base="кв.", tariff="500"),
        line("A", "2002", "maintenance", house="H-2", area="50", tariff="30"),
    )
    assert got.finding("directory.two_addresses")["value"] == "2001"
    assert got.finding("directory.two_addresses")["severity"] == "warning"


def test_banks_register_without_a_control_row_is_warned(office: TownOffice) -> None:
    """4.1.7: taken, for the sums may be right; staff hear that nothing proves it."""
    rows = [payment("1001", "100.00", to="A")]
    assert office.load("bank_register", rows, "2026-09-06").codes == []
    more = [payment("1001", "50.00", number="2")]
    got = office.load("bank_register", more, "2026-09-06", Количество="", Сумма="")
    assert (got.outcome, got.codes) == ("accepted", ["register.no_control"])
    assert got.finding("register.no_control")["severity"] == "warning"


def test_a_letter_for_a_digit_in_an_account_of_a_directory_is_told(office: TownOffice) -> None:
    """It would make an account beside the right one (2.1.11); an account that is known, and one where none is of
    digits, may have letters."""
    rows = [line("A", number, "maintenance", area="50", tariff="30") for number in ("2001", "200l", "20O4")]
    refused = office.load("directory", rows).finding("value.letter_for_digit")
    assert (refused["severity"], refused["value"]) == ("error", "200l") and "l → 1" in refused["message"]
    assert {"2001", "200l"}.isdisjoint(fact["account"] for fact in office.facts("directory"))
    warned = office.load_directory(rows[0], rows[2]).finding("account.letter_for_digit")
    assert (warned["severity"], warned["value"]) == ("warning", "20O4") and "O → 0" in warned["message"]
    assert set(office.load_directory(rows[0], rows[2]).codes) == {"row.unchanged"}, "it is known now"
    lettered = [line("A", number, "maintenance", area="50", tariff="30") for number in ("O-21", "O-22")]
    assert office.load_directory(*lettered).codes == []
