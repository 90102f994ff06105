"""4.1.15: sums that conditional formatting hides in an .xls or an .ods are told as those of an .xlsx are."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
import xlwt
from form_books import RECALCULATIONS, head, ods_cell, told
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Map, Style, TableCellProperties, TextProperties
from odf.table import Table, TableRow

ROWS = [
    *head("recalculations"), RECALCULATIONS,
    *[[f"1002003{n}", "Лифт", "06.2026", -10.0 - n, f"акт {n}"] for n in range(3)],
]  # fmt: skip
HIDDEN = [("cells.unseen", "D9", "-11")]
STRUCK = [("value.struck_out", "D9", "-11"), ("value.struck_out", "D10", "-12")]
DOUBTFUL = [("cells.may_be_unseen", "D8", "-10")]
WHITE, RED, BLACK = 9, 10, 8  # places of the palette
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def real(number: float) -> bytes:
    return b"\x1f" + struct.pack("<d", abs(number)) + b"\x13" * (number < 0)


def in_xls(look: bytes, flags: int, *operands: bytes, kind: int = 1, sign: int = 6, own: int = 0) -> bytes:
    """xlwt writes no rules, so their records go before the last one of the sheet."""
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Лист")
    for r, row in enumerate(ROWS):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    place = struct.pack("<4H", 7, 9, 3, 3)
    sizes = [len(one) for one in (*operands, b"", b"")][:2]
    rule = struct.pack("<BBHHIH", kind, sign, *sizes, flags, own) + look + b"".join(operands)
    rules = record(0x1B0, struct.pack("<HH", 1, 1) + place + struct.pack("<H", 1) + place) + record(0x1B1, rule)
    whole = sheet.get_biff_data
    sheet.get_biff_data = lambda: whole()[:-4] + rules + whole()[-4:]
    book.save(sink)
    return sink.getvalue()


def font(colour: int) -> bytes:
    return bytes(80) + struct.pack("<i", colour) + bytes(34)


def struck(*, kept: bool = False) -> bytes:
    """A font with a line through it; `kept`: the rule leaves the line as it is."""
    return bytes(68) + b"\x80" + bytes(11) + struct.pack("<i", -1) + bytes(4) + bytes([0x80 * kept]) + bytes(29)


FONT, FILL, NUMBER = 1 << 26, 1 << 29, 1 << 25


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (in_xls(font(WHITE), FONT, real(-10.5)), HIDDEN),
        (in_xls(font(RED), FONT, real(-10.5)), []),
        (in_xls(font(-1) + struct.pack("<I", 1 << 10 | RED << 23), FONT | FILL, real(-10.5)), []),
        (in_xls(struct.pack("<I", 1 << 10 | BLACK << 16 | BLACK << 23), FILL, real(-10.5)), HIDDEN),
        (in_xls(struct.pack("<HHB", 8, 3, 0) + b";;;", NUMBER, real(-10.5), own=1), HIDDEN),
        (in_xls(font(WHITE), FONT, real(-11.5), real(-10.5), sign=1), HIDDEN),
        (in_xls(font(WHITE), FONT, b"\x1e\x05\x00"), [("cells.unseen", "D8", "-10")]),
        (in_xls(font(WHITE), FONT, b"\x44" + bytes(4), kind=2), DOUBTFUL),
        (in_xls(struck(), FONT, real(-10.5)), STRUCK),
        (in_xls(struck(kept=True), FONT, real(-10.5)), []),
        (in_xls(font(WHITE)[:60], FONT, real(-10.5)), [("cells.unseen", "D9", "-11")]),
    ],
    ids=["white", "red", "red fill", "black", "nothing", "between", "whole", "formula", "struck", "not said", "cut"],
)
def test_a_sum_that_a_rule_of_an_xls_hides_is_told(read, data: bytes, expected: list[tuple[str, str, str]]) -> None:
    assert told(read(data, "a.xls")) == expected


def in_ods(rules: str, colour: str = "#ffffff", condition: str = "", **looks: str) -> bytes:
    """The rules of LibreOffice are no part of OpenDocument: they are written into the sheet."""
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    brought = Style(name="Hid_5f_1", displayname="Hid_1", family="table-cell")
    brought.addElement(TextProperties(color=colour, **looks))
    book.styles.addElement(brought)
    own = Style(name="ce1", family="table-cell")
    own.addElement(TableCellProperties(wrapoption="wrap"))
    if condition:
        own.addElement(Map(condition=condition, applystylename="Hid_5f_1", basecelladdress="Лист.D8"))
    book.automaticstyles.addElement(own)
    for r, row in enumerate(ROWS, 1):
        line = TableRow()
        for c, value in enumerate(row):
            line.addElement(ods_cell(value, **({"stylename": "ce1"} if r > 7 and c == 3 else {})))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    written = io.BytesIO()
    with zipfile.ZipFile(sink) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "content.xml" and rules:
                formats = f'<c:conditional-formats xmlns:c="{CALCEXT}">{rules}</c:conditional-formats>'
                part = part.replace(b"</table:table>", formats.encode() + b"</table:table>")
            new.writestr(name, part)
    return written.getvalue()


def rule(value: str, place: str = "Лист.D8:Лист.D10") -> str:
    said = f'<c:condition c:apply-style-name="Hid_1" c:value="{value}"/>'
    return f'<c:conditional-format c:target-range-address="{place}">{said}</c:conditional-format>'


LINE = {"textlinethroughstyle": "solid"}
BAR = '<c:conditional-format c:target-range-address="Лист.D9"><c:data-bar c:show-value="{}"/></c:conditional-format>'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (in_ods(rule("&lt;-10.5")), HIDDEN),
        (in_ods(rule("&lt;-10.5", "'Мой лист'.$D$8:'Мой лист'.$D$10")), HIDDEN),
        (in_ods(rule("between(-11.5,-10.5)")), HIDDEN),
        (in_ods(rule("!=-10")), HIDDEN),
        (in_ods(rule("formula-is([.E8]&gt;2)")), DOUBTFUL),
        (in_ods(rule("&lt;-10.5"), colour="#ff0000"), []),
        (in_ods("", condition="cell-content()<-10.5"), HIDDEN),
        (in_ods("", condition="cell-content-is-between(-11.5,-10.5)"), HIDDEN),
        (in_ods("", condition="is-true-formula([.E8]>2)"), DOUBTFUL),
        (in_ods("", colour="#ff0000", condition="cell-content()<-10.5"), []),
        (in_ods(rule("&lt;-10.5"), colour="#ff0000", **LINE), STRUCK),
        (in_ods("", "#ff0000", "cell-content()<-10.5", **LINE), STRUCK),
        (in_ods(BAR.format("false")), HIDDEN),
        (in_ods(BAR.format("true")), []),
    ],
)
def test_a_sum_that_a_rule_of_an_ods_hides_is_told(read, data: bytes, expected: list[tuple[str, str, str]]) -> None:
    assert told(read(data, "a.ods")) == expected


def test_a_cell_of_an_ods_that_its_named_style_strikes_out_is_asked_about(read) -> None:
    """A style of the template, such as a program's own "cancelled": the cell has it by name, or one made of it."""
    for above in (False, True):
        book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
        named = Style(name="Cancelled", family="table-cell")
        named.addElement(TextProperties(**LINE))
        book.styles.addElement(named)
        book.automaticstyles.addElement(Style(name="ce1", family="table-cell", parentstylename="Cancelled"))
        for r, row in enumerate(ROWS, 1):
            line = TableRow()
            for c, value in enumerate(row):
                style = {"stylename": "ce1" if above else "Cancelled"} if (r, c) == (9, 3) else {}
                line.addElement(ods_cell(value, **style))
            table.addElement(line)
        book.spreadsheet.addElement(table)
        book.save(sink)
        assert told(read(sink.getvalue(), "a.ods")) == STRUCK[:1]
