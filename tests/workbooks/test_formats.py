"""4.1.15: what a number format, an encoding or another program makes of a form, in .xlsx, .xls, .ods and text."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
import xlwt
from making import csv, members, xls, zipped
from msoffcrypto.format.ooxml import OOXMLFile
from odd_books import HEADER, LINES, PLAIN, TOP
from odf.opendocument import OpenDocumentSpreadsheet, load
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P
from writers import (
    RichText,
    by_odfpy,
    by_openpyxl,
    by_xlsb,
    by_xlsxwriter,
    by_xlwt,
    rows_of,
    xlsb_font,
    xlsb_look,
    xlsb_rule,
    xlsb_styles,
)

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.sniff import is_workbook_candidate
from tests.support.office import ROOT

RULES = load_rules(ROOT / "rules")
PENALTY, READINGS = RULES.forms["penalty_notice"], RULES.forms["meter_readings"]
Formatted = tuple[float, str]  # a number and its format; of .ods the name of its type


def read(data: bytes, name: str, reader: CellReader) -> FormTable:
    found = read_form(data, name, RULES, reader)
    assert isinstance(found, FormTable), found
    return found


def refused(data: bytes, name: str, reader: CellReader) -> Finding:
    found = read_form(data, name, RULES, reader)
    assert isinstance(found, tuple), found
    return found[0]


def codes(table: FormTable) -> list[str]:
    return [finding.code for finding in table.findings]


def xlsx(rows: list[list[object]]) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, tuple):
                    sheet.write_number(r, c, value[0], book.add_format({"num_format": value[1]}))
                elif value is not None:
                    sheet.write(r, c, value)
    return sink.getvalue()


def in_ods(rows: list[list[object]]) -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="Лист")
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(ods_cell(value))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def ods_cell(value: object) -> TableCell:
    if value is None:
        return TableCell()
    if isinstance(value, tuple) and "%" in value[1]:
        cell = TableCell(valuetype="percentage", value=value[0])
        cell.addElement(P(text="".join(value[2:])))
    elif isinstance(value, tuple) and "h" in value[1]:
        seconds = round(value[0] * 86_400)
        cell = TableCell(valuetype="time", timevalue=f"PT{seconds // 3600}H{seconds // 60 % 60:02}M{seconds % 60:02}S")
    elif isinstance(value, tuple):
        cell = TableCell(valuetype="date", datevalue="2026-05-01")
    elif isinstance(value, float):
        cell = TableCell(valuetype="float", value=value)
    else:
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=str(value)))
    return cell


MAKERS = pytest.mark.parametrize(
    ("suffix", "make"), [("xlsx", xlsx), ("xls", xls), ("ods", in_ods)], ids=["xlsx", "xls", "ods"]
)
Make = Callable[[list[list[object]]], bytes]


def with_cell(rule: object, name: str, value: object) -> list[list[object]]:
    """A form with a value in the first line of a column."""
    rows = rows_of(rule)  # type: ignore[arg-type]
    rows[5][[column.name for column in rule.columns].index(name)] = value  # type: ignore[attr-defined]
    return rows[:6]


@MAKERS
@pytest.mark.parametrize(("code", "shown", "told"), [("0%", "17%", ["cells.rounded"]), ("0.0%", "16,5%", [])])
def test_a_percent_that_is_shown_rounded_is_told(
    suffix: str, make: Make, code: str, shown: str, told: list[str], reader: CellReader
) -> None:
    table = read(make(with_cell(PENALTY, "rate", (0.165, code, shown))), f"a.{suffix}", reader)
    assert (table.rows["rate"][0].as_py(), codes(table)) == (Decimal("16.5"), told)
    assert [finding.facts["shown"] + "%" for finding in table.findings] == [shown for _ in told]


@MAKERS
@pytest.mark.parametrize(("stored", "meant"), [(0.165, "16.5"), (1.5, "150"), (0.0725, "7.25"), (2.5, "250")])
def test_percent_cell_is_what_it_shows(suffix: str, make: Make, stored: float, meant: str, reader: CellReader) -> None:
    table = read(make(with_cell(PENALTY, "rate", (stored, "0.00%"))), f"a.{suffix}", reader)
    assert table.rows["rate"].to_pylist() == [Decimal(meant)] and codes(table) == []


@MAKERS
@pytest.mark.parametrize(("rule", "column"), [(PENALTY, "coefficient"), (PENALTY, "grace_days"), (READINGS, "current")])
def test_percent_in_another_number_is_refused(
    suffix: str, make: Make, rule: object, column: str, reader: CellReader
) -> None:
    table = read(make(with_cell(rule, column, (0.5, "0%"))), f"a.{suffix}", reader)
    assert codes(table) == ["value.percent"] and table.findings[0].value == "50%"
    assert table.rows[column].to_pylist() == [None]


def test_quoted_percent_sign_is_no_percent(reader: CellReader) -> None:
    for suffix, make in (("xlsx", xlsx), ("xls", xls)):
        table = read(make(with_cell(PENALTY, "rate", (16.5, '0.0"%"'))), f"a.{suffix}", reader)
        assert table.rows["rate"].to_pylist() == [Decimal("16.5")] and codes(table) == []


def test_percent_in_words_of_another_number_is_refused(reader: CellReader) -> None:
    table = read(xlsx(with_cell(PENALTY, "coefficient", "150 %")), "a.xlsx", reader)
    assert codes(table) == ["value.percent"]


@MAKERS
@pytest.mark.parametrize(
    ("value", "shown", "number"),
    [((46143.0, "d mmm"), "01.05.2026", "46143"), ((8.770833333, "[h]:mm:ss"), "210:30:00", "8,770833")],
)
def test_number_that_became_a_date_or_time_is_told_with_what_is_behind(
    suffix: str, make: Make, value: Formatted, shown: str, number: str, reader: CellReader
) -> None:
    table = read(make(with_cell(READINGS, "current", value)), f"a.{suffix}", reader)
    [finding] = table.findings
    assert (finding.code, finding.value, finding.facts["number"]) == ("value.became_date", shown, number)
    assert finding.facts["format"] == (value[1] if suffix != "ods" else ("дата" if "d" in value[1] else "время"))
    assert "days" not in finding.value and table.rows["current"].to_pylist() == [None]


@MAKERS
def test_time_in_a_column_of_dates_is_no_date(suffix: str, make: Make, reader: CellReader) -> None:
    table = read(make(with_cell(READINGS, "taken_on", (8.770833333, "[h]:mm:ss"))), f"a.{suffix}", reader)
    assert [(f.code, f.value) for f in table.findings] == [("value.no_day", "210:30:00")]


def test_hidden_rows_and_columns_are_told_in_every_format(reader: CellReader) -> None:
    book = openpyxl.load_workbook(io.BytesIO(by_openpyxl(PLAIN)))
    book.active.row_dimensions[9].hidden = book.active.column_dimensions["D"].hidden = True
    sink = io.BytesIO()
    book.save(sink)
    old = xlwt.Workbook()
    sheet = old.add_sheet("Лист")
    for r, row in enumerate(PLAIN):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    sheet.row(8).hidden = sheet.col(3).hidden = True
    older = io.BytesIO()
    old.save(older)
    open_ = load(io.BytesIO(by_odfpy([[float(v) if isinstance(v, int) else v for v in row] for row in PLAIN])))
    table = open_.spreadsheet.getElementsByType(Table)[0]
    table.insertBefore(TableColumn(numbercolumnsrepeated=3), table.firstChild)
    table.insertBefore(TableColumn(visibility="collapse"), table.getElementsByType(TableRow)[0])
    table.getElementsByType(TableRow)[8].setAttribute("visibility", "filter")
    newest = io.BytesIO()
    open_.save(newest)
    for name, data in (("a.xlsx", sink), ("a.xls", older), ("a.ods", newest)):
        told = {f.code: f.value for f in read(data.getvalue(), name, reader).findings}
        assert told == {"rows.hidden": "9", "columns.hidden": "Предыдущее"}, name


def test_formula_without_a_saved_value_is_not_missing(reader: CellReader) -> None:
    rows = rows_of(READINGS)[:6]
    book = openpyxl.load_workbook(io.BytesIO(by_openpyxl(rows)))
    book.active["E6"] = "=1+1"
    sink = io.BytesIO()
    book.save(sink)
    old = xlwt.Workbook()
    sheet = old.add_sheet("Лист")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, xlwt.Formula("1+1") if (r, c) == (5, 4) else value)
    older = io.BytesIO()
    old.save(older)
    open_ = load(io.BytesIO(by_odfpy(rows)))
    cell = open_.spreadsheet.getElementsByType(TableRow)[5].getElementsByType(TableCell)[4]
    bare = TableCell(formula="of:=1+1")
    cell.parentNode.insertBefore(bare, cell)
    cell.parentNode.removeChild(cell)
    newest = io.BytesIO()
    open_.save(newest)
    for name, data in (("a.xlsx", sink), ("a.xls", older), ("a.ods", newest)):
        table = read(data.getvalue(), name, reader)
        assert [(f.code, f.cell) for f in table.findings if f.code != "workbook.formulas"] == [
            ("value.formula_empty", "E6")
        ], name


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp866", "koi8-r", "cp1251", "utf-8-sig"])
def test_text_is_read_in_the_encoding_of_its_words(encoding: str, reader: CellReader) -> None:
    rows = [[str(v) if v is not None else "" for v in row] for row in PLAIN]
    rows[rows.index(HEADER)][2] = "Номер счётчика"  # these pages lack some of our letters and signs
    plain = [["".join(c for c in cell if c not in "«»ү") for cell in row] for row in rows]
    table = read(csv(plain, encoding=encoding), "форма.csv", reader)
    assert table.rows["service"].to_pylist() == ["cold_water", "hot_water", "gas"] and codes(table) == []


def test_kazakh_text_of_the_old_standard_page(reader: CellReader) -> None:
    kazakh = ["Дербес шот", "Қызмет", "Аспап №", "Алдыңғы", "Ағымдағы", "Алынған күні"]
    lines = [["10020030", "Суық су", "Ү-1", "120", "127,5", "20.08.2026"]]
    top = [["Нысан", "meter_readings"], ["Тапсырыс берушінің БСН", "971240003619"]]
    table = read(csv([*top, kazakh, *lines], encoding="kz1048"), "форма.csv", reader)
    assert table.rows["meter"].to_pylist() == ["Ү-1"] and codes(table) == []


def test_separators_without_values_at_the_end_of_a_line_are_nothing(reader: CellReader) -> None:
    text = csv(PLAIN).decode().replace("\r\n", ";;;;\r\n")
    assert codes(read(text.encode(), "форма.csv", reader)) == []


def test_value_right_of_the_last_column_of_text_is_an_error(reader: CellReader) -> None:
    """A comma inside a number moved what follows: 127,5 is no more, and 5 is a date."""
    rows = [*TOP, HEADER, ["10020030", "Холодная вода", "С-1", "120", "127", "20.08.2026", "5"]]
    assert codes(read(csv(rows), "форма.csv", reader)) == ["row.too_wide"]


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook"])
def test_stream_of_an_old_book_in_any_case(name: str, reader: CellReader) -> None:
    data = by_xlwt(PLAIN).replace("Workbook".encode("utf-16-le"), name.encode("utf-16-le"))
    assert read(data, "форма.xls", reader).rows.num_rows == 3


def test_code_page_that_nobody_knows(reader: CellReader) -> None:
    data = by_xlwt(PLAIN)
    assert data.count(b"\x42\x00\x02\x00\xb0\x04") == 1
    spoilt = data.replace(b"\x42\x00\x02\x00\xb0\x04", b"\x42\x00\x02\x00\x12\x52")
    assert read(spoilt, "форма.xls", reader).rows.num_rows == 3


@pytest.mark.parametrize(("written", "page"), [("cp1251", 1200), ("cp1251", 1252), ("cp866", 1252), ("kz1048", 1251)])
def test_old_book_whose_code_page_lies(written: str, page: int, reader: CellReader) -> None:
    """Letters of one page under the record of another: the words of the form tell which was meant."""
    kazakh = ["Дербес шот", "Қызмет", "Аспап №", "Алдыңғы", "Ағымдағы", "Алынған күні"]
    plain = [["Форма", "meter_readings"], HEADER, ["10020030", "Холодная вода", "M-1", 120, 127.5, "20.08.2026"]]
    if written == "kz1048":
        plain = [["Нысан", "meter_readings"], kazakh, ["10020030", "Суық су", "M-1", 120, 127.5, "20.08.2026"]]
    wrong = [[v.encode(written).decode("latin-1") if isinstance(v, str) else v for v in row] for row in plain]
    data = by_xlwt(wrong).replace(b"\x42\x00\x02\x00\xb0\x04", b"\x42\x00\x02\x00" + page.to_bytes(2, "little"))
    assert read(data, "форма.xls", reader).rows["service"].to_pylist() == ["cold_water"]


def packed(files: dict[str, bytes], rename: Callable[[str], str], **also: bytes) -> bytes:
    return zipped({**{rename(name): data for name, data in files.items()}, **also})


def test_package_with_backslashes_or_another_main_part(reader: CellReader) -> None:
    plain = members(by_xlsxwriter(PLAIN))
    assert read(packed(plain, lambda n: n.replace("/", "\\")), "a.xlsx", reader).rows.num_rows == 3
    moved = {
        name.replace("xl/workbook.xml", "xl/book7.xml").replace("workbook.xml.rels", "book7.xml.rels"): data
        for name, data in plain.items()
    }
    moved["_rels/.rels"] = moved["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/book7.xml")
    moved["[Content_Types].xml"] = moved["[Content_Types].xml"].replace(b"xl/workbook.xml", b"xl/book7.xml")
    assert read(zipped(moved), "a.xlsx", reader).rows.num_rows == 3
    named = {name.replace("sharedStrings", "strings9"): data for name, data in plain.items()}
    for part in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        named[part] = named[part].replace(b"sharedStrings.xml", b"strings9.xml")
    assert read(zipped(named), "a.xlsx", reader).rows.num_rows == 3


def test_white_space_between_cells_of_open_document(reader: CellReader) -> None:
    plain = members(by_odfpy([[float(v) if isinstance(v, int) else v for v in row] for row in PLAIN]))
    spaced = (
        plain["content.xml"]
        .replace(b"<table:table-", b"\n  <table:table-")
        .replace(b"</table:table-row>", b"\n </table:table-row>")
    )
    assert read(zipped({**plain, "content.xml": spaced}), "a.ods", reader).rows.num_rows == 3


def locked(data: bytes, password: str) -> bytes:
    sink = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, sink)
    return sink.getvalue()


def test_password_of_excel_itself_opens_and_another_is_told(reader: CellReader) -> None:
    assert read(locked(by_xlsxwriter(PLAIN), "VelvetSweatshop"), "a.xlsx", reader).rows.num_rows == 3
    assert refused(locked(by_xlsxwriter(PLAIN), "тайна"), "a.xlsx", reader).code == "workbook.encrypted"


def test_old_book_behind_a_password_says_so(reader: CellReader) -> None:
    """FilePass stands where xlwt writes the code page, of the same length."""
    data = by_xlwt(PLAIN)
    page = data.index(b"\x42\x00\x02\x00\xb0\x04")
    spoilt = data[:page] + b"\x2f\x00\x02\x00\x01\x00" + data[page + 6 :]
    assert refused(spoilt, "a.xls", reader).code == "workbook.encrypted"


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DBF = (
    bytes([3, 126, 8, 20])
    + b"\2\0\0\0"
    + b"\x41\0\x0b\0"
    + b"\0" * 20
    + b"LS".ljust(32, b"\0")
    + b"\r"
    + b" 1002003000"
)
OTHERS = {
    "a.msg.xls": (OLE + wide("__properties_version1.0"), "workbook.message"),
    "a.numbers": (zipped({"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "workbook.numbers"),
    "a.dbf": (DBF, "workbook.dbf"),
    "orders.mt": (b"{1:F01K054700000000010023}{2:I102SGROSS000000U3003}{4:\r\n:20:1\r\n-}", "workbook.bank_format"),
    "pain.xml": (
        b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><Bk/></Document>',
        "workbook.bank_format",
    ),
    "a.xml": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>',
        "workbook.xml_table",
    ),
    "a.wk1": (b"\x00\x00\x02\x00\x06\x04\x06\x00\x08\x00", "workbook.old_format"),
    "excel4.xls": (b"\x09\x04\x06\x00\x00\x00\x10\x00", "workbook.old_format"),
    "a.fods": (
        b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        b'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>',
        "workbook.flat_ods",
    ),
    "~$форма.xlsx": (b"\x05Admin" + b"\0" * 160, "workbook.lock_file"),
    ".~lock.форма.ods#": (b",user,host,20.08.2026 10:00,file:///home;", "workbook.lock_file"),
    "скан.xlsx": (b"%PDF-1.7\n", "workbook.pdf"),
    "снимок.xlsx": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "workbook.picture"),
    "таблица.xls": (OLE + wide("WordDocument") + b"\0\0", "workbook.words"),
    "таблица.xlsx": (b"{\\rtf1 1;2;3}", "workbook.words"),
}


def test_every_kind_of_another_program_is_among_them() -> None:
    assert {code for _, code in OTHERS.values()} == {
        "workbook.bank_format", "workbook.dbf", "workbook.flat_ods", "workbook.lock_file", "workbook.message",
        "workbook.numbers", "workbook.old_format", "workbook.pdf", "workbook.picture", "workbook.words",
        "workbook.xml_table",
    }  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_table_of_another_program_is_told_what_to_send(name: str, reader: CellReader) -> None:
    data, code = OTHERS[name]
    assert is_workbook_candidate(data, name)
    assert refused(data, name, reader).code == code
    for text in (RULES.findings[code].remedy_ru, RULES.findings[code].remedy_kk):
        assert ".xlsx" in text or "«~$»" in text


def test_every_program_whose_tables_are_known_has_a_sample() -> None:
    assert {code for _, code in OTHERS.values()} == {
        "workbook.message", "workbook.numbers", "workbook.dbf", "workbook.xml_table", "workbook.old_format",
        "workbook.bank_format", "workbook.flat_ods", "workbook.lock_file", "workbook.pdf", "workbook.picture",
        "workbook.words",
    }  # fmt: skip


def test_short_time_is_told_as_a_clock_shows_it(reader: CellReader) -> None:
    half = timedelta(hours=18, minutes=30) / timedelta(days=1)
    table = read(xlsx(with_cell(READINGS, "current", (half, "h:mm"))), "a.xlsx", reader)
    assert table.findings[0].value == "18:30:00"


def test_sheet_with_cells_that_are_not_seen_is_refused_whole(reader: CellReader) -> None:
    """A cell at the address of another: one of them would be lost."""
    plain = members(by_xlsxwriter([*TOP, HEADER, *LINES]))
    sheet = plain["xl/worksheets/sheet1.xml"].replace(b'r="E10"', b'r="D10"')
    assert refused(zipped({**plain, "xl/worksheets/sheet1.xml": sheet}), "a.xlsx", reader).code == "sheet.unreadable"


AUTOMATIC, OF_THEME = bytes((1, 0, 0, 0, 0, 0, 0, 255)), bytes((7, 0, 0, 0, 255, 255, 255, 255))
GREEN_RGB = bytes((5, 0, 0, 0, 0, 0xB0, 0x50, 255))


@pytest.mark.parametrize(
    ("font", "fill", "unseen"),
    [
        ((11, OF_THEME), (0, AUTOMATIC), True),
        ((11, AUTOMATIC), (0, AUTOMATIC), False),
        ((11, OF_THEME), (1, GREEN_RGB), False),
        ((11, GREEN_RGB), (1, GREEN_RGB), True),
        ((1, AUTOMATIC), (0, AUTOMATIC), True),
    ],
)
def test_what_nobody_sees_in_a_binary_workbook_is_told(
    font: tuple[int, bytes], fill: tuple[int, bytes], unseen: bool, reader: CellReader
) -> None:
    styles = xlsb_styles([(11, AUTOMATIC), font], [(0, AUTOMATIC), fill])
    table = read(by_xlsb(rows_of(READINGS)[:7], styles, odd=6), "a.xlsb", reader)
    assert [(f.code, f.cell) for f in table.findings if f.code == "cells.unseen"] == [("cells.unseen", "A6")] * unseen


WHITE_RGB, RED_RGB = bytes((5, 0, 0, 0, 255, 255, 255, 255)), bytes((5, 0, 0, 0, 255, 0, 0, 255))
NOTHING = bytes(2) + b"\x03\x00" + ";;;".encode("utf-16-le")


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (xlsb_look((5, WHITE_RGB)), True),
        (xlsb_look((5, RED_RGB)), False),
        (xlsb_look((0, b"\x01"), (2, GREEN_RGB), (5, GREEN_RGB)), True),
        (xlsb_look((2, RED_RGB)), False),
        (xlsb_look((0x26, NOTHING)), True),
        (xlsb_look((0x1D, b"\x01")), True),
        (xlsb_look((0x1D, b"\x00"), (5, RED_RGB)), False),
    ],
)
def test_what_a_rule_of_a_binary_workbook_may_hide_or_strike_out_is_told(
    look: bytes, told: bool, reader: CellReader
) -> None:
    """Where its condition holds is not worked out: it may wherever the rule stands."""
    styles = xlsb_styles([(11, AUTOMATIC)], [(0, AUTOMATIC)], xlsb_look((5, RED_RGB)) + look)
    table = read(by_xlsb(rows_of(READINGS)[:7], styles, beneath=xlsb_rule(1, 5, 5, 0, 1)), "a.xlsb", reader)
    found = [(f.code, f.facts["cells"]) for f in table.findings if f.code.startswith("cells.")]
    assert found == [("cells.may_be_unseen", "A6, B6")] * told


PARTED = xlsb_styles([(11, AUTOMATIC)], [(0, AUTOMATIC)], further=xlsb_font(struck=True) + xlsb_font(raised=True))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (((1, "1"), (0, "27")), "value.parted"), (((0, "12"), (2, "7")), "value.parted"),
        (((1, "12"), (1, "7")), "value.struck_out"), (((0, "12"), (0, "7")), ""),
    ],
)  # fmt: skip
def test_parts_of_a_text_of_a_binary_workbook_are_looked_at(
    parts: tuple[tuple[int, str], ...], code: str, reader: CellReader
) -> None:
    """A value with a part struck out was read as if the part stood."""
    rows = rows_of(READINGS)[:7]
    rows[5][4] = RichText(parts)
    found = read(by_xlsb(rows, PARTED), "a.xlsb", reader).findings
    assert [(f.code, f.cell) for f in found if f.code.startswith("value.")] == ([(code, "E6")] if code else [])


def test_a_text_of_a_binary_workbook_whose_parts_are_cut_is_asked_about(reader: CellReader) -> None:
    """It was read as if it stood, and so were all behind it."""
    rows = rows_of(READINGS)[:7]
    rows[5][4], rows[6][4] = RichText(((0, "12"), (1, "7")), cut=2), RichText(((1, "1"), (0, "27")))
    found = read(by_xlsb(rows, PARTED), "a.xlsb", reader).findings
    assert [f.cell for f in found if f.code == "value.parted"] == ["E6", "E7"]


def test_binary_workbook_with_a_rich_text_of_a_cell_of_its_own_is_refused(reader: CellReader) -> None:
    """The library that reads cells passes over it: its cell would be empty."""
    rows = rows_of(READINGS)[:7]
    rows[5][4] = RichText(((0, "127"),), own=True)
    assert refused(by_xlsb(rows, PARTED), "a.xlsb", reader).code == "sheet.unreadable"
