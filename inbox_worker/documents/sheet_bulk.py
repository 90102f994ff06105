"""Rows of a sheet under way: one by one, in bands, or out of an Arrow table in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from inbox_worker.core.errors import JobError
from inbox_worker.documents.sheet_band import (
    LONGEST_TEXT,
    MOST_LINES,
    BandColumn,
    as_cell,
    style_of,
    write_band,
)
from inbox_worker.documents.sheet_columns import Formula, cell_records
from inbox_worker.documents.sheet_formats import BookFormats, PageSetup
from inbox_worker.documents.sheet_head import SheetHead
from inbox_worker.documents.sheet_rows import plain_cell
from inbox_worker.documents.sheet_style import LINE, ROW, Look, SheetColumn, Words, format_properties, lines_of
from inbox_worker.documents.sheet_table import TableRows

_WIDEST = 2.3  # mm: no letter of a row is wider
LAST_ROW = 1_048_576  # of the format itself


class SheetTooLong(JobError):
    """A sheet would lose rows: the format ends at row 1 048 576."""

    def __init__(self, sheet: str) -> None:
        super().__init__(f"sheet {sheet!r} needs more than {LAST_ROW} rows; render it in parts (by house or service)")


def _height_of(lines: int) -> float:
    """Return the height in points of a row of so many lines."""
    return ROW + LINE * (lines - 1)


class SheetBulk(SheetHead):
    """A sheet under way, as far as its rows go."""

    def __init__(
        self,
        book: BookFormats,
        sheet: Any,
        name: str,
        fitted: Sequence[tuple[SheetColumn, float]],
        titles: Sequence[Words],
        setup: PageSetup,
    ) -> None:
        super().__init__(book, sheet, fitted, titles, setup)
        self.name = name
        self._places = range(len(self._columns))
        self._short = [(width - 2) / _WIDEST if width else LONGEST_TEXT for width in self._widths]
        self._sums: Mapping[str, Decimal] = {}  # of the last row of totals
        self._row_formats: dict[str, list[Any]] = {}
        self._row_styles: dict[str, list[str]] = {}
        self._rows: TableRows | None = None  # under way, else their records
        self._records: Iterator[Sequence[Any]] = iter(())

    def add(self, values: Sequence[Any], look: Look = "row") -> int:
        """Write a row in the columns' order (None = empty) and return its number.

        Raises SheetTooLong.
        """
        if self._row >= LAST_ROW:
            raise SheetTooLong(self.name)
        row, sheet, tall = self._row, self._sheet, 1
        number, string, blank = sheet.write_number, sheet.write_string, sheet.write_blank
        for place, value, shown in zip(self._places, values, self._looks(look), strict=True):
            kind = type(value)  # the order below is by how often each stands in a large sheet
            if kind is float:
                number(row, place, value, shown)
            elif kind is str and value:
                if len(value) > self._short[place] or "\n" in value:
                    lines = self._lines(place, value, look)
                    shown, tall = (self._book.format("long", look), max(tall, lines)) if lines > 1 else (shown, tall)
                string(row, place, as_cell(value), shown)
            elif value is None or kind is str:
                blank(row, place, None, shown)
            elif isinstance(value, Formula):
                sheet.write_formula(row, place, value.text, shown, float(value.value))
            elif isinstance(value, date):
                sheet.write_datetime(row, place, value, shown)
            else:
                number(row, place, float(value), shown)
        if tall > 1:
            sheet.set_row(row, _height_of(tall))
        self._row += 1
        return self._row

    def add_toned(self, words: Words, values: Sequence[Any], linked: bool = False) -> int:
        """Write a row whose first cell has several tones, over more lines where it does not fit in one, and return its
        number; `values` are the other cells. `linked`: a link will be added to it."""
        wide, room = self._wide(words), self._widths[0] - 2
        if wide < room and not linked and self._write_plain_row(self._as_printed(words), values):
            return self._row
        row = self.add([None, *values])
        if wide >= room:
            lines = max(int(wide / (room * 0.9)) + 1, self._lines(0, "".join(text for _, text in words), "part"))
            self._sheet.set_row(row - 1, _height_of(min(lines, MOST_LINES)))
        self._write_wide(row - 1, words, format_properties("text" if wide < room else "long", "row"), 1)
        return row

    def _write_plain_row(self, words: Words, values: Sequence[Any]) -> bool:
        """Write a row whole, where all of it is plain and stands in a line."""
        long = any(isinstance(one, str) and len(one) > room for one, room in zip(values, self._short[1:], strict=True))
        if long or not self._streamed or len(words) < 2:
            return False
        self._direct.begin(self._row)
        number, letters, looks = self._row + 1, self.letters.values(), self._looks("row")
        fonts = [(self._book.tone(tone), text) for tone, text in words]
        first, *others = zip(letters, looks, ["", *values], strict=True)
        cells = [self._direct.tones(f"{first[0]}{number}", first[1], fonts)]
        cells += [plain_cell(f"{letter}{number}", shown, value) for letter, shown, value in others]
        return self._write_cells(cells)

    def add_band(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write many rows as `add` does, each in the columns' order; of a book that is streamed several times as fast.

        Raises SheetTooLong.
        """
        if not self._streamed:
            for row in rows:
                self.add(row)
            return
        columns = [self._band_column(place) for place in self._places]
        rows = islice(rows, LAST_ROW - self._row + 1)
        self._row = write_band(self._sheet, self._row, columns, rows, _height_of)
        if self._row > LAST_ROW:
            raise SheetTooLong(self.name)

    def _band_column(self, place: int) -> BandColumn:
        column = self._columns[place]
        shown, wrapped = self._looks("row")[place], self._book.format("long", "row")
        letter = self.letters[column.name]
        return BandColumn(letter, shown, wrapped, self._short[place], lambda text: self._lines(place, text, "row"),
                          mm=self._widths[place], hyphens=not self._book.earlier_look)  # fmt: skip

    def start_rows(self, table: pa.Table, counts: Sequence[int], above: Sequence[int] = ()) -> None:
        """Begin to write the rows of a table, whose columns are the sheet's, in parts of so many by `add_rows`.

        `above`: how many other lines will stand above each part; by itself each has one above it and one below.
        """
        if not self._streamed:
            self._records = cell_records(table, table.column_names)
            return
        lines = np.asarray(above) if len(above) else np.arange(len(counts)) * 2 + 1
        numbers = np.arange(table.num_rows) + np.repeat(lines, counts) + self.next_row
        columns = [self._band_column(place) for place in self._places]
        self._rows = TableRows(self._sheet, columns, table, numbers, _height_of)

    def add_rows(self, count: int) -> None:
        """Write the next part of the rows begun. Raises SheetTooLong."""
        if self._row + count > LAST_ROW:
            raise SheetTooLong(self.name)
        if self._rows is None:
            self.add_band(islice(self._records, count))
        else:
            self._row = self._rows.write(self._row, count)

    def _lines(self, place: int, text: str, look: Look) -> int:
        if not self._widths[place]:  # hidden
            return 1
        hyphens = not self._book.earlier_look
        return min(lines_of(text, self._widths[place], bold=look != "row", hyphens=hyphens), MOST_LINES)

    def _looks(self, look: Look) -> list[Any]:
        """Return the formats of a row of that look, a cell after the other."""
        if look not in self._row_formats:
            self._row_formats[look] = [self._book.format(column.kind, look) for column in self._columns]
        return self._row_formats[look]

    def _styles(self, look: Look) -> list[str]:
        """Return the same of all cells but the first, as a cell names its format; formats are numbered as they are
        used."""
        if look not in self._row_styles:
            self._row_styles[look] = list(map(style_of, self._looks(look)[1:]))
        return self._row_styles[look]
