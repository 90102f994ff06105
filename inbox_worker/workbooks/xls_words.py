"""Texts of an .xls whose code page record is wrong, spelled anew in the page that makes known words of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from inbox_worker.workbooks.cell_values import SheetCells
from inbox_worker.workbooks.csv_cells import known_words

_READ_AS = ("cp1252", "cp1251", "cp866", "koi8-r", "mac-cyrillic", "cp437", "cp850")
_MEANT = ("cp1251", "kz1048", "cp866", "koi8-r")
_ROWS = 64
Table = dict[int, int]


def respell_sheets(found: Iterable[SheetCells], words: frozenset[str]) -> Iterator[SheetCells]:
    """Yield the sheets, their texts in the encoding in which most known words are found; as they are when some are."""
    sheets = [replace(sheet, rows=list(sheet.rows)) for sheet in found]
    start = "\n".join(_texts(sheets))
    table = _table(start, words) if words and not start.isascii() else None
    for sheet in sheets:
        yield replace(sheet, rows=[_respell_row(row, table) for row in sheet.rows]) if table else sheet


def _texts(sheets: list[SheetCells]) -> list[str]:
    rows = (row for sheet in sheets for row in list(sheet.rows)[:_ROWS])
    return [value for row in rows for value in row if type(value) is str and value]


def _table(start: str, words: frozenset[str]) -> Table | None:
    """Map letters as read to letters as meant; None when the texts are read as they were written."""
    best, found = known_words(start, words), None
    if best:
        return None
    for read_as in _READ_AS:
        for meant in _MEANT:
            table = _letters(read_as, meant) if read_as != meant else {}
            count = known_words(start.translate(table), words)
            if count > best:
                best, found = count, table
    return found


def _letters(read_as: str, meant: str) -> Table:
    table = {}
    for byte in range(128, 256):
        one = bytes([byte])
        right = one.decode(meant, errors="replace")
        table[ord(one.decode(read_as, errors="replace"))] = ord(right)
        if read_as == "cp1252":  # what a reader makes of bytes that the page lacks
            table.setdefault(byte, ord(right))
    table.pop(0xFFFD, None)
    return table


def _respell_row(row: list[Any], table: Table) -> list[Any]:
    return [value.translate(table) if type(value) is str else value for value in row]
