"""Each blank, filled in as people do it in Excel, is read whole and taken by `ingest` (4.3.2): values picked from the
lists in both languages, dates as dates, numbers as numbers, rows inserted, 500 rows pasted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime

import openpyxl
import pytest
from forms2_blanks import FORMS, RULES, header_row, made

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File

NUMBERS = ("money", "tariff", "quantity", "percent", "number", "integer")
PASTED = 500


def listed(book: openpyxl.Workbook, title: str) -> list[str]:
    """What a drop-down of a column offers."""
    columns = book["Списки"].iter_cols(values_only=True)
    return [str(v) for column in columns if str(column[0]).startswith(f"Список: {title} /") for v in column[1:] if v]


def typed(column: ColumnRule, text: str, book: openpyxl.Workbook) -> object:
    """What a cell holds when this is picked or typed in it: Excel makes numbers and dates of what looks like them."""
    if picked := next((v for v in listed(book, column.ru) if v.split(" / ")[0] == text), ""):
        return picked
    if column.type in NUMBERS and text:
        return float(text.replace(",", "."))
    if column.type in ("date", "first_day") and text:
        return datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007 - a cell has no zone
    return text or None


def filled(rule: FormRule, rows: list[Mapping[str, str]], inserted: int = 0, by: str = "") -> bytes:
    """The blank with rows: `inserted` ones above the first input row, the rest from it on."""
    book = openpyxl.load_workbook(io.BytesIO(made(rule)))
    sheet = book.worksheets[0]
    top = header_row(sheet, rule)
    if inserted:
        sheet.insert_rows(top + 1, inserted)
    for number, row in enumerate(rows, top + 1):
        for place, column in enumerate(rule.columns, 1):
            sheet.cell(number, place).value = typed(column, row.get(column.name, ""), book)
    if by:
        (label,) = [cell for cell in sheet["A"][:12] if str(cell.value).startswith("БИН заказчика")]
        label.offset(0, 1).value = bin_of(by)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@pytest.mark.quick("bank_register", "meter_readings")
@pytest.mark.parametrize("rule", FORMS)
def test_five_hundred_rows_pasted_and_two_inserted_are_read_whole(rule: FormRule, reader: CellReader) -> None:
    row = {column.name: column.example for column in rule.columns}
    form = read_form(filled(rule, [row] * (PASTED + 2), inserted=2), "форма.xlsx", RULES, reader)
    assert isinstance(form, FormTable) and (form.form, form.findings) == (rule.form, ())
    assert form.rows.num_rows == PASTED + 2
    first = form.rows.to_pylist()[0]
    assert {c.name for c in rule.columns if c.example} <= {name for name, value in first.items() if value is not None}


@pytest.mark.quick("meter_readings", "notice", "tariffs", "undelivered")
@pytest.mark.parametrize("rule", FORMS)
def test_every_value_of_every_list_is_read(rule: FormRule, reader: CellReader) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(rule)))
    for column in rule.columns:
        options = listed(book, column.ru)
        rows = [{c.name: c.example for c in rule.columns} | {column.name: v.split(" / ")[0]} for v in options]
        if rows and not any(column.name in part.when for part in rule.parts):  # it says of what type another column is
            form = read_form(filled(rule, rows), "форма.xlsx", RULES, reader)
            assert isinstance(form, FormTable)
            assert (form.rows.num_rows, form.findings) == (len(options), ()), column.name
            assert len(set(form.rows.column(column.name).to_pylist())) == len(options), "each means something else"


@pytest.mark.parametrize("words", ["Справочник лицевых счетов / Дербес шоттар анықтамалығы", "Архив", "Доступ сюда"])
def test_a_first_row_of_words_alone_is_a_row_and_no_second_line_of_the_header(words: str, reader: CellReader) -> None:
    """`Вид запроса (Сұрау түрі)` over `Архив` was a header of two lines, and the form had no row."""
    rule = RULES.forms["request"]
    for more in ({}, {"parameter": "за год"}):
        form = read_form(filled(rule, [{"kind": words, **more}]), "форма.xlsx", RULES, reader)
        assert isinstance(form, FormTable) and form.rows.num_rows == 1, words


def test_two_services_in_a_cell_are_still_not_one(reader: CellReader) -> None:
    rule = RULES.forms["meter_readings"]
    row = {column.name: column.example for column in rule.columns}
    form = read_form(filled(rule, [{**row, "service": "Газ / Лифт"}]), "форма.xlsx", RULES, reader)
    assert isinstance(form, FormTable) and [f.code for f in form.findings] == ["value.several"]


OWN: Mapping[str, Mapping[str, str]] = {  # what of the examples is another in this town
    "tariffs": {"house": "H-1"},
    "new_houses": {"account": "5001", "services": "Содержание дома"},
    "undelivered": {"account": "1001", "service": "Холодная вода", "house": ""},
    "recalculations": {"account": "1001", "service": "Содержание дома"},
    "directory_corrections": {"account": "1001"},
    "service_charges": {"account": "1001", "service": "Содержание дома"},
    "meter_readings": {"account": "1001", "service": "Горячая вода", "meter": "M2", "previous": "10", "current": "15"},
    "meter_change": {"account": "1001", "service": "Холодная вода", "meter": "M1"},
    "repair_schedule": {"account": "1001"},
    "house_exit": {"house": "H-2"},
    "notice": {"parameter": "Содержание дома"},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("blanks") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True))
        office.load_directory(
            line("A", "1001", "maintenance", tariff="31.4155", area="65.30"),
            line("A", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10"),
            line("A", "1001", "hot_water", base="счётчик", tariff="900", meter="M2", reading="10"),
            line("A", "1001", "lift_replacement", base="schedule"),
            line("A", "1002", "maintenance", tariff="31.4155", area="65.30", house="H-2"),
        )
        yield office


@pytest.mark.quick("meter_readings", "penalty_notice", "recalculations", "requisites")
@pytest.mark.parametrize("rule", [p for p in FORMS if not p.values[0].operator])
def test_a_filled_blank_is_taken(rule: FormRule, town: TownOffice) -> None:
    row = {column.name: column.example for column in rule.columns} | OWN.get(rule.form, {})
    book = File("бланк.xlsx", filled(rule, [row], by="A"))
    answer = town.mail([book, SCAN], received="2026-08-20", mailbox=rule.mailbox)
    assert answer.submissions[0]["form"] == rule.form
    why = f"write into OWN, above, what of the examples of {rule.form} is another in this town: {answer.findings}"
    assert answer.errors == [] and answer.outcome in ("accepted", "held"), why
    assert answer.outcome == "accepted" or rule.held
    assert answer.submissions[0]["rows_read"] == 1
