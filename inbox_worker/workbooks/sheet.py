"""The sheets of a workbook as they were read: columns of cells, addresses, and marks beside the cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.workbooks.cell_values import Note, Range, letters
from inbox_worker.workbooks.hiding_rules import HidingRule
from inbox_worker.workbooks.number_formats import show_number, show_time

UNSEEN = "\u200b"  # text of an EMPTY cell in which there are characters without a picture
LONGEST = 4000  # characters of a text that patterns look at: a bank's line is shorter, and one may be slow on more
_LONGEST_SHOWN = 200
_SHORT = 200  # rows


class CellKind(IntEnum):
    EMPTY = 0
    NUMBER = 1
    TEXT = 2
    DATE = 3
    DATETIME = 4
    BOOL = 5
    ERROR = 6
    FORMULA = 7  # a formula saved without its value
    PERCENT = 8  # a number in a percent format; the number before the sign
    TIME = 9  # a time or a duration; days


# plain numbers: to name a member of an enumeration takes longer than all the rest, and every cell asks
_TEXTS = frozenset({int(CellKind.TEXT), int(CellKind.ERROR)})
_DAYS = frozenset({int(CellKind.DATE), int(CellKind.DATETIME)})
_NUMBER, _BOOL = int(CellKind.NUMBER), int(CellKind.BOOL)
_PERCENT, _TIME = int(CellKind.PERCENT), int(CellKind.TIME)


@dataclass(frozen=True)
class Column:
    """One sheet column, from the sheet's first used row down. `kinds` int8 (CellKind), `numbers` float64
    (dates: proleptic ordinal day; NaN where there is no number), `texts` strings without blanks around: of a date, time
    or percent the number format, '' or null when it is not known."""

    kinds: npt.NDArray[np.int8]
    numbers: npt.NDArray[np.float64]
    texts: pa.StringArray

    def take(self, at: npt.NDArray[np.int64]) -> Column:
        """Return the cells at those places."""
        return Column(self.kinds[at], self.numbers[at], self.texts.take(pa.array(at)))

    @cached_property
    def _few(self) -> list[str | None]:
        """The texts of a short column: to ask Arrow for each takes longer."""
        few: list[str | None] = self.texts.to_pylist() if len(self.texts) <= _SHORT else []
        return few

    def texts_at(self, at: npt.NDArray[np.int64]) -> pa.StringArray | list[str | None]:
        """Return the texts at those places, of a short column as a list."""
        return [self._few[i] for i in at.tolist()] if self._few else self.texts.take(pa.array(at))

    def find_text(self, text: str) -> npt.NDArray[np.bool_]:
        """Find by a mask the cells with this very text."""
        if self._few:
            return np.array([one == text for one in self._few], np.bool_)
        return np.asarray(pc.fill_null(pc.equal(self.texts, text), False))

    def text(self, at: int) -> str:
        """Return a cell's value as a person sees it; '' for an empty cell."""
        kind = int(self.kinds[at])
        if kind in _TEXTS:
            return str((self._few[at] if self._few else self.texts[at].as_py()) or "")[:_LONGEST_SHOWN]
        number = float(self.numbers[at])
        if kind == _NUMBER:
            return show_number(number)
        if kind in _DAYS:
            return f"{date.fromordinal(int(number)):%d.%m.%Y}"
        if kind == _BOOL:
            return "TRUE" if number else "FALSE"
        if kind == _PERCENT:
            return f"{show_number(number)}%"
        return show_time(number, str(self.texts[at].as_py() or "")) if kind == _TIME else ""


@dataclass(frozen=True)
class SheetMarks:
    """Marks of one sheet: formulas whose saved value is zero, columns (0-based) with formulas that give another number,
    hidden rows (1-based) and columns (0-based), whether it has formulas."""

    zeros: frozenset[str] = frozenset()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: frozenset[int] = field(default_factory=frozenset)
    formulas: bool = False
    worked_out: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()  # filled cells that are struck out: row, column
    unseen: frozenset[tuple[int, int]] = frozenset()  # filled cells whose text nobody sees: row, column
    notes: tuple[Note, ...] = ()  # comments and text boxes
    parted: frozenset[tuple[int, int]] = frozenset()  # cells a part of whose text is struck out: row, column
    raised: frozenset[tuple[int, int]] = frozenset()  # cells with a digit raised behind a digit: row, column
    hiding: tuple[HidingRule, ...] = ()  # conditional formats by which cells may not be seen
    red: frozenset[tuple[int, int]] = frozenset()  # filled cells whose text is red: row, column


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells. `first_row` is the 1-based sheet row of place 0; `columns` by 0-based sheet column."""

    name: str
    hidden: bool
    first_row: int
    columns: dict[int, Column] = field(default_factory=dict)
    marks: SheetMarks = field(default_factory=SheetMarks)
    very_hidden: bool = False  # only a program can show it
    merged: tuple[Range, ...] = ()
    shift: int = 0  # days from the date system of 1900 to the workbook's own (preflight.py)
    delimiter: str = ""  # of a text file: what parts its values
    lines: Mapping[str, Any] | None = None  # of a text file: what its lines hold (csv_cells.py)

    @cached_property
    def height(self) -> int:
        return max((len(column.kinds) for column in self.columns.values()), default=0)

    def text(self, at: int, place: int) -> str:
        """Return the text of the cell of a column in a row; '' below the column's end."""
        column = self.columns[at]
        return column.text(place) if place < len(column.kinds) else ""

    def row(self, place: int) -> dict[int, str]:
        """Return the texts of a row's filled cells by their columns."""
        return {at: text for at in self.columns if (text := self.text(at, place))}

    def filled_places(self, first: int, after: int) -> list[int]:
        """Return the places of a stretch at which a row has anything."""
        filled = np.zeros(self.height, np.bool_)
        for column in self.columns.values():
            filled[: len(column.kinds)] |= column.kinds != CellKind.EMPTY
        return [int(place) + first for place in np.flatnonzero(filled[first:after])]

    def part(self, first: int, after: int) -> Sheet:
        """Return the rows of a stretch as a sheet of that name; its cells keep their addresses."""
        top, rows = self.first_row + first, range(self.first_row + first, self.first_row + after)
        columns = {
            at: Column(column.kinds[first:after], column.numbers[first:after], column.texts[first:after])
            for at, column in self.columns.items()
            if bool((column.kinds[first:after] != CellKind.EMPTY).any())
        }
        marks = replace(
            self.marks,
            hidden_rows=tuple(row for row in self.marks.hidden_rows if row in rows),
            notes=tuple(note for note in self.marks.notes if note.row in rows or not note.row),
        )
        lines = self.lines and {**self.lines, "breaks": [one for one in self.lines["breaks"] if one[0] in rows]}
        return replace(self, first_row=top, columns=columns, marks=marks, lines=lines)

    def address(self, at: int, place: int) -> str:
        """Return the address of a cell in the sender's workbook, like `B7`."""
        return f"{letters(at)}{self.first_row + place}"


@dataclass(frozen=True)
class Workbook:
    """A file as read: its sheets that have cells."""

    sheets: tuple[Sheet, ...]
