"""Facts in the records of an .xls (BIFF5, BIFF8) that calamine's values lack: errors, formulas, percents, hidden rows.

[MS-XLS] 2.4 names the records. calamine gives an error cell as empty, knows stream names in one spelling only, and
fails at a code page it has not heard of.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import olefile

from inbox_worker.workbooks.cell_values import ERROR, FORMULA, Cell, DamagedWorkbook, Locked, Look, Oversized
from inbox_worker.workbooks.number_formats import BUILT_IN, CellFormats
from inbox_worker.workbooks.unseen_text import LEAST_TWIPS, UnseenText
from inbox_worker.workbooks.xls_notes import NoteRecords
from inbox_worker.workbooks.xls_rules import RULES, RuleRecords
from inbox_worker.workbooks.xls_strings import read_string_looks

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_FORMULA, _EOF, _FILE_PASS, _CODE_PAGE, _COLUMN, _SHEET = 0x06, 0x0A, 0x2F, 0x42, 0x7D, 0x85
_MANY_RK, _XF, _NUMBER, _BOOL_OR_ERROR, _STRING, _ROW, _RK = 0xBD, 0xE0, 0x203, 0x205, 0x207, 0x208, 0x27E
_FORMAT, _BOF, _FONT, _NO_FONT, _PALETTE, _FIRST_OF_PALETTE = 0x41E, 0x809, 0x31, 4, 0x92, 8
_SHARED = 0xFD
_TEXTS = (0xD6, _SHARED, 0x204)
_KNOWN_PAGES = frozenset((866, 874, 932, 936, 949, 950, 1200, *range(1250, 1259), 10000, 10007, 20866, 21866, 65001))


@dataclass
class _Book:
    """The globals of a workbook."""

    new: bool = True  # BIFF8
    page: int = 1200
    page_at: int = -1
    locked: bool = False
    sheets: list[int] = field(default_factory=list)  # where each begins
    styles: CellFormats = field(default_factory=CellFormats)
    palette: dict[int, str] = field(default_factory=dict)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, place and body of each record from a place on."""
    size = len(stream)
    while at + 4 <= size:
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _stream(data: bytes) -> tuple[bytes, bool]:
    """Return the workbook's stream, whatever its name's case, and whether there is the summary that Excel writes."""
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        names = {entry[0].casefold(): entry for entry in ole.listdir() if len(entry) == 1}
        for name in ("workbook", "book"):
            if name in names:
                with ole.openstream(names[name]) as source:
                    return source.read(), "\x05summaryinformation" in names
    raise DamagedWorkbook("no workbook stream")


def _globals(stream: bytes) -> _Book:
    book, begun = _Book(), False
    fonts, fills = list[tuple[int, int]](), list[tuple[int, int]]()
    formats, styles, struck, seen = dict(BUILT_IN), list[tuple[int, int]](), list[bool](), UnseenText()
    for kind, at, body in _records(stream, 0):
        if kind == _BOF and not begun:
            begun, book.new = True, struct.unpack_from("<H", body)[0] >= 0x600
        elif kind == _FILE_PASS:
            book.locked = True
            return book
        elif kind == _CODE_PAGE:
            book.page, book.page_at = struct.unpack_from("<H", body)[0], at
        elif kind == _FORMAT:
            number, named = _format(body, book.new)
            formats[number] = named
        elif kind == _XF:
            styles.append(struct.unpack_from("<2H", body))
            fills.append(_fill(body, book.new))
        elif kind == _FONT:
            height, flags, colour = struct.unpack_from("<3H", body)
            struck.append(bool(flags & 0x08))
            fonts.append((height, colour))
        elif kind == _PALETTE:
            colours = (body[at : at + 3].hex() for at in range(2, len(body) - 3, 4))
            book.palette = dict(enumerate(colours, _FIRST_OF_PALETTE))
        elif kind == _SHEET:
            book.sheets.append(struct.unpack_from("<I", body)[0])
        elif kind == _EOF:
            break
    for height, colour in fonts:
        seen.take_font(height, _colour(colour, book.palette))
    for number, (font, code) in enumerate(styles):
        font -= font > _NO_FONT  # there is no font of number 4
        book.styles.put(number, formats.get(code, ""), font < len(struck) and struck[font])
        pattern, colour = fills[number]
        seen.take_fill(pattern, _colour(colour, book.palette))
        seen.note(book.styles, number, font, number)
    return book


