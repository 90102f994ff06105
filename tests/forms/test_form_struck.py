"""4.1.15: rows struck out or hidden by no height, and errors beside the table: nothing of it is posted unsaid."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlwt
from form_books import MANY, RECALCULATIONS, head, many, ods_cell, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableColumnProperties, TableRowProperties, TextProperties
from odf.table import Table, TableColumn, TableRow
from openpyxl.styles import Font

Rows = list[list[object]]
ROWS = [
    *head("recalculations"), RECALCULATIONS,
    *[[f"1002003{n}", "Лифт", "06.2026", -10.0 - n, f"акт {n}"] for n in range(3)],
]  # fmt: skip
ALL = [(9, column) for column in range(1, 6)]  # every cell of the row between
Cells = list[tuple[int, int]]


def in_xlsx(struck: Cells, flat: bool = False) -> bytes:
    book, sink = openpyxl.load_workbook(io.BytesIO(xlsx(ROWS))), io.BytesIO()
    for row, column in struck:
        book.active.cell(row, column).font = Font(strike=True)
    book.save(sink)
    return flattened(sink.getvalue(), 9) if flat else sink.getvalue()


def flattened(data: bytes, row: int) -> bytes:
    """The workbook with that row of no height and column D of no width; openpyxl leaves a zero out."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b'<row r="%d"' % row, b'<row r="%d" ht="0" customHeight="1"' % row)
                part = part.replace(b"<sheetData>", b'<cols><col min="4" max="4" width="0"/></cols><sheetData>')
            new.writestr(name, part)
    return sink.getvalue()


def in_xls(struck: Cells, flat: bool = False) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet, strike, plain = book.add_sheet("Лист"), xlwt.easyxf("font: struck_out on"), xlwt.easyxf("font: bold on")
    for r, row in enumerate(ROWS, 1):
        for c, value in enumerate(row, 1):
            sheet.write(r - 1, c - 1, value, strike if (r, c) in struck else plain)
    if flat:
        sheet.row(8).height, sheet.row(8).height_mismatch, sheet.col(3).width = 0, True, 0
    book.save(sink)
    return sink.getvalue()


def in_ods(struck: Cells, flat: bool = False) -> bytes:
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    for name, family, properties in (
        ("ce1", "table-cell", TextProperties(textlinethroughstyle="solid")),
        ("ro1", "table-row", TableRowProperties(rowheight="0cm")),
        ("co1", "table-column", TableColumnProperties(columnwidth="0in")),
    ):
        style = Style(name=name, family=family)
        style.addElement(properties)
        book.automaticstyles.addElement(style)
    table.addElement(TableColumn(numbercolumnsrepeated=3))
    table.addElement(TableColumn(**({"stylename": "co1"} if flat else {})))
    for r, row in enumerate(ROWS, 1):
        line = TableRow(**({"stylename": "ro1"} if flat and r == 9 else {}))
        for c, value in enumerate(row, 1):
            line.addElement(ods_cell(value, **({"stylename": "ce1"} if (r, c) in struck else {})))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    return sink.getvalue()


Make = Callable[..., bytes]
MAKERS = pytest.mark.parametrize(("kind", "make"), [("xlsx", in_xlsx), ("xls", in_xls), ("ods", in_ods)])


@MAKERS
def test_a_row_or_sum_struck_out_is_refused_and_a_text_is_told(read, kind: str, make: Make) -> None:
    assert told(read(make(ALL), f"a.{kind}")) == [("rows.struck_out", "A9", "10020031")]
    assert told(read(make([(9, 4), (8, 5)]), f"a.{kind}")) == [
        ("cells.struck_out", "E8", "акт 0"), ("value.struck_out", "D9", "-11"),
    ]  # fmt: skip
    assert told(read(make([]), f"a.{kind}")) == []


@MAKERS
def test_rows_and_columns_of_no_size_are_hidden(read, kind: str, make: Make) -> None:
    assert told(read(make([], flat=True), f"a.{kind}")) == [
        ("rows.hidden", "A9", "9"),
        ("columns.hidden", "D7", "Сумма"),
    ]


def test_among_many_rows_a_struck_one_and_one_without_height_are_found(read) -> None:
    rows = [*ROWS, *[["10020030", "Лифт", "06.2026", -10.0, f"акт {n}"] for n in range(9, MANY)]]
    book, sink = openpyxl.load_workbook(io.BytesIO(xlsx(rows))), io.BytesIO()
    for column in range(1, 6):
        book.active.cell(700, column).font = Font(strike=True)
    book.save(sink)
    data = sink.getvalue()
    assert told(read(many(data))) == [("rows.struck_out", "A700", "10020030")]
    flat = many(flattened(xlsx(rows), 800))
    assert told(read(flat)) == [("rows.hidden", "A800", "800"), ("columns.hidden", "D7", "Сумма")]
    assert told(read(many(flattened(data, 800)))) == [
        ("rows.hidden", "A800", "800"),
        ("columns.hidden", "D7", "Сумма"),
        ("rows.struck_out", "A700", "10020030"),
    ]


def test_an_error_in_an_extra_column_refuses_and_one_beside_the_table_is_told(read) -> None:
    rows = [[*row, None, None] for row in ROWS[6:]]
    rows[0][5], rows[1][5], rows[2][6] = "Моя заметка", "#ССЫЛКА!", "#N/A"
    table = read(xlsx([*ROWS[:6], *rows]))
    assert told(table) == [
        ("value.stray_error", "G9", "#N/A"),
        ("value.error_cell", "F8", "#ССЫЛКА!"),
    ]


def test_an_error_in_a_total_refuses(read) -> None:
    assert told(read(xlsx([*ROWS, ["Итого", None, None, "#ССЫЛКА!"]]))) == [("value.error_cell", "D11", "#ССЫЛКА!")]
