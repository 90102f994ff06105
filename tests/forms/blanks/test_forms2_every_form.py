"""Every form of the rules has a blank in step with them, facts that hold it, and an example that reads clean."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import replace

import openpyxl
import pyarrow as pa
import pytest
from forms2_blanks import ADDRESSES, FORMS, ROOT, RULES, filled, header_row, made

from inbox_worker.core.model import FormTable
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.table import CHECKS
from inbox_worker.forms.blank import blank
from inbox_worker.forms.read import read_form
from inbox_worker.forms.typing import arrow_type
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.cells import CellReader

INTERFACE = {
    "tariffs", "new_houses", "undelivered", "recalculations", "directory_corrections", "service_charges",
    "meter_readings", "repair_schedule", "penalty_notice", "requisites", "representative", "house_exit", "request",
    "act_response", "meter_change", "notice", "house_contracts", "customers", "directory", "bank_register",
}  # fmt: skip


def test_all_forms_of_the_interface_are_there() -> None:
    assert set(RULES.forms) >= INTERFACE


@pytest.mark.parametrize("rule", FORMS)
def test_the_blank_in_templates_is_the_one_the_rules_make(rule: FormRule) -> None:
    assert (ROOT / "templates" / "forms" / f"{rule.form}.xlsx").read_bytes() == made(rule)


@pytest.mark.parametrize("rule", FORMS)
def test_nothing_is_printed_smaller_than_seven_points(rule: FormRule) -> None:
    """The smallest text is of 9 points. What A4 would take only at less than 78 % goes over pages side by side."""
    book = openpyxl.load_workbook(io.BytesIO(made(rule)))
    for sheet in (book.worksheets[0], book.worksheets[1]):
        filled_columns = max(cell.column for row in sheet.iter_rows() for cell in row if cell.value is not None)
        letters = [openpyxl.utils.get_column_letter(place) for place in range(1, filled_columns + 1)]
        digits = sum(d.width - 5 / 7 for d in sheet.column_dimensions.values() if d.index in letters)
        across = digits * 7.4 / 96 * 25.4 + len(letters) * 5 / 96 * 25.4  # LibreOffice's digit; Excel's is narrower
        is_fitted = sheet.sheet_properties.pageSetUpPr.fitToPage
        least = 9 if sheet is book.worksheets[0] else 10
        printed = min(1, 277 / across) if is_fitted else int(sheet.page_setup.scale) / 100
        assert least * printed >= 7, (sheet.title, across, printed)
        assert sheet.HeaderFooter.scaleWithDoc is False


@pytest.mark.parametrize("rule", FORMS)
def test_the_first_page_takes_all_rows_that_are_drawn(rule: FormRule) -> None:
    """A second page of a few drawn rows is paper for nothing."""
    sheet = openpyxl.load_workbook(io.BytesIO(made(rule))).worksheets[0]
    drawn = max(cell.row for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == "FFFFFDF0")
    height = sum(sheet.row_dimensions[row].height or 15 for row in range(1, drawn + 1))
    widths = [d.width for d in sheet.column_dimensions.values() if d.max <= len(rule.columns)]
    scale = max(0.78, min(1, 137 / (sum(widths) - 0.71 * len(widths))))
    assert drawn - header_row(sheet, rule) >= 15 and height * scale <= 520


@pytest.mark.parametrize("rule", FORMS)
def test_an_example_is_shown_whole(rule: FormRule) -> None:
    """It was cut by the example of the next column: «управляющая компания / басқарушы ко»."""
    sheet = openpyxl.load_workbook(io.BytesIO(made(rule))).worksheets[0]
    row = header_row(sheet, rule) - 1
    for cell in sheet[row]:
        if cell.value is not None:
            width = next(d.width for d in sheet.column_dimensions.values() if d.min <= cell.column <= d.max)
            lines = math.ceil(len(cell.value) * 0.9 / width)
            assert cell.alignment.wrap_text and (sheet.row_dimensions[row].height or 15) >= 15 * lines


@pytest.mark.parametrize("rule", FORMS)
def test_a_head_is_shown_whole(rule: FormRule) -> None:
    """The third line was cut: «(Тапсырыс берушінің» of a narrow column of БИН."""
    sheet = openpyxl.load_workbook(io.BytesIO(made(rule))).worksheets[0]
    row = header_row(sheet, rule)
    for cell in sheet[row][: len(rule.columns)]:
        width = next(d.width for d in sheet.column_dimensions.values() if d.min <= cell.column <= d.max)
        russian, kazakh = cell.value.split("\n")
        lines = math.ceil(len(russian) / width) + math.ceil(len(kazakh) * 0.9 / width)
        assert sheet.row_dimensions[row].height >= 15 * lines, cell.value


def test_a_blank_says_one_day_everywhere() -> None:
    terms = {"forms": RULES.deadlines.deadlines["forms"].model_copy(update={"day": 23})}
    deadlines = RULES.deadlines.model_copy(update={"deadlines": {**RULES.deadlines.deadlines, **terms}})
    data = blank(RULES.forms["tariffs"], replace(RULES, deadlines=deadlines), ADDRESSES)
    sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets[:2]
    said = [
        " ".join(f"{cell}" for row in sheet.iter_rows(values_only=True) for cell in row if cell) for sheet in sheets
    ]
    assert all("23-" in text and "25-" not in text for text in said)


@pytest.mark.parametrize("rule", FORMS)
def test_the_top_is_locked_without_a_password_and_the_table_is_not(rule: FormRule) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made(rule))).worksheets[0]
    top = header_row(sheet, rule)
    assert sheet.protection.sheet and not sheet.protection.password
    assert sheet.protection.insertRows is False and sheet.protection.sort is False  # False = allowed
    assert all(sheet.cell(row, 1).protection.locked for row in range(1, 4)), "title and labels"
    places = range(1, len(rule.columns) + 1)
    assert all(sheet.cell(top - 1, place).protection.locked for place in places), "the example"
    unlocked = "a row inserted below the header takes its look, and must be written in"
    assert not any(sheet.cell(row, place).protection.locked for row in (top, top + 1) for place in places), unlocked
    with zipfile.ZipFile(io.BytesIO(made(rule))) as archive:
        styles = archive.read("xl/styles.xml").decode()
    for place in range(len(rule.columns) + 3):
        letter = openpyxl.utils.get_column_letter(place + 1)
        width = next(d for d in sheet.column_dimensions.values() if d.min <= place + 1 <= d.max)
        assert not width.protection.locked, letter
    assert 'locked="0"' in styles


@pytest.mark.parametrize("rule", FORMS)
def test_choices_are_drop_downs(rule: FormRule) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made(rule))).worksheets[0]
    listed = {
        str(v.sqref).split(":")[0].rstrip("0123456789")
        for v in sheet.data_validations.dataValidation
        if v.type == "list"
    }
    for place, column in enumerate(rule.columns, 1):
        wanted = column.type in ("choice", "service", "services", "base", "category", "yes_no")
        assert (openpyxl.utils.get_column_letter(place) in listed) == wanted, column.name
    assert {v.errorStyle for v in sheet.data_validations.dataValidation} <= {"warning", "information"}, "never refused"


@pytest.mark.parametrize("rule", FORMS)
def test_the_example_reads_clean(rule: FormRule, reader: CellReader) -> None:
    form = read_form(filled(rule), "форма.xlsx", RULES, reader)
    assert isinstance(form, FormTable) and form.form == rule.form
    assert form.rows.num_rows == 1 and form.findings == ()
    row = form.rows.to_pylist()[0]
    for column in rule.columns:
        assert (row[column.name] is not None) == bool(column.example), column.name


@pytest.mark.parametrize("rule", FORMS)
def test_facts_hold_every_column_in_its_type(rule: FormRule) -> None:
    assert rule.form in SCHEMAS, f"{rule.form} has no kind of fact: name it in _OWN of ledger/schemas.py"
    schema = SCHEMAS[rule.form]
    for column in (*rule.columns, *(rule.column(part.name) for part in rule.parts)):
        if rule.form in ("directory", "stops", "house_contracts") and column.name == "bin":
            continue  # stands in the common column `customer`
        assert column.name in schema.names, column.name
        kind = pa.date32() if column.type in ("date", "month", "first_day") else arrow_type(column)
        assert schema.field(column.name).type == kind, column.name


@pytest.mark.parametrize("rule", FORMS)
def test_rules_name_only_what_is_there(rule: FormRule) -> None:
    names = {column.name for column in (*rule.columns, *rule.parts)}
    assert {*rule.key, *rule.compares} <= names
    assert all(entry.check in CHECKS for entry in rule.checks)
    for part in rule.parts:
        for name, values in part.when.items():
            assert set(values) <= set(rule.column(name).choices)
    for column in rule.columns:
        assert set(column.spellings) <= {*column.choices, "100"}
    spelled = [{skeleton(text) for text in (c.ru, c.kk, *c.aliases)} for c in rule.columns]
    assert sum(map(len, spelled)) == len(set().union(*spelled)), "two columns share a header"


@pytest.mark.parametrize("rule", [p for p in FORMS if not p.values[0].operator])
def test_headers_alone_are_enough_to_recognise_it(rule: FormRule, reader: CellReader) -> None:
    """Without the code, by its columns, in Russian and in Kazakh."""
    for language in ("ru", "kk"):
        book = openpyxl.Workbook()
        book.active.append([getattr(column, language) for column in rule.columns])
        book.active.append([column.example or None for column in rule.columns])
        sink = io.BytesIO()
        book.save(sink)
        form = read_form(sink.getvalue(), "x.xlsx", RULES, reader)
        assert isinstance(form, FormTable) and form.form == rule.form, (language, form)


@pytest.mark.parametrize("rule", FORMS)
def test_a_blank_says_where_by_when_and_with_which_documents(rule: FormRule) -> None:
    """4.3.2: who has nothing but the blank knows what to do; staff load registers themselves. Every sheet prints on A4
    with its number."""
    book = openpyxl.load_workbook(io.BytesIO(made(rule)))
    strip = [str(cell.value) for cell in book.worksheets[0]["A"][1:5]]
    if rule.operator:
        assert strip[0] == "Форма / Нысан"
    else:
        assert [line.split(":")[0] for line in strip] == [
            "1  Куда / Қайда", "2  Срок / Мерзім", "3  Документы / Құжаттар", "4  Как заполнить / Қалай толтыру",
        ]  # fmt: skip
        assert ADDRESSES[rule.mailbox] in strip[0] and "до 25-го числа" in strip[1]
        asked = {"never": "не нужны", "always": "скан основания", "plus": "для сумм с плюсом"}
        assert asked[rule.documents] in strip[2]
    for sheet in book.worksheets:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert "&P" in str(sheet.oddFooter.right.text) and "&N" in str(sheet.oddFooter.right.text)
