"""The same rows by several real writers, with error cells where they are asked for."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pyexcelerate
import xlsxwriter
import xlwt
from making import Rows, csv, members, zipped
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from inbox_worker.settings.form_rules import ColumnRule, FormRule

SHEET = "xl/worksheets/sheet1.xml"
ERROR = object()  # stands for an error value
_NUMBERS = frozenset({"money", "tariff", "quantity", "percent", "number", "integer"})
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def example(column: ColumnRule, day_cells: bool) -> object:
    """A column's example as a spreadsheet holds it: numbers as numbers, days as days where the writer has them."""
    if column.type in _NUMBERS and re.fullmatch(r"-?[\d\s]+(,\d+)?", column.example):
        return float(Decimal(column.example.replace(" ", "").replace("\u00a0", "").replace(",", ".")))
    if day_cells and column.type == "date" and (found := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", column.example)):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return column.example or None


def rows_of(rule: FormRule, day_cells: bool = False) -> list[list[object]]:
    """A form with two rows of its own examples."""
    line = [example(column, day_cells) for column in rule.columns]
    top: list[list[object]] = [["Форма", rule.form], ["Версия", rule.version], ["БИН заказчика", "971240003619"], []]
    return [*top, [column.ru for column in rule.columns], line, list(line)]


def with_error(rows: list[list[object]], row: int, column: int) -> list[list[object]]:
    """The rows with an error value in one cell."""
    changed = [list(cells) for cells in rows]
    changed[row] += [None] * (column + 1 - len(changed[row]))
    changed[row][column] = ERROR
    return changed


def by_xlsxwriter(rows: Rows) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is ERROR:
                    sheet.write_formula(r, c, "=NA()", None, "#N/A")
                elif isinstance(value, date):
                    sheet.write_datetime(r, c, datetime.combine(value, time()), days)
                elif value is not None:
                    sheet.write(r, c, value)
    return sink.getvalue()


def by_openpyxl(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            sheet.cell(r, c).value = "#N/A" if value is ERROR else value  # openpyxl makes an error cell of it
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def by_pyexcelerate(rows: Rows) -> bytes:
    width, book, sink = max(map(len, rows)), pyexcelerate.Workbook(), io.BytesIO()
    book.new_sheet("Лист", data=[[*row, *[None] * (width - len(row))] for row in rows])
    book.save(sink)
    return sink.getvalue()


def by_xlwt(rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet, days = book.add_sheet("Лист"), xlwt.easyxf(num_format_str="dd.mm.yyyy")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is ERROR:
                sheet.row(r).set_cell_error(c, 42)
            elif isinstance(value, date):
                sheet.write(r, c, value, days)
            elif value is not None:
                sheet.write(r, c, value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def by_odfpy(rows: Rows) -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="Лист")
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(_ods_cell(value))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _ods_cell(value: object) -> TableCell:
    if value is None:
        return TableCell()
    if value is ERROR:  # as LibreOffice shows one that it worked out
        cell = TableCell(valuetype="string", stringvalue="", formula="of:=NA()")
        cell.addElement(P(text="#N/A"))
    elif isinstance(value, date):
        cell = TableCell(valuetype="date", datevalue=value.isoformat())
        cell.addElement(P(text=f"{value:%d.%m.%Y}"))
    elif isinstance(value, float):
        cell = TableCell(valuetype="float", value=value)
        cell.addElement(P(text=str(value)))
    else:
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=str(value)))
    return cell


def by_csv(rows: Rows) -> bytes:
    """As Excel in Russian saves text in UTF-8: an error is its name."""
    return csv([["#Н/Д" if value is ERROR else value for value in row] for row in rows], encoding="utf-8")


@dataclass(frozen=True)
class RichText:
    """A text of an .xlsb whose parts have fonts of their own, by number."""

    parts: tuple[tuple[int, str], ...]
    own: bool = False  # in the cell itself, not among the shared strings
    cut: int = 0  # bytes that are missing at its end

    @property
    def packed(self) -> bytes:
        at, runs = 0, b""
        for font, text in self.parts:
            runs += struct.pack("<2H", at, font)
            at += len(text)
        whole = b"\x01" + _wide("".join(text for _, text in self.parts)) + struct.pack("<I", len(self.parts)) + runs
        return whole[: len(whole) - self.cut]


def by_xlsb(rows: Rows, styles: bytes = b"", odd: int = 0, beneath: bytes = b"") -> bytes:
    """An .xlsb of inline texts, numbers and errors, record by record; the row of number `odd` has style 1. `beneath`:
    records behind its cells. Rich texts are its shared strings."""
    shared = [value for row in rows for value in row if isinstance(value, RichText) and not value.own]
    table = _record(159, struct.pack("<II", len(shared), len(shared)))
    table += b"".join(_record(19, value.packed) for value in shared) + _record(160)
    reach = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = _record(129) + _record(148, reach) + _record(145)
    for r, row in enumerate(rows):
        sheet += _record(0, struct.pack("<IIHBBBI", r, 0, 300, 0, 0, 0, 0))
        for c, value in enumerate(row):
            place = struct.pack("<II", c, int(r + 1 == odd))
            if isinstance(value, RichText):
                own = _record(62, place + value.packed)
                sheet += own if value.own else _record(7, place + struct.pack("<I", shared.index(value)))
            elif value is not None:
                sheet += _xlsb_cell(c, value, int(r + 1 == odd))
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Лист")
    book = _record(131) + _record(143) + _record(156, bundle) + _record(144) + _record(132)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    root = f'{head}<Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.bin"/></Relationships>'
    link = f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/>'
    link += f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.bin"/>' if styles else ""
    link += f'<Relationship Id="rId3" Type="{office}/sharedStrings" Target="sharedStrings.bin"/>' if shared else ""
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": root.encode(),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f"{head}{link}</Relationships>".encode(),
            **({"xl/styles.bin": styles} if styles else {}),
            **({"xl/sharedStrings.bin": table} if shared else {}),
            "xl/worksheets/sheet1.bin": sheet + _record(146) + beneath + _record(130),
        }
    )


