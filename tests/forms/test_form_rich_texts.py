"""4.1.15: a value in a part of which something is struck out or raised is not the value that people read."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
import xlwt
from form_books import RECALCULATIONS, head, ods_cell, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P, Span

TOP = head("recalculations")
ROW: list[object] = ["10020030", "Лифт", "06.2026", -100, "акт 1"]
STRUCK, RAISED, BOLD = {"font_strikeout": True}, {"font_script": 1}, {"bold": True}
Parts = list[tuple[dict[str, object], str]]


def form(parts: Parts, at: int = 3, rows: int = 1) -> bytes:
    """A form with a rich text in its last row."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate([*TOP, RECALCULATIONS, *[[*ROW[:4], f"акт {n}"] for n in range(rows)]]):
            for c, value in enumerate(row):
                sheet.write(r, c, value)
        pieces = [one for looks, text in parts for one in (book.add_format(looks), text)]
        last = len(TOP) + rows
        sheet.write_rich_string(last, at, *pieces)
    return sink.getvalue()


def inline(data: bytes) -> bytes:
    """The workbook with its rich text in the cell itself."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w") as new:
        shared = old.read("xl/sharedStrings.xml").decode()
        rich = next(one for one in shared.split("<si>") if "<r>" in one).partition("</si>")[0]
        number = shared.split("<si>").index(next(one for one in shared.split("<si>") if "<r>" in one)) - 1
        for name in old.namelist():
            part = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(f't="s"><v>{number}</v>', f't="inlineStr"><is>{rich}</is>')
            new.writestr(name, part)
    return sink.getvalue()


def ods(parts: list[tuple[str, str]]) -> bytes:
    """A form whose sum is a text of parts, each in its style."""
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    looks = {"textlinethroughstyle": "solid"}, {"textposition": "super 58%"}, {"fontweight": "bold"}
    for number, look in enumerate(looks, 1):
        style = Style(name=f"T{number}", family="text")
        style.addElement(TextProperties(**look))
        book.automaticstyles.addElement(style)
    for row in [*TOP, RECALCULATIONS, ROW]:
        line = TableRow()
        for value in row:
            cell = ods_cell(str(value))
            if value == -100:
                cell, text = TableCell(valuetype="string"), P()
                for name, words in parts:
                    text.addElement(Span(stylename=name, text=words)) if name else text.addText(words)
                cell.addElement(text)
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("parts", "at", "value"),
    [
        ([(STRUCK, "-1"), (BOLD, "50")], 3, "-150"),
        ([(BOLD, "-15"), (RAISED, "2")], 3, "-152"),
        ([(BOLD, "1002003"), (RAISED, "1")], 0, "10020031"),
        ([(STRUCK, "06."), (BOLD, "07.2026")], 2, "06.07.2026"),
    ],
)
def test_a_value_of_parts_is_asked_about(read, parts: Parts, at: int, value: str) -> None:
    for data in (form(parts, at), inline(form(parts, at))):
        found = [one for one in told(read(data)) if one[0] == "value.parted"]
        assert found == [("value.parted", f"{'ABCDE'[at]}8", value)]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([("T1", "-1"), ("", "50")], "value.parted"), ([("", "-15"), ("T2", "2")], "value.parted"),
        ([("T1", "-1"), ("T1", "50")], "value.struck_out"), ([("T3", "-1"), ("", "50")], ""),
    ],
)  # fmt: skip
def test_parts_of_a_text_of_an_ods_are_looked_at_too(read, parts: list[tuple[str, str]], code: str) -> None:
    assert [one for one, *_ in told(read(ods(parts), "a.ods"))] == ([code] if code else [])


def in_xls(*parts: tuple[str, str], rows: int = 1) -> bytes:
    """A form of an .xls whose last sum is a text of parts, each in its font; `rows`: so many, each with texts of its
    own, so that they go on in further records."""
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Лист")
    lines = [*TOP, RECALCULATIONS, *[[*ROW[:4], f"акт {n} " + "ж" * (n % 90)] for n in range(rows)]]
    for r, row in enumerate(lines):
        for c, value in enumerate(row):
            if (r, c) != (len(lines) - 1, 3):
                sheet.write(r, c, value)
    fonts = {
        "": xlwt.easyfont(""), "struck": xlwt.easyfont("struck_out true"), "bold": xlwt.easyfont("bold true"),
        "raised": xlwt.easyfont("escapement superscript"),
    }  # fmt: skip
    sheet.write_rich_text(len(lines) - 1, 3, [(text, fonts[font]) for font, text in parts])
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize("rows", [1, 700])
@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([("struck", "-1"), ("", "50")], "value.parted"), ([("", "-15"), ("raised", "2")], "value.parted"),
        ([("struck", "-1"), ("struck", "50")], "value.struck_out"), ([("bold", "-1"), ("", "50")], ""),
    ],
)  # fmt: skip
def test_parts_of_a_text_of_an_xls_are_looked_at_too(read, parts: list[tuple[str, str]], code: str, rows: int) -> None:
    found = [(one, cell) for one, cell, _ in told(read(in_xls(*parts, rows=rows), "a.xls"))]
    assert found == ([(code, f"D{7 + rows}")] if code else [])


@pytest.mark.parametrize(
    ("parts", "at"),
    [([(BOLD, "-1"), ({}, "50")], 3), ([({}, "-150 тг"), (RAISED, "1")], 4), ([({}, "м"), (RAISED, "2")], 4)],
)
def test_other_looks_and_marks_in_words_change_nothing(read, parts: Parts, at: int) -> None:
    for data in (form(parts, at), inline(form(parts, at))):
        assert told(read(data)) == []


def test_a_text_wholly_struck_out_by_its_parts_is_struck_out(read) -> None:
    wholly: Parts = [(STRUCK, "-1"), ({**STRUCK, **BOLD}, "50")]
    for data in (form(wholly), inline(form(wholly))):
        assert ("value.struck_out", "D8", "-150") in told(read(data))
    words: Parts = [(STRUCK, "акт 1"), ({}, " акт 2")]
    assert told(read(form(words, 4))) == [("cells.struck_out", "E8", "акт 1 акт 2")]


def test_in_a_large_sheet_such_a_value_is_found(read) -> None:
    assert told(read(form([(STRUCK, "-1"), (BOLD, "50")], rows=20_000)))[-1][:2] == ("value.parted", "D20007")
    assert told(read(xlsx([*TOP, RECALCULATIONS, ROW]))) == []
