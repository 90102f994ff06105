"""The sheets of a workbook of any kind: calamine's values, and marks from our own look through its records."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import python_calamine

from inbox_worker.workbooks import bank_text, csv_cells, ods_cells
from inbox_worker.workbooks.bank_statements import read_bank_file
from inbox_worker.workbooks.cell_values import MOST_RANGES, Locked, Look, Oversized, SheetCells, Unseen, as_cell
from inbox_worker.workbooks.xlsx_notes import note_words
from inbox_worker.workbooks.xlsx_parts import PartPaths, Parts, package, styles_of, usual
from inbox_worker.workbooks.xlsx_plain import spell_plainly

_Looks = dict[str, Look]
_LINES = {"fixed": bank_text.fixed_rows, "dbf": bank_text.dbf_rows}  # files of banks, row by row


def sheets(data: bytes, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    """Yield every sheet with cells. Raises the errors that `read_child.answer` knows."""
    kind = wanted["kind"]
    if kind == "encrypted":
        data, kind = unlock(data), "xlsx"
    if kind == "csv":
        rows, delimiter, found = csv_cells.rows_of(data, wanted)
        yield SheetCells({**_place(0, "", 1), "delimiter": delimiter}, rows, lines=found.as_json())
    elif kind == "separated":
        rows, found = bank_text.separated_rows(data, wanted)
        yield SheetCells({**_place(0, "", 1), "delimiter": wanted["separator"]}, rows, lines=found.as_json())
    elif kind == "bank":
        yield from read_bank_file(data).sheets()
    elif kind in _LINES:
        yield SheetCells(_place(0, "", 1), _LINES[kind](data, wanted))
    elif kind == "xls":
        yield from _of_xls(data, wanted)
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > wanted["unpacked"]:
                raise Oversized
            yield from _of_ods(archive, wanted) if kind == "ods" else _of_xlsx(data, archive, wanted)


def _place(index: int, name: str, row: int, hidden: bool = False, very_hidden: bool = False) -> dict[str, Any]:
    return {"sheet": index, "name": name, "hidden": hidden, "very_hidden": very_hidden, "row": row}


def _of_ods(archive: zipfile.ZipFile, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    for index, sheet in enumerate(ods_cells.sheets_of(Parts(archive), wanted)):
        if sheet.rows:
            place = _place(index, sheet.name, 1, sheet.hidden)
            yield SheetCells(place, sheet.whole_rows(), sheet.look, merged=sheet.merged)


def _of_xlsx(data: bytes, archive: zipfile.ZipFile, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    parts = Parts(archive)
    found = package(parts)
    looks, codes = _looks(parts, found, wanted)
    code = codes.pop() if len(codes) == 1 else ""
    anew = {
        path: spell_plainly(parts, path)
        for name, path in found.sheets.items()
        if name in looks and looks[name].in_pieces
    }
    if found.odd or anew:
        data = usual(parts, found, anew)
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                if meta.name not in looks:
                    raise Unseen(meta.name)
                yield from _of_calamine(book, index, looks[meta.name], wanted, code)


def _looks(parts: Parts, found: PartPaths, wanted: dict[str, Any]) -> tuple[_Looks, set[str]]:
    """Return the marks of every worksheet, and the formats that make dates of numbers."""
    from inbox_worker.workbooks import xlsb_look, xlsx_look

    worksheets = {path for _, kind, path in found.relations if kind == "worksheet"}
    if found.binary:
        styles = xlsb_look.styles_of(parts, found)
        named = {name: path for name, path in xlsb_look.sheets_of(parts, found).items() if path in worksheets}
        looks = {name: xlsb_look.look_through(parts, path, styles, wanted, name) for name, path in named.items()}
        for name, path in named.items():
            note_words(parts, path, looks[name])
        return looks, set(styles.dated.values())
    styles, looks = styles_of(parts, found), {}
    for name, path in found.sheets.items():
        if path in worksheets:
            looks[name] = xlsx_look.look_through(parts, path, styles, wanted, name)
            note_words(parts, path, looks[name])
            if found.not_calculated:
                looks[name].nobody_calculated()
    return looks, set(styles.dated.values())


def _of_xls(data: bytes, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    from inbox_worker.workbooks import xls_look
    from inbox_worker.workbooks.xls_words import respell_sheets

    if xls_look.is_locked(data):
        data = unlock(data)
    data = xls_look.mend(data)
    looks = xls_look.look_through(data, wanted)
    found: list[SheetCells] = []
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                if index >= len(looks):
                    raise Unseen(meta.name)
                found += _of_calamine(book, index, looks[index], wanted, "")
    yield from respell_sheets(found, frozenset(wanted.get("words", ())))


def _of_calamine(book: Any, index: int, look: Look, wanted: dict[str, Any], code: str) -> Iterator[SheetCells]:
    """Yield one sheet's values, with its marks in their places."""
    meta, sheet = book.sheets_metadata[index], book.get_sheet_by_index(index)
    rows: Iterator[list[Any]] = iter(())
    top = left = width = 0
    if sheet.start is not None and sheet.end is not None:
        (top, left), (bottom, right) = sheet.start, sheet.end
        width = right - left + 1
        csv_cells.check_extent(bottom + 1, right + 1, wanted)
        # iter_rows begins at row 1 of the sheet but at the first used column
        rows = itertools.islice(sheet.iter_rows(), top, None)
    if look.numbers >= 0:
        rows = _check_count(rows, look, meta.name)
    if look.cells or look.dated:
        marked = Marked(look, top, left, width)
        csv_cells.check_extent(marked.last, marked.end, wanted)
        top, left, rows = marked.top, marked.left, marked.laid(rows)
    first = next(rows, None)
    if first is not None:
        states = python_calamine.SheetVisibleEnum
        hidden, very_hidden = meta.visible != states.Visible, meta.visible == states.VeryHidden
        place = _place(index, meta.name, top + 1, hidden, very_hidden)
        merged = [(*begin, *end) for begin, end in sheet.merged_cell_ranges or () if begin != end][:MOST_RANGES]
        yield SheetCells(place, itertools.chain([first], rows), look, left, code, merged)


