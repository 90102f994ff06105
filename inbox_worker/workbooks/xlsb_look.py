"""Facts in the records of an .xlsb that calamine's values lack: errors, formulas, percents, dates, hidden rows.

[MS-XLSB] 2.3 names the records. Rows of short records (SheetJS writes them), and rich texts in cells themselves, hold
what calamine does not read: their sheet is refused, never taken by halves.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from inbox_worker.workbooks.cell_values import ERROR, Cell, DamagedWorkbook, Look, Oversized, Unseen
from inbox_worker.workbooks.number_formats import BUILT_IN, CellFormats
from inbox_worker.workbooks.unseen_text import LEAST_TWIPS, UnseenText
from inbox_worker.workbooks.xls_look import ERRORS, rk_number
from inbox_worker.workbooks.xlsb_rules import LOOK, RULES, BinaryRules, read_look
from inbox_worker.workbooks.xlsb_strings import read_string_looks
from inbox_worker.workbooks.xlsx_parts import PartPaths, Parts

_ROW, _RK, _ERROR, _BOOL, _REAL = 0, 2, 3, 4, 5
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = 8, 9, 10, 11
_TEXT_NUMBER = 7
_NOT_READ = frozenset(
    {*range(13, 19), 62}
)  # calamine passes over short ones (12 is a blank) and rich texts of their own
_FONT, _FILL = 43, 45
_RAISED = b"\x01\x00"
_FORMAT, _STYLE, _COLUMN, _STYLES, _STYLES_END, _SHEET, _DATA_END = 44, 47, 60, 617, 618, 156, 146


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, size = 0, len(data)
    while at < size:
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (data[at] << 7), at + 1
        length = shift = 0
        while True:
            byte, at = data[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        if at + length > size:
            raise DamagedWorkbook("a record is cut")
        yield kind, data[at : at + length]
        at += length


def _text(body: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", body, at)[0]
    if count == 0xFFFFFFFF:
        return "", at + 4
    return body[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace"), at + 4 + 2 * count


def sheets_of(parts: Parts, found: PartPaths) -> dict[str, str]:
    """Return path of each sheet by its name."""
    by_id = {key: path for key, _, path in found.relations}
    sheets = {}
    for kind, body in _records(parts.read(found.main)):
        if kind == _SHEET:
            key, at = _text(body, 8)
            name, _ = _text(body, at)
            sheets[name] = by_id.get(key, "")
    return sheets


def styles_of(parts: Parts, found: PartPaths) -> CellFormats:
    """Return the cell styles that make percents or dates of numbers, show them otherwise, or strike them out."""
    formats, styles, fonts, seen = dict(BUILT_IN), CellFormats(), list[tuple[bool, bool]](), UnseenText()
    number, number_of_look, inside = 0, 0, False
    for kind, body in _records(parts.read(found.styles, 80_000_000)) if found.styles else ():
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif kind == _FONT:
            fonts.append((bool(struct.unpack_from("<H", body, 2)[0] & 0x08), body[6:8] == _RAISED))
            seen.take_font(struct.unpack_from("<H", body)[0], _colour(body[12:20]))
        elif kind == _FILL:
            seen.take_fill(struct.unpack_from("<I", body)[0], _colour(body[4:12]))
        elif kind == LOOK:
            hides, strikes = read_look(body, _colour)
            styles.hiding_looks.update([str(number_of_look)] if hides else [])
            styles.striking_looks.update([str(number_of_look)] if strikes else [])
            number_of_look += 1
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside:
            key, font, fill = struct.unpack_from("<3H", body, 2)
            styles.put(number, formats.get(key, ""), font < len(fonts) and fonts[font][0])
            seen.note(styles, number, font, fill)
            number += 1
    if found.strings and any(map(any, fonts)):
        strings = read_string_looks(_records(parts.read(found.strings, 80_000_000)), fonts)
        return replace(styles, strings=strings)
    return styles


def _colour(packed: bytes) -> dict[str, str]:
    """Return a colour as .xlsx spells it ([MS-XLSB] 2.5.18): automatic, of the palette, RGB, of the theme."""
    if len(packed) < 8:
        return {}
    kind, place, tint = packed[0] >> 1, str(packed[1]), struct.unpack_from("<h", packed, 2)[0] / 32_767
    said = {1: {"indexed": place}, 2: {"rgb": packed[4:7].hex()}, 3: {"theme": place}}.get(kind, {})
    return {**said, "tint": str(tint)} if tint else said


def look_through(parts: Parts, path: str, styles: CellFormats, wanted: dict[str, Any], name: str) -> Look:
    """Return the marks of one sheet. Raises Unseen for cells in short records, Oversized at a value too far out."""
    look, row, within = Look(numbers=0), 0, True
    rules = BinaryRules(look.hiding, styles.hiding_looks, styles.striking_looks)
    for kind, body in _records(parts.read(path, wanted["unpacked"])):
        if kind in RULES:
            rules.take(kind, body)
        elif not within:
            continue
        elif kind == _ROW:
            row = struct.unpack_from("<I", body)[0] + 1
            height = struct.unpack_from("<H", body, 8)[0] if len(body) > 11 else 0
            if len(body) > 11 and (body[11] & 0x10 or (body[11] & 0x20 and height <= LEAST_TWIPS)):
                look.hide_row(row)
        elif kind == _COLUMN:
            first, last = struct.unpack_from("<2I", body)
            if len(body) > 16 and (body[16] & 1 or body[8:12] == bytes(4)):
                look.hidden_columns.update(range(first, min(last, 16_383) + 1))
        elif kind in _NOT_READ:
            raise Unseen(name)
        elif _RK <= kind <= _FORMULA_ERROR:
            column, style = struct.unpack_from("<II", body)
            if row > wanted["rows"] or column >= wanted["columns"]:
                raise Oversized(name)
            _note(look, styles, (kind, row, column, style & 0xFFFFFF), body)
        elif kind == _DATA_END:
            within = False
    return look


def _note(look: Look, styles: CellFormats, cell: tuple[int, int, int, int], body: bytes) -> None:
    kind, row, column, style = cell
    formula = kind >= _FORMULA_TEXT
    look.formulas = look.formulas or formula
    if style in styles.struck:
        look.put_struck(row, column)
    if style in styles.unseen:
        look.put_unseen(row, column)
    if style in styles.red:
        look.put_red(row, column)
    if kind == _TEXT_NUMBER:
        styles.strings.note(struct.unpack_from("<I", body, 8)[0], look, row, column)
    elif kind in (_ERROR, _FORMULA_ERROR):
        look.put(row, column, Cell(ERROR, None, ERRORS.get(body[8], f"#{body[8]}")))
    elif kind in (_BOOL, _FORMULA_BOOL):
        look.numbers += 1
    elif kind in (_RK, _REAL, _FORMULA_NUMBER):
        number = (
            rk_number(struct.unpack_from("<I", body, 8)[0]) if kind == _RK else struct.unpack_from("<d", body, 8)[0]
        )
        look.numbers += 1
        styles.note(look, row, column, style, number)
        if formula:
            look.put_formula(row, column, number)
    elif kind == _FORMULA_TEXT and not _text(body, 8)[0].strip():
        look.put_blank(row, column)