def _fill(body: bytes, new: bool) -> tuple[int, int]:
    """Return a style's fill: its pattern and the place of its colour ([MS-XLS] 2.4.353)."""
    if len(body) < (20 if new else 12):
        return 0, 0
    if new:
        return struct.unpack_from("<I", body, 14)[0] >> 26, struct.unpack_from("<H", body, 18)[0] & 0x7F
    both = struct.unpack_from("<I", body, 8)[0]
    return both >> 16 & 0x3F, both & 0x7F


def _colour(place: int, palette: Mapping[int, str]) -> dict[str, str]:
    return {"rgb": palette[place]} if place in palette else {"indexed": str(place)}


def _format(body: bytes, new: bool) -> tuple[int, str]:
    number = struct.unpack_from("<H", body)[0]
    if not new:
        return number, body[3 : 3 + body[2]].decode("cp1251", "replace")
    count, flags = struct.unpack_from("<HB", body, 2)
    wide = flags & 1
    return number, body[5 : 5 + count * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def is_locked(data: bytes) -> bool:
    """Return whether an .xls is closed by a password (FilePass)."""
    return _globals(_stream(data)[0]).locked


def mend(data: bytes) -> bytes:
    """Return the file as calamine opens it: the stream's name in the usual case; the code page one that it knows, and
    that of Unicode in BIFF8, whose texts have no other whatever the record says."""
    for name in ("Workbook", "Book"):
        padded = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2)
        for spelled in (name.upper(), name.lower()):
            other = spelled.encode("utf-16-le").ljust(64, b"\0") + padded[64:]
            data = data.replace(other, padded, 1)
    stream, _ = _stream(data)
    book = _globals(stream)
    wrong = book.page != 1200 if book.new else book.page not in _KNOWN_PAGES
    if book.page_at >= 0 and wrong:
        around = stream[max(book.page_at - 24, 0) : book.page_at + 6]
        page = struct.pack("<H", 1200 if book.new else 1251)
        data = data.replace(around, around[:-2] + page, 1)
    return data


def look_through(data: bytes, wanted: dict[str, Any]) -> list[Look]:
    """Return the marks of every sheet, in the book's order. Raises Locked, Oversized, or what a
    spoiled record raises (BROKEN, read_child.py)."""
    stream, summary = _stream(data)
    book = _globals(stream)
    if book.locked:
        raise Locked
    book.styles = replace(book.styles, strings=read_string_looks(_records(stream, 0)))
    sheets = [_XlsSheet(book, wanted) for _ in book.sheets]
    for sheet, start in zip(sheets, book.sheets, strict=True):
        sheet.read(stream, start)
    if not summary and not any(sheet.calculated for sheet in sheets):
        for sheet in sheets:
            sheet.forget_empty()
    return [sheet.look for sheet in sheets]


