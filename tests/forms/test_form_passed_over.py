"""4.1.15: nothing that a person typed on a sheet of a form is passed over in silence: it is read or named."""

from __future__ import annotations

import io
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from form_books import RECALCULATIONS, ROOT, head, told, xlsx
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.comments import Comment

ONE = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
TWO = ["10020031", "Лифт", "06.2026", -50, "акт 2"]
FORM = [*head("recalculations"), RECALCULATIONS, ONE]
FORMS = sorted(path.stem for path in (ROOT / "templates" / "forms").glob("*.xlsx"))


def book(**sheets: list[list[object]]) -> openpyxl.Workbook:
    """The form on its first sheet, and others by their names."""
    made = openpyxl.load_workbook(io.BytesIO(xlsx(FORM)))
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def blank(form: str) -> tuple[openpyxl.Workbook, int]:
    """A blank as we send it, and the row of its header."""
    made = openpyxl.load_workbook(ROOT / "templates" / "forms" / f"{form}.xlsx")
    rows = made.worksheets[0].iter_rows(max_col=1)
    return made, next(cell.row for [cell] in rows if str(cell.value or "").startswith("Образец")) + 2


def put(sheet: object, row: int, values: list[object]) -> None:
    for at, value in enumerate(values, 1):
        sheet.cell(row, at).value = value  # type: ignore[attr-defined]


def test_a_row_typed_over_the_example_of_a_blank_is_refused_with_its_place(read) -> None:
    made, top = blank("recalculations")
    put(made.worksheets[0], top + 1, ONE)
    assert told(read(saved(made))) == [], "the example itself is none"
    put(made.worksheets[0], top - 1, TWO)
    table = read(saved(made))
    assert told(table) == [("rows.above_head", f"A{top - 1}", "10020031; Лифт; 06.2026; -50; акт 2")]
    assert (table.findings[0].row, table.rows.num_rows) == (top - 1, 1)


@pytest.mark.quick(0, 1, 2, 3, 4, 5)
@pytest.mark.parametrize("form", FORMS)
def test_an_example_of_any_form_with_other_values_is_no_example(read, form: str) -> None:
    made, top = blank(form)
    sheet = made.worksheets[0]
    for cell in sheet[top - 1]:
        if cell.value and not str(cell.value).isalpha():
            cell.value = str(cell.value).translate(str.maketrans("13579", "24680"))
    assert "rows.above_head" in [finding.code for finding in read(saved(made)).findings]


@pytest.mark.parametrize("data", [xlsx([*FORM[:-2], TWO, *FORM[-2:]]), xlsx([FORM[0], TWO, *FORM[1:]])])
def test_a_row_above_the_header_is_refused(read, data: bytes) -> None:
    assert [code for code, *_ in told(read(data))] == ["rows.above_head"]


@pytest.mark.parametrize("where", [12, 40])
def test_a_row_beside_the_table_and_not_in_one_of_its_rows_is_refused(read, where: int) -> None:
    made = book()
    put(made.worksheets[0], where, [None] * 7 + TWO)
    assert told(read(saved(made))) == [("rows.aside", f"H{where}", "10020031; Лифт; 06.2026; -50; акт 2")]


def test_a_row_beside_the_labels_above_the_table_is_refused(read) -> None:
    rows = [[*FORM[0], None, None, None, *TWO], *FORM[1:]]
    assert told(read(xlsx(rows))) == [("rows.aside", "F1", "10020031; Лифт; 06.2026; -50; акт 2")]


@pytest.mark.parametrize("name", ["Инструкция", "Instruction", "Образец"])
def test_a_visible_sheet_named_as_a_sample_with_rows_is_told(read, name: str) -> None:
    assert told(read(saved(book(**{name: [TWO]})))) == [("sheet.not_read", "", name)]


@pytest.mark.parametrize(("state", "code"), [("hidden", "sheet.not_read"), ("veryHidden", "sheet.very_hidden")])
def test_a_sheet_that_nobody_sees_with_rows_is_told(read, state: str, code: str) -> None:
    made = book(Лист2=[TWO])
    made["Лист2"].sheet_state = state
    assert told(read(saved(made))) == [(code, "", "Лист2")]


def test_rows_typed_under_the_instruction_of_our_blank_refuse_the_form(read) -> None:
    made, top = blank("recalculations")
    put(made.worksheets[0], top + 1, ONE)
    put(made["Инструкция"], made["Инструкция"].max_row + 2, TWO)
    assert told(read(saved(made))) == [("sheet.left_out", "", "Инструкция")]


