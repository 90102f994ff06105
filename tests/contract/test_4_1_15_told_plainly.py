"""4.1.15: findings speak the sender's language, point at the right cell, and nothing absurd is taken in silence."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from inbox_worker.core.model import FormTable
from inbox_worker.forms import values
from inbox_worker.forms.read import read_form
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line, payment
from tests.support.papers import SCAN

RECEIVED = "2026-08-20"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", area="50", tariff="30"),
        line("A", "1002", "maintenance", area="50", tariff="30"),
        line("A", "1001", "heating", area="50", tariff="200"),
        line("A", "1001", "cold_water", base="счётчик", meter="M-1", reading="100", tariff="80"),
        line("A", "1001", "electricity", base="счётчик", meter="E-1", reading="100", tariff="20"),
        line("B", "1001", "lift", base="чел.", residents="2", tariff="300"),
    )


office = copies_of(town)


def recalculation(**more: object) -> Row:
    return {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10.00", **more}


def reading(**more: object) -> Row:
    return {"account": "1001", "service": "cold_water", "meter": "M-1", "current": "110", **more}


def tell(office: TownOffice, form: str, *rows: Row, **more: Any) -> Any:
    return office.ingest(form, rows, received=RECEIVED, documents=[SCAN], **more)


def test_a_service_is_proof_its_name_in_both_languages(office: TownOffice) -> None:
    found = tell(office, "recalculations", recalculation(service="Лифт")).finding("line.unknown")
    assert (found["cell"], found["value"]) == ("B10", "Лифт")
    found = tell(office, "undelivered", days("Содержание дома")).finding("service.not_utility")
    assert found["value"] == "Содержание дома" and "Үйді күтіп ұстау" in found["message_kk"]


def days(service: str, start: str = "03.08.2026", end: str = "07.08.2026") -> Row:
    return {"account": "1001", "service": service, "from_date": start, "to_date": end, "days": "5"}


def test_a_replaced_value_is_told_as_people_write_it(office: TownOffice) -> None:
    house = {
        "house": "H-9", "address": "Абая, 9", "flat": "1", "account": "9001", "area": "50",
        "services": "Содержание дома", "from_date": "01.09.2026",
    }  # fmt: skip
    tell(office, "new_houses", house)
    again = tell(office, "new_houses", {**house, "services": "Содержание дома; Текущий ремонт"})
    words = again.finding("row.replaced")
    assert (
        "прежнее значение Содержание дома" in words["message"] and "Содержание дома; Текущий ремонт" in words["message"]
    )
    assert "Үйді күтіп ұстау" in words["message_kk"]


def test_a_month_is_told_as_it_is_written(office: TownOffice) -> None:
    stated = tell(office, "recalculations", recalculation(), month="10.2027").finding("month.too_far")
    assert stated["value"] == "10.2027" and stated["message_kk"].startswith("Есепке алу айы: 10.2027")
    old = tell(office, "recalculations", recalculation(past_month="08.2023")).finding("recalculation.too_old")
    assert old["value"] == "08.2023" and "Қай ай үшін" in old["message_kk"]


def test_rows_whose_key_cannot_be_read_do_not_repeat_each_other(office: TownOffice) -> None:
    rows = [recalculation(past_month="13.2026"), recalculation(past_month="июнь"), recalculation()]
    assert tell(office, "recalculations", *rows).codes == ["value.not_a_month", "value.no_year"]
    rows = [recalculation(), recalculation(amount="-11.00")]
    assert tell(office, "recalculations", *rows).finding("row.repeated")["cell"] == "A11"


def test_findings_follow_the_rows_of_the_sheet(office: TownOffice) -> None:
    """Errors first, each kind from the top of the sheet to its end: a person mends them in one pass."""
    rows = [recalculation(account="7777"), recalculation(amount="сто"), recalculation(service="Лифт", account="1002")]
    got = tell(office, "recalculations", *rows)
    assert [finding["cell"] for finding in got.findings] == ["A10", "D11", "B12"]


def test_a_wrong_bin_in_the_head_is_told_once(office: TownOffice) -> None:
    got = office.hand_in("recalculations", [recalculation()], by="050140000012", received=RECEIVED)
    assert (got.outcome, got.codes) == ("rejected", ["bin.invalid"])


def test_an_account_written_in_groups_of_digits_is_found(office: TownOffice) -> None:
    got = tell(office, "recalculations", recalculation(account="1\u00a0001"), recalculation(account="1 002"))
    assert (got.outcome, got.codes) == ("accepted", [])
    assert [row["account"] for row in office.facts("recalculations")] == ["1001", "1002"]


def test_a_tariff_from_the_middle_of_a_month_is_refused(office: TownOffice) -> None:
    """4.3.2: a change takes effect on the 1st; taken as a month, 15.09 would charge two weeks too many."""
    row = {"service": "maintenance", "base": "м²", "tariff": "35.50", "from_month": "15.09.2026"}
    found = tell(office, "tariffs", row).finding("date.not_first")
    assert (found["cell"], found["value"]) == ("E10", "15.09.2026")
    assert tell(office, "tariffs", {**row, "from_month": "01.09.2026"}).outcome == "accepted"


def test_undelivered_days_of_more_than_36_months_ago_are_refused(office: TownOffice) -> None:
    old = days("Отопление", "03.08.2016", "07.08.2016")
    assert tell(office, "undelivered", old).finding("month.too_old")["cell"] == "D10"


@pytest.mark.parametrize("day", ["20.08.2036", "20.08.2012"])
def test_a_reading_of_an_absurd_day_is_refused(day: str, office: TownOffice) -> None:
    got = tell(office, "meter_readings", reading(taken_on=day))
    assert (got.outcome, got.finding("date.absurd")["cell"]) == ("rejected", "F10")


@pytest.mark.parametrize(("day", "warned"), [("21.08.2026", True), ("20.08.2026", False), ("20.08.2025", True)])
def test_a_reading_of_an_unusual_day_is_warned_of(day: str, warned: bool, office: TownOffice) -> None:
    got = tell(office, "meter_readings", reading(taken_on=day))
    assert got.outcome == "accepted" and ("date.unlikely" in got.codes) is warned


def test_a_first_reading_far_above_the_last_is_warned_of(office: TownOffice) -> None:
    """A meter without a history: 50 of water, 1000 of electricity are the most a month may use without a word."""
    power = {"account": "1001", "service": "electricity", "meter": "E-1"}
    assert tell(office, "meter_readings", reading(current="150"), {**power, "current": "1100"}).codes == []
    got = tell(office, "meter_readings", reading(current="151"), {**power, "current": "1101"})
    spikes = [finding for finding in got.findings if finding["code"] == "reading.spike"]
    assert got.outcome == "accepted" and [finding["cell"] for finding in spikes] == ["E10", "E11"]
    assert "прежнего расхода мы не знаем" in spikes[0]["message"]


def test_a_payment_of_an_absurd_day_refuses_its_register(office: TownOffice) -> None:
    """A year with a slip of the pen would leave a month that nobody can close."""
    for day, code in (("05.09.2036", "register.day_ahead"), ("05.09.2016", "date.absurd")):
        got = office.load("bank_register", [payment("1001", "5.00", day=day)], "2026-09-06")
        assert (got.outcome, got.finding(code)["cell"]) == ("rejected", "B8")
    later = office.load("bank_register", [payment("1001", "5.00", day="07.09.2026")], "2026-09-06")
    assert later.outcome == "accepted" and "date.unlikely" in later.codes


def test_another_form_on_a_further_sheet_is_not_lost_in_silence(office: TownOffice) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [recalculation()])))
    other = openpyxl.load_workbook(io.BytesIO(office.form("tariffs", [{"service": "maintenance"}]))).worksheets[0]
    sheet, sink = book.create_sheet("Тарифы тоже"), io.BytesIO()
    for row in other.iter_rows(values_only=True):
        sheet.append(row)
    book.save(sink)
    got = office.hand_in_bytes(sink.getvalue(), received=RECEIVED)
    found = got.finding("sheet.form_apart")
    assert (found["severity"], found["value"]) == ("info", "Тарифы тоже") and "«Тарифы»" in found["message"]
    assert [(one["form"], one["outcome"]) for one in got.submissions] == [
        ("recalculations", "accepted"), ("tariffs", "rejected"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("note", "told"), [("не проводить!", True), ("Есепке алмаңыз", True), ("сверено 12.08", False)]
)
def test_words_beside_a_row_that_ask_not_to_count_it_refuse_it(office: TownOffice, note: str, told: bool) -> None:
    """A column that is not read says nothing of money, but a person would not post such a row."""
    book = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [recalculation()])))
    sheet, sink = book.active, io.BytesIO()
    at = sheet.max_column + 1
    sheet.cell(sheet.max_row - 1, at, "Прим.")
    sheet.cell(sheet.max_row, at, note)
    book.save(sink)
    got = office.hand_in_bytes(sink.getvalue(), received=RECEIVED)
    assert (got.outcome, "row.words_against" in got.codes) == (("rejected", True) if told else ("accepted", False))


def test_words_against_the_last_of_many_rows_are_read_too(office: TownOffice) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [recalculation()] * 2_100)))
    sheet, sink = book.active, io.BytesIO()
    at, last = sheet.max_column + 1, sheet.max_row
    sheet.cell(last - 2_100, at, "Прим.")
    for row in range(last - 2_099, last):
        sheet.cell(row, at, "сверено")
    sheet.cell(last, at, "не проводить")
    book.save(sink)
    read = read_form(sink.getvalue(), "форма.xlsx", office.office.rules, office.reader)
    assert isinstance(read, FormTable)
    assert [one.row for one in read.findings if one.code == "row.words_against"] == [last]


@pytest.mark.parametrize("written", [
    "с 15 октября 2026 г.", "начиная с 15-го октября 2026", "2026 жылғы қазанның 15-інен бастап",
    "2026 ж. 15 қазаннан бастап", "2026 жылғы қазан айының 15-і",
])  # fmt: skip
def test_a_tariff_from_within_a_month_is_told_and_not_moved_to_its_first_day(office: TownOffice, written: str) -> None:
    row = {"service": "maintenance", "base": "м²", "tariff": "35.50", "from_month": written}
    found = tell(office, "tariffs", row).finding("date.not_first")
    assert found["value"] == written


@pytest.mark.parametrize("written", [
    "декабрь 2025-2026", "2025-2026 жылғы желтоқсан", "2026 жылғы шілде (1-15)", "вторая половина июля 2026",
    "2026 жылғы шілденің екінші жартысы", "июль 2026, с 15 числа", "кроме июля 2026", "за все месяцы кроме июля 2026",
    "до июля 2026", "июль 2026 отменить", "2026 жылғы шілдеден кейін",
])  # fmt: skip
def test_what_a_months_cell_says_beside_the_month_is_asked_about(office: TownOffice, written: str) -> None:
    answer = tell(office, "recalculations", recalculation(past_month=written))
    assert answer.outcome == "rejected" and answer.findings[0]["value"] == written


@pytest.mark.parametrize("written", ["за июль месяц 2026 г.", "с 1 по 31 июля 2026", "2026 жылғы шілде айы үшін"])
def test_a_month_is_read_among_words_that_say_no_more(office: TownOffice, written: str) -> None:
    assert tell(office, "recalculations", recalculation(past_month=written)).outcome == "accepted"


@pytest.mark.parametrize("written", ["с октября 2026", "начиная с октября 2026 г.", "2026 жылғы қазан айынан бастап"])
def test_a_tariff_from_a_month_in_words_is_read(office: TownOffice, written: str) -> None:
    row = {"service": "maintenance", "base": "м²", "tariff": "35.50", "from_month": written}
    assert tell(office, "tariffs", row).outcome == "accepted"


@pytest.mark.parametrize(
    "written", ["кроме октября 2026", "после октября 2026", "қазан 2026 кейін", "октябрь 2026 отменить"]
)
def test_a_month_with_words_that_turn_it_starts_no_tariff(office: TownOffice, written: str) -> None:
    row = {"service": "maintenance", "base": "м²", "tariff": "35.50", "from_month": written}
    assert tell(office, "tariffs", row).outcome == "rejected"


@pytest.mark.parametrize("written", ["2026 жылғы қыркүйектің 3-і", "2026 жылғы 3-ші қыркүйек", "3-го сентября 2026"])
def test_a_day_by_its_ordinal_is_read(written: str) -> None:
    assert values.day(written) == date(2026, 9, 3)