def xlsb_rule(look: int, top: int, bottom: int, left: int, right: int) -> bytes:
    """A rule of conditional formatting of an .xlsb with its look, over some cells."""
    ranges = struct.pack("<3I", 1, 0, 1) + struct.pack("<4I", top, bottom, left, right)
    return _record(461, ranges) + _record(463, struct.pack("<3i", 1, 0, look) + bytes(36)) + _record(464) + _record(462)


def xlsb_look(*said: tuple[int, bytes]) -> bytes:
    """A look of such a rule: what it says of font, fill and number format, by kind."""
    parts = b"".join(struct.pack("<2H", kind, len(value) + 4) + value for kind, value in said)
    return _record(507, struct.pack("<3H", 0, 0, len(said)) + parts)


def xlsb_font(struck: bool = False, raised: bool = False) -> bytes:
    """A font of an .xlsb that strikes out, or raises."""
    return _record(43, struct.pack("<HHHHBBBx", 220, 8 * struck, 400, int(raised), 0, 0, 204) + bytes(8))


def xlsb_styles(
    fonts: list[tuple[int, bytes]], fills: list[tuple[int, bytes]], looks: bytes = b"", further: bytes = b""
) -> bytes:
    """Styles of an .xlsb: fonts by size and colour, fills by pattern and colour; style n has font n and fill n.
    `further`: fonts that no cell has wholly."""
    parts = b"".join(_record(43, struct.pack("<HHHHBBBx", 20 * size, 0, 400, 0, 0, 0, 204) + c) for size, c in fonts)
    parts += further
    parts += b"".join(_record(45, struct.pack("<I", pattern) + c + bytes(8)) for pattern, c in fills)
    cells = (_record(47, struct.pack("<HHHHHBBI", 0, 0, n, n, 0, 0, 0, 0)) for n in range(len(fonts)))
    begin = _record(617, struct.pack("<I", len(fonts)))
    return _record(278) + parts + begin + b"".join(cells) + _record(618) + looks + _record(279)


def _xlsb_cell(column: int, value: object, style: int = 0) -> bytes:
    place = struct.pack("<II", column, style)
    if value is ERROR:
        return _record(3, place + b"\x2a")
    return (
        _record(5, place + struct.pack("<d", value))
        if isinstance(value, float)
        else _record(6, place + _wide(str(value)))
    )


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def respelled(data: bytes, spell: Callable[[str], str]) -> bytes:
    """The workbook with its first sheet's XML spelled another way."""
    parts = members(data)
    return zipped({**parts, SHEET: spell(parts[SHEET].decode()).encode()})


def prefixed(xml: str) -> str:
    """Every element of the sheet under a prefix."""
    xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml)
    return xml.replace("xmlns=", "xmlns:x=", 1)


def single_quoted(xml: str) -> str:
    head, found, rest = xml.partition("?>")
    return head + found + rest.replace('"', "'")


def placeless(xml: str) -> str:
    """Without addresses: each cell follows the one before; gaps are cells without values."""
    filled = re.sub(r"<row r=\"(\d+)\"[^>]*>(.*?)</row>", _padded, xml, flags=re.S)
    return re.sub(r"<(row|c) r=\"[A-Z]*\d+\"", r"<\1", filled)


def _padded(row: re.Match[str]) -> str:
    cells = dict(re.findall(r'(<c r="([A-Z])\d+".*?(?:/>|</c>))', row[2], flags=re.S) and [
        (letter, cell) for cell, letter in re.findall(r'(<c r="([A-Z])\d+".*?(?:/>|</c>))', row[2], flags=re.S)
    ])  # fmt: skip
    last = max(cells, default="A")
    inside = "".join(cells.get(chr(n), "<c/>") for n in range(65, ord(last) + 1))
    return f'<row r="{row[1]}">{inside}</row>'


def entities(xml: str) -> str:
    """`e` as a character reference, blanks about the equals sign."""
    return xml.replace('t="e"', 't = "&#x65;"')


def strict(data: bytes) -> bytes:
    """The workbook under the names of strict OOXML."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {}
    for name, part in members(data).items():
        text = part.decode("utf-8", "surrogateescape")
        text = text.replace(_MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        text = text.replace(office, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        parts[name] = text.encode("utf-8", "surrogateescape")
    return zipped(parts)


WRITERS: Mapping[str, tuple[str, Callable[[Rows], bytes], bool]] = {
    "openpyxl": ("xlsx", by_openpyxl, True),
    "xlsxwriter": ("xlsx", by_xlsxwriter, True),
    "pyexcelerate": ("xlsx", by_pyexcelerate, False),
    "xlwt": ("xls", by_xlwt, True),
    "odfpy": ("ods", by_odfpy, True),
    "xlsb": ("xlsb", by_xlsb, False),
    "csv": ("csv", by_csv, False),
}
SPELLINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "prefixed": lambda data: respelled(data, prefixed),
    "single quotes": lambda data: respelled(data, single_quoted),
    "no addresses": lambda data: respelled(data, placeless),
    "entities": lambda data: respelled(data, entities),
    "strict": strict,
}