@pytest.mark.parametrize(
    "line",
    [
        ["квартира пять", None, None, "сто", "акт"],
        ["кв. пять", None, None, "пятьдесят тенге", "по акту"],
        [None, None, None, None, "счёт 10020031 минус 50"],
    ],
)
def test_a_line_under_the_table_that_may_be_a_row_is_told(read, line: list[object]) -> None:
    table = read(xlsx([*FORM, line]))
    assert ([code for code, *_ in told(table)], table.rows.num_rows) == (["lines.not_read"], 1)


def test_a_line_right_under_a_row_with_a_digit_is_a_row_with_something_missing(read) -> None:
    told_of = told(read(xlsx([*FORM, [None, None, "06.2026", None, "доп. акт 7"]])))
    assert told_of == [("value.missing", f"{column}9", "") for column in "ABD"]


ASKED = "Просим снять с квартиры пять пятьдесят тенге"


@pytest.mark.parametrize("rows", [[*FORM, [ASKED]], [*FORM[:-2], [ASKED], *FORM[-2:]]])
def test_a_sentence_around_the_table_is_told(read, rows: list[list[object]]) -> None:
    [(code, _, value)] = told(read(xlsx(rows)))
    assert (code, value) == ("notes.not_read", ASKED)


def test_a_list_of_other_accounts_alone_on_another_sheet_is_told(read) -> None:
    """Whoever fills it in may mean the form's rows for each of them."""
    assert told(read(saved(book(Список=[["10020031"], ["10020032"]])))) == [("sheet.not_read", "", "Список")]
    assert told(read(saved(book(Список=[["10020030"], ["2026"]])))) == []


def test_a_sentence_on_another_sheet_is_told(read) -> None:
    assert told(read(saved(book(Лист2=[[ASKED]])))) == [("notes.not_read", "A1", ASKED)]


def test_a_comment_and_a_text_box_are_told(read) -> None:
    made = book()
    made.worksheets[0]["D8"].comment = Comment("на самом деле -200", "бухгалтер")
    assert told(read(saved(made))) == [("cells.commented", "D8", "на самом деле -200")]
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as drawn:
        sheet = drawn.add_worksheet()
        for at, row in enumerate(FORM):
            sheet.write_row(at, 0, row)
        sheet.insert_textbox(12, 1, "Просим снять также 10020031")
        sheet.insert_textbox(20, 1, "ОСИ Самал")  # a logo's words
    assert told(read(sink.getvalue())) == [("sheet.text_box", "B13", "Просим снять также 10020031")]


@pytest.mark.parametrize("spoiled", [b"<comments><commentList>", b"", None])
def test_comments_that_cannot_be_read_are_told(spoiled: bytes | None, read) -> None:
    """Torn, empty or not there: they may have asked for something."""
    made, sink = book(), io.BytesIO()
    made.worksheets[0]["D8"].comment = Comment("на самом деле -200", "бухгалтер")
    with ZipFile(io.BytesIO(saved(made))) as source, ZipFile(sink, "w") as target:
        for name in source.namelist():
            is_part = "comments" in name and name.endswith(".xml")
            if not is_part or spoiled is not None:
                target.writestr(name, spoiled if is_part else source.read(name))
    assert told(read(sink.getvalue())) == [("sheet.notes_unread", "", "")]


def test_a_comment_in_an_ods_is_told(read) -> None:
    document, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист1"), io.BytesIO()
    document.spreadsheet.addElement(table)
    for values in FORM:
        row = TableRow()
        table.addElement(row)
        for value in values:
            cell = TableCell(valuetype="string")
            if value == ONE[0]:
                note = Annotation()
                note.addElement(P(text="кроме этого счёта"))
                cell.addElement(note)
            cell.addElement(P(text=str(value)))
            row.addElement(cell)
    document.save(sink)
    assert told(read(sink.getvalue(), "форма.ods")) == [("cells.commented", "A8", "кроме этого счёта")]


def test_our_own_hints_and_comments_are_not_told(read) -> None:
    made = book()
    made.worksheets[0]["D8"].comment = Comment("Сумма не читается", "inbox-worker")
    made.worksheets[0]["A8"].comment = Comment("\n\n— inbox-worker —\nнет такого счёта", "бухгалтер")
    assert told(read(saved(made))) == []
