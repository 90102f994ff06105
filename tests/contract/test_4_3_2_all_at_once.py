"""4.3.2: the first answer to a form says all that is wrong with it, whatever step would have found it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest

from inbox_worker.forms.sheet_words import judges
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import Row, TownOffice, customer, line
from tests.support.papers import SCAN, File


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("all_at_once") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True), customer("B"))
        mine = [line("A", number, "maintenance", tariff="31.4155", area="65.30") for number in ("1001", "1002", "1003")]
        office.load_directory(*mine, line("B", "2001", "maintenance", tariff="31.4155", area="40"))
        yield office


def row(account: str, amount: str, **more: object) -> Row:
    return {
        "account": account, "service": "maintenance", "past_month": "06.2026", "amount": amount, "basis": "Акт № 3",
        **more,
    }  # fmt: skip


WRONG = [row("1001", "12O,5"), row("1002", "150"), row("1002", "150"), row("2001", "-10"), row("1003", "20")]


def test_faults_of_five_steps_are_told_in_one_answer_and_the_mended_form_is_accepted(town: TownOffice) -> None:
    first = town.ingest("recalculations", WRONG, received="2026-08-20", month="09.2036")
    assert first.outcome == "rejected"
    told = {"month.too_far", "value.letter_for_digit", "row.repeated", "account.foreign", "documents.needed"}
    assert told <= set(first.codes), "header, cell, form, ledger, documents"
    mended = [row("1001", "120,5"), row("1002", "150"), row("1003", "20")]
    second = town.ingest("recalculations", mended, received="2026-08-21", documents=[SCAN])
    assert (second.outcome, second.month) == ("accepted", "2026-09")


def test_rows_are_checked_for_the_sender_when_the_bin_is_mistyped(town: TownOffice) -> None:
    book = edited(town.form("recalculations", WRONG), "БИН заказчика", "050140000012")
    answer = town.mail([File("f.xlsx", book)], received="2026-08-20")
    assert answer.outcome == "rejected"
    assert {"bin.invalid", "account.foreign", "row.repeated", "documents.needed"} <= set(answer.codes)


def test_lines_of_another_customer_are_not_shown_to_a_sender_who_names_him(town: TownOffice) -> None:
    book = town.form("recalculations", [row("1009", "-10"), row("1009", "-10")], by="B")
    answer = town.mail([File("f.xlsx", book)], received="2026-08-20", by="A")
    assert set(answer.codes) == {"sender.other_customer", "row.repeated"}


def test_a_missing_column_does_not_hide_what_is_wrong_in_the_others(town: TownOffice) -> None:
    book = edited(town.form("recalculations", WRONG), "За месяц", "Когда-то")
    answer = town.mail([File("f.xlsx", book)], received="2026-08-20")
    assert (answer.outcome, answer.submissions[0]["rows_read"]) == ("rejected", 0)
    assert {"column.missing", "value.letter_for_digit", "account.foreign", "documents.needed"} <= set(answer.codes)
    assert "row.repeated" not in answer.codes, "without the month no row is another's double"


def test_what_no_mending_helps_hears_nothing_of_cells(town: TownOffice) -> None:
    readings = {"account": "2001", "service": "Холодная вода", "meter": "1", "current": "x", "taken_on": "20.08.2026"}
    answer = town.ingest("meter_readings", [readings], received="2026-08-20", by="B")
    assert "customer.no_utilities" in answer.codes and "documents.needed" not in answer.codes


def test_a_form_that_stands_asks_for_no_documents_beyond_those_it_has(town: TownOffice) -> None:
    answer = town.ingest("recalculations", [row("1003", "7")], received="2026-08-22", documents=[SCAN])
    assert answer.outcome == "accepted" and "documents.needed" not in answer.codes


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("metered") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True))
        cold = line("A", "1001", "cold_water", base="счётчик", tariff="100", meter="С-10447", reading="10")
        office.load_directory(cold, line("A", "1001", "maintenance", tariff="31.4155", area="65.30"))
        yield office


def reading(service: str, meter: str, current: str = "12") -> Row:
    return {"account": "1001", "service": service, "meter": meter, "current": current, "taken_on": "20.08.2026"}


def told(town: TownOffice, form: str, one: Row, **more: str) -> set[str]:
    answer = town.ingest(form, [one], received="2026-08-20", **more)
    assert answer.outcome == "rejected"
    return set(answer.errors)


def test_an_unknown_meter_is_told_behind_an_unknown_service(metered: TownOffice) -> None:
    """What the service is likely to be, as its finding suggests, is what the rest of its row is checked by."""
    for service in ("Холодна вода", "Вода", "Горячая вода"):
        unknown = {"line.unknown" if service == "Горячая вода" else "service.unknown"}
        assert told(metered, "meter_readings", reading(service, "Н-999")) == {*unknown, "meter.unknown"}
        assert told(metered, "meter_readings", reading(service, "С-10447")) == unknown
        assert told(metered, "meter_readings", reading(service, "C 10447")) == unknown, "however it is spelled"
    below = told(metered, "meter_readings", reading("Холодна вода", "С-10447", current="9"))
    assert below == {"service.unknown", "reading.below_last"}


def test_a_wrong_value_is_told_behind_an_unknown_indicator(metered: TownOffice) -> None:
    one = {"account": "1001", "indicator": "Плащадь", "becomes": "6б,1", "from_date": "01.09.2026"}
    assert told(metered, "directory_corrections", one) == {"value.not_a_choice", "value.letter_for_digit"}
    other = {**one, "indicator": "Этаж", "becomes": "шестой"}
    assert told(metered, "directory_corrections", other) == {"value.not_a_choice"}, "like none of them"


def test_of_an_answer_with_a_further_word_nothing_is_guessed(metered: TownOffice) -> None:
    """`Не согласен` is like `согласен`, and its opposite."""
    one = {"act": "2026-00001", "answer": "не согласен", "answered_on": "19.08.2026"}
    assert "value.not_a_choice" in told(metered, "act_response", one)
    judge = judges(metered.office.rules, metered.office.rules.forms["act_response"].column("answer"))
    assert judge and (judge("не согласен").likely, judge("согласэн").likely) == (None, "подписан")


def edited(book: bytes, head: str, text: str) -> bytes:
    """A workbook in which a header says something else, or a label has another value beside it."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    (cell,) = [cell for line in opened.active.iter_rows() for cell in line if str(cell.value).startswith(head)]
    beside = cell.offset(0, 1)
    (beside if head == "БИН заказчика" else cell).value = text
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()
