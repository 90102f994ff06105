"""Many rows of one look at once: a sheet that is streamed to disk takes their XML as xlsxwriter would write it.

xlsxwriter writes a cell by a dozen calls of Python, which is what bounds it. Here a column's cells are made together;
what is seldom (a text with markup, a tall row) goes through xlsxwriter's own calls. Works with its `constant_memory`
sheets alone, whose rows go to a file in the order in which they come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

from xlsxwriter.worksheet import CellStringTuple

LONGEST_TEXT = 32_767  # of a cell
MOST_LINES = 20  # of a row
_PART = 2_000  # rows made at once
# to be escaped, or to be written with its white space kept
ODD_IN_RE2 = r"[&<>\x00-\x1f\x7f-\x{9f}\x{fffe}\x{ffff}]|^[\s\p{Z}]|[\s\p{Z}]$|_x[0-9A-Fa-f]{4}_"  # the same for arrow
ODD = re.compile(r"[&<>\x00-\x1f\x7f-\x9f\ufffe\uffff]|^\s|\s$|_x[0-9A-Fa-f]{4}_")
Measure = Callable[[str], int]


@dataclass(frozen=True)
class BandColumn:
    """A column of a band: its letter, the formats of its cells and of those that are wrapped (None: no look of their
    own), from how many letters on a text is measured in lines, whether what is empty has a cell, and its width in mm
    (0: not in sight, nothing is measured), in which `hyphens` let a word go over."""

    letter: str
    format: Any
    long_format: Any
    short: float
    count_lines: Measure
    empty_cells: bool = True
    mm: float = 0
    hyphens: bool = True


def as_cell(text: str) -> str:
    """Return a text as a cell may hold it; xlsxwriter takes <r>...</r> for markup of its own."""
    text = text[:LONGEST_TEXT]
    return f"{text} " if text.startswith("<r>") else text


def can_take_bands(sheet: Any) -> bool:
    """Return whether the sheet is streamed row by row, as bands need it."""
    return bool(sheet.constant_memory and sheet.row_data_fh is not None and sheet.row_data_fh is sheet.fh)


def write_band(
    sheet: Any,
    first: int,
    columns: Sequence[BandColumn],
    rows: Iterable[Sequence[Any]],
    height_of: Callable[[int], float],
) -> int:
    """Write the rows from the place `first` (from 0) on and return the place after them: the same cells as one call of
    xlsxwriter a cell writes. `height_of`: the height in points of a row of so many lines."""
    remaining, at = iter(rows), first
    while part := list(islice(remaining, _PART)):
        sheet._write_single_row(at)  # noqa: SLF001 - what was begun by calls comes first
        band = Band(sheet, range(at + 1, at + len(part) + 1))
        cells = [band.column(place, column, values) for place, (column, values) in
                 enumerate(zip(columns, zip(*part, strict=True), strict=True))]  # fmt: skip
        sheet._check_dimensions(at + len(part) - 1, len(columns) - 1)  # noqa: SLF001 - the sheet's extent
        sheet.fh.write("".join(band.lines(cells, height_of)))
        at += len(part)
        sheet.previous_row = at - 1
    return at


class Band:
    """A part of a band under way, its rows by their numbers; knows which are tall, and of how many lines."""

    def __init__(self, sheet: Any, numbers: Sequence[int]) -> None:
        self._sheet, self.numbers = sheet, numbers
        self._first = numbers[0] - 1
        self.tall: dict[int, int] = {}

    def column(self, place: int, column: BandColumn, values: Sequence[Any]) -> list[str]:
        """Return the XML of a column's cells."""
        if not column.empty_cells and all(value is None for value in values):
            return [""] * len(values)
        letter, style = column.letter, style_of(column.format)
        cells = []
        for row, value in zip(self.numbers, values, strict=True):
            kind = type(value)
            if kind is float:
                cells.append(f'<c r="{letter}{row}"{style}><v>{value:.16G}</v></c>')
            elif value is None or value == "":
                cells.append(f'<c r="{letter}{row}"{style}/>' if column.empty_cells else "")
            elif kind is str:
                shown = style
                if len(value) > column.short and self._is_tall(row, column.count_lines(value)):
                    shown = style_of(column.long_format)
                    value = value[:LONGEST_TEXT]
                if ODD.search(value):
                    cells.append(self.odd_text(row, place, value, column))
                else:
                    cells.append(f'<c r="{letter}{row}"{shown} t="inlineStr"><is><t>{value}</t></is></c>')
            elif kind is bool:
                cells.append(f'<c r="{letter}{row}"{style} t="b"><v>{value:d}</v></c>')
            else:
                number = self._sheet._convert_date_time(value) if isinstance(value, date) else float(value)  # noqa: SLF001
                cells.append(f'<c r="{letter}{row}"{style}><v>{number:.16G}</v></c>')
        return cells

    def _is_tall(self, row: int, lines: int) -> bool:
        """Return whether a text of so many lines is wrapped, and remember how high its row is."""
        if lines > 1:
            self.tall[row] = max(self.tall.get(row, 1), lines)
        return lines > 1

    def odd_text(self, row: int, place: int, text: str, column: BandColumn) -> str:
        """Return the XML of a text that has to be escaped."""
        measured = len(text) > column.short or "\n" in text
        tall = measured and self._is_tall(row, column.count_lines(text))
        cell = CellStringTuple(as_cell(text), column.long_format if tall else column.format)
        return self._catch(lambda: self._sheet._write_cell(row - 1, place, cell))  # noqa: SLF001

    def lines(self, columns: Sequence[Sequence[str]], height_of: Callable[[int], float]) -> Iterator[str]:
        """Yield the XML of the rows."""
        starts = {lines: self.start(lines, height_of) for lines in {1, *self.tall.values()}}
        for row, cells in zip(self.numbers, zip(*columns, strict=True), strict=True):
            before, after = starts[self.tall.get(row, 1)]
            yield f"{before}{row}{after}"
            yield "".join(cells)
            yield "</row>"

    def start(self, lines: int, height_of: Callable[[int], float]) -> tuple[str, str]:
        """Return the XML that opens a row of so many lines, before and after its number."""
        info = None
        if lines > 1:
            self._sheet.set_row(self._first, height_of(lines))
            info = self._sheet.row_info.pop(self._first)
        before, after = self._catch(lambda: self._sheet._write_row(self._first, None, info)).split(  # noqa: SLF001
            f'"{self._first + 1}"', 1
        )
        return f'{before}"', f'"{after}'

    def _catch(self, write: Callable[[], None]) -> str:
        """Return what xlsxwriter writes into the sheet's file."""
        kept, self._sheet.fh = self._sheet.fh, StringIO()
        try:
            write()
            return str(self._sheet.fh.getvalue())
        finally:
            self._sheet.fh = kept


def style_of(look: Any) -> str:
    """Return the attribute of a cell of that format."""
    return f' s="{look._get_xf_index()}"' if look else ""  # noqa: SLF001