def _check_count(rows: Iterator[list[Any]], look: Look, name: str) -> Iterator[list[Any]]:
    """Yield the rows. Raises Unseen after the last one when numbers of the sheet are not among them."""
    count = 0
    for row in rows:
        count += sum(type(value) is not str and value is not None for value in row)
        yield row
    if count < look.numbers:
        raise Unseen(name)


class Marked:
    """The marks of a sheet laid over its values, in a rectangle that holds both: calamine's may be smaller.

    `top` and `left`: its first row and column, 0-based; `end`: the column after its last; `last`: its last marked row.
    """

    def __init__(self, look: Look, top: int, left: int, width: int) -> None:
        self._look = look
        self._by_row: dict[int, dict[int, Any]] = {}
        for column, cells in look.cells.items():
            for row, cell in cells.items():
                self._by_row.setdefault(row, {})[column] = cell
        self.last = max(self._by_row, default=0)
        first = min(self._by_row, default=top + 1) - 1
        columns = [*look.cells, *((left, left + width - 1) if width else ())]
        self.left, self.end = min(columns, default=0), max(columns, default=-1) + 1
        self.top = min(top, first) if width else first
        self._above = top - self.top if width else 0
        self._sides = (left - self.left, self.end - left - width) if width else (0, 0)

    def laid(self, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """Yield the rows with the marks in their places."""
        number, blank = self.top, [""] * (self.end - self.left)
        before, after = ([""] * count for count in self._sides)
        above = (list(blank) for _ in range(self._above))
        for row in itertools.chain(above, ([*before, *row, *after] for row in rows)):
            number += 1
            yield self._with_marks(row, number)
        for below in range(number + 1, self.last + 1):
            yield self._with_marks(list(blank), below)

    def _with_marks(self, row: list[Any], number: int) -> list[Any]:
        for column, dated in self._look.dated.items():
            if (known := dated.get(number)) and 0 <= column - self.left < len(row):
                row[column - self.left] = as_cell(row[column - self.left], known, known[1])
        for column, cell in self._by_row.get(number, {}).items():
            row[column - self.left] = cell
        return row


# [MS-OFFCRYPTO] 2.1.5: a workbook whose structure is protected, or that is recommended as read-only, is encrypted so
PASSWORD = "VelvetSweatshop"
_ODD = (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, NotImplementedError, struct.error)


def unlock(data: bytes) -> bytes:
    """Return the file without its encryption. Raises Locked when anything else closes it."""
    import msoffcrypto  # here, for it takes a tenth of a second and few files ask for it
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    sink = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=PASSWORD)
        file.decrypt(sink)
    except (InvalidKeyError, DecryptionError, FileFormatError, ParseError, *_ODD) as error:
        raise Locked from error  # by a password, a certificate, or in a way that nobody knows
    return sink.getvalue()