class _XlsSheet:
    """One sheet's records. A formula whose saved result is an empty text was worked out by Excel, or never was (xlwt):
    the rest of the file shows it (`calculated`)."""

    def __init__(self, book: _Book, wanted: dict[str, Any]) -> None:
        self.look, self.calculated = Look(numbers=0), False
        self._styles, self._wanted = book.styles, wanted
        self._colour = partial(_colour, palette=book.palette)
        self._empty: list[tuple[int, int]] = []

    def forget_empty(self) -> None:
        """Takes formulas with an empty text for formulas without a value."""
        for row, column in self._empty:
            self.look.put(row, column, Cell(FORMULA, None, ""))

    def read(self, stream: bytes, start: int) -> None:
        depth = 0
        pending: tuple[int, int] | None = None  # a formula whose text must follow
        notes, rules = NoteRecords(), RuleRecords(self.look.hiding, self._colour)
        for kind, _, body in _records(stream, start):
            depth += (kind == _BOF) - (kind == _EOF)
            if depth <= 0:
                break
            if depth > 1:  # a chart in the sheet
                continue
            notes.take(kind, body)
            if kind in RULES:
                rules.take(kind, body)
            if kind == _STRING:
                pending = None
            elif kind in _TEXTS:
                row, column, style = struct.unpack_from("<3H", body)
                self._note_look(row + 1, column, style)
                if kind == _SHARED:
                    self._styles.strings.note(struct.unpack_from("<I", body, 6)[0], self.look, row + 1, column)
            elif kind in (_FORMULA, _NUMBER, _RK, _MANY_RK, _BOOL_OR_ERROR, _ROW, _COLUMN):
                self._note_missing(pending)
                pending = self._note(kind, body)
        self._note_missing(pending)
        notes.put(self.look)

    def _note_missing(self, pending: tuple[int, int] | None) -> None:
        if pending:
            self.look.put(*pending, Cell(FORMULA, None, ""))

    def _note(self, kind: int, body: bytes) -> tuple[int, int] | None:
        if kind == _ROW:
            row, flags = struct.unpack_from("<H", body)[0], struct.unpack_from("<I", body, 12)[0]
            height = struct.unpack_from("<H", body, 6)[0]
            if flags & 0x20 or (flags & 0x40 and height & 0x7FFF <= LEAST_TWIPS):
                self.look.hide_row(row + 1)
            return None
        if kind == _COLUMN:
            first, last, width, _, flags = struct.unpack_from("<5H", body)
            if flags & 1 or not width:
                self.look.hidden_columns.update(range(first, min(last, 255) + 1))
            return None
        row, column, style = struct.unpack_from("<3H", body)
        if row >= self._wanted["rows"] or column >= self._wanted["columns"]:
            raise Oversized
        if kind != _MANY_RK:
            self._note_look(row + 1, column, style)
        if kind == _FORMULA:
            return self._formula(row + 1, column, style, body)
        if kind == _BOOL_OR_ERROR:
            self._bool_or_error(row + 1, column, body[6], body[7] == 1)
        elif kind == _NUMBER:
            self._number(row + 1, column, style, struct.unpack_from("<d", body, 6)[0])
        elif kind == _RK:
            self._number(row + 1, column, style, rk_number(struct.unpack_from("<I", body, 6)[0]))
        else:
            for place in range((len(body) - 6) // 6):
                one, number = struct.unpack_from("<HI", body, 4 + 6 * place)
                self._note_look(row + 1, column + place, one)
                self._number(row + 1, column + place, one, rk_number(number))
        return None

    def _note_look(self, row: int, column: int, style: int) -> None:
        if style in self._styles.struck:
            self.look.put_struck(row, column)
        if style in self._styles.unseen:
            self.look.put_unseen(row, column)
        if style in self._styles.red:
            self.look.put_red(row, column)

    def _bool_or_error(self, row: int, column: int, value: int, error: bool) -> None:
        if error:
            self.look.put(row, column, Cell(ERROR, None, ERRORS.get(value, f"#{value}")))
        else:
            self.look.numbers += 1

    def _formula(self, row: int, column: int, style: int, body: bytes) -> tuple[int, int] | None:
        """Note a formula's saved result; return its place when a text must follow."""
        self.look.formulas = True
        result = body[6:14]
        if result[6:8] != b"\xff\xff":
            number = struct.unpack("<d", result)[0]
            self.calculated = self.calculated or number != 0
            self._number(row, column, style, number)
            self.look.put_formula(row, column, number)
            return None
        if result[0] == 3:
            self._empty.append((row, column))
            self.look.put_blank(row, column)
            return None
        self.calculated = True
        if result[0] == 0:
            return row, column
        self._bool_or_error(row, column, result[2], result[0] == 2)
        return None

    def _number(self, row: int, column: int, style: int, number: float) -> None:
        self.look.numbers += 1
        self._styles.note(self.look, row, column, style, number)


def rk_number(packed: int) -> float:
    """Return the number of an RK value."""
    whole = packed >> 2
    if packed & 2:
        value = float(whole - (1 << 30) if whole & (1 << 29) else whole)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value
