"""The rows of an Arrow table as a sheet's XML, a column at a time: the same cells as `write_band` makes of its rows.

All rows of a sheet are made in large parts, whatever stands between them: they know their numbers beforehand, and are
written so many at a time, between headings and totals. A decimal is written by its own digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.documents.sheet_band import LONGEST_TEXT, MOST_LINES, ODD_IN_RE2, Band, BandColumn, style_of
from inbox_worker.documents.sheet_measure import count_lines

PART = 16_000  # rows made at once
_EXACT = 15  # digits of a number that a workbook holds
_MOST_SCALE = 6  # a decimal of more places may be written with an exponent
_DAYS_BEFORE = 25_569  # arrow counts days from 1970, workbooks from 1899
_EARLIEST = -25_000  # 1901: workbooks count earlier days in several ways
Parts = list[Any]  # of a cell's XML in their order: an array, or a text that is the same on all rows


class TableRows:
    """Rows of a table under way. `columns` are the table's, in its order; `numbers` those of the rows on the sheet,
    from 1; `height_of`: the height in points of a row of so many lines."""

    def __init__(
        self,
        sheet: Any,
        columns: Sequence[BandColumn],
        table: pa.Table,
        numbers: npt.NDArray[np.int64],
        height_of: Callable[[int], float],
    ) -> None:
        self._sheet, self._columns, self._height_of = sheet, columns, height_of
        self._parts = self._make(table, numbers)
        self._data, self._ends, self._at = memoryview(b""), np.zeros(1, np.int32), 0

    def write(self, first: int, count: int) -> int:
        """Write the next so many rows from the place `first` (from 0) on, where their numbers say, and return the place
        after them."""
        if not count:
            return first
        last = first + count - 1
        self._sheet._write_single_row(first)  # noqa: SLF001 - what was begun by calls comes first
        self._sheet._check_dimensions(last, len(self._columns) - 1)  # noqa: SLF001 - the sheet's extent
        self._sheet.fh.flush()
        while count:
            if self._at == len(self._ends) - 1:
                (self._data, self._ends), self._at = next(self._parts), 0
            upto = min(self._at + count, len(self._ends) - 1)
            self._sheet.fh.buffer.write(self._data[self._ends[self._at] : self._ends[upto]])
            count, self._at = count - (upto - self._at), upto
        self._sheet.previous_row = last
        return last + 1

    def _make(self, table: pa.Table, numbers: npt.NDArray[np.int64]) -> Iterator[tuple[Any, npt.NDArray[np.int32]]]:
        """Yield the XML of a part of the rows, and where each row begins and ends in it."""
        for start in range(0, table.num_rows, PART):
            part, own = table.slice(start, PART), numbers[start : start + PART]
            cells = _TablePart(Band(self._sheet, own.tolist()))
            pieces = [
                piece
                for place, (column, values) in enumerate(zip(self._columns, part.columns, strict=True))
                for piece in cells.column(place, column, values.combine_chunks())
            ]
            rows = pc.binary_join_element_wise(*_join_words([*cells.starts(self._height_of), *pieces, "</row>"]), "")
            _, ends, data = rows.buffers()
            yield memoryview(data), np.frombuffer(ends, np.int32)[: len(rows) + 1]


class _TablePart:
    """Some rows under way, a column after the other."""

    def __init__(self, band: Band) -> None:
        self._band = band
        self._shown = pa.array(band.numbers, pa.int64()).cast(pa.string())
        self._lines = np.ones(len(band.numbers), np.int64)

    def column(self, place: int, column: BandColumn, values: Any) -> Parts:
        """Return the parts of the cells of a column of the table."""
        kind = values.type
        if pa.types.is_struct(kind):
            return self._either(place, column, *values.flatten())
        begin, blank = [f'<c r="{column.letter}', self._shown], f'"{style_of(column.format)}/>'
        if pa.types.is_null(kind) or values.null_count == len(values):
            return [*begin, blank] if column.empty_cells else []
        if pa.types.is_string(kind):
            return self._texts(place, column, values, begin, blank)
        digits = _digits(values)
        if digits is None or (values.null_count and not column.empty_cells):
            return [pa.array(self._band.column(place, column, values.to_pylist()), pa.string())]
        before, after = f'"{style_of(column.format)}><v>', "</v></c>"
        if not values.null_count:
            return [*begin, before, digits, after]
        return [*begin, pc.coalesce(pc.binary_join_element_wise(before, digits, after, ""), blank)]

    def _either(self, place: int, column: BandColumn, numbers: Any, texts: Any) -> Parts:
        """Return the cells of a column that has numbers where it has no text."""
        cells = [pc.binary_join_element_wise(*self.column(place, column, one), "") for one in (texts, numbers)]
        return [pc.if_else(pc.is_valid(texts), *cells)]

    def _texts(self, place: int, column: BandColumn, values: Any, begin: Parts, blank: str) -> Parts:
        full = pc.fill_null(pc.greater(pc.binary_length(values), 0), False)
        before = f'"{style_of(column.format)} t="inlineStr"><is><t>'
        tall = self._measure(column, values)
        if tall is not None:
            wrapped = f'"{style_of(column.long_format)} t="inlineStr"><is><t>'
            before = pc.if_else(tall, wrapped, before)
        odd = pc.fill_null(_is_odd(values), False)
        plain = pc.all(full).as_py()
        if plain and not pc.any(odd).as_py():
            return [*begin, before, values, "</t></is></c>"]
        rest = pc.binary_join_element_wise(before, pc.fill_null(values, ""), "</t></is></c>", "")
        if plain or column.empty_cells:
            cells = pc.binary_join_element_wise(*begin, pc.if_else(full, rest, blank), "")
        else:
            cells = pc.if_else(full, pc.binary_join_element_wise(*begin, rest, ""), "")
        found = zip(np.flatnonzero(odd.to_numpy(zero_copy_only=False)), values.filter(odd).to_pylist(), strict=True)
        odd_cells = [self._band.odd_text(self._band.numbers[int(at)], place, text, column) for at, text in found]
        return [pc.replace_with_mask(cells, odd, pa.array(odd_cells, pa.string()))]

    def _measure(self, column: BandColumn, values: Any) -> Any:
        """Return which texts are wrapped, None for none, and remember how high their rows are."""
        long = pc.fill_null(pc.greater(pc.utf8_length(values), int(column.short)), False)
        if not column.mm or not pc.any(long).as_py():
            return None
        places = np.flatnonzero(long.to_numpy(zero_copy_only=False))
        lines = count_lines(values.filter(long).to_pylist(), column.mm, MOST_LINES, column.hyphens)
        self._lines[places] = np.maximum(self._lines[places], lines)
        tall = np.zeros(len(values), np.bool_)
        tall[places] = lines > 1
        return pa.array(tall) if tall.any() else None

    def starts(self, height_of: Callable[[int], float]) -> Parts:
        """Return the parts of what opens the rows, when all their cells are made."""
        at = np.searchsorted(self._band.numbers, list(self._band.tall))
        np.maximum.at(self._lines, at, list(self._band.tall.values()))
        known, which = np.unique(self._lines, return_inverse=True)
        starts = [self._band.start(int(one), height_of) for one in known]
        if len(starts) == 1:
            return [starts[0][0], self._shown, starts[0][1]]
        before, after = (pa.array([one[side] for one in starts]).take(pa.array(which)) for side in (0, 1))
        return [before, self._shown, after]


def _is_odd(values: Any) -> Any:
    """Return which texts xlsxwriter itself has to write."""
    return pc.or_(pc.match_substring_regex(values, ODD_IN_RE2), pc.greater(pc.utf8_length(values), LONGEST_TEXT))


def _digits(values: Any) -> Any:
    """Return numbers or days as a sheet holds them, one text for all when they are the same; None where xlsxwriter's
    own way has to be taken."""
    if pa.types.is_integer(values.type):
        return values.cast(pa.string())
    ends = [one for one in pc.min_max(values).as_py().values() if one is not None]
    if pa.types.is_date32(values.type):
        days = values.cast(pa.int32())
        early = pc.min(days).as_py() < _EARLIEST
        return None if early else pc.add(days, _DAYS_BEFORE).cast(pa.string())
    if not pa.types.is_decimal(values.type) or values.type.scale > _MOST_SCALE:
        return None
    scale = values.type.scale
    if max(map(abs, ends)) >= Decimal(10) ** (_EXACT - scale):
        return None
    same = ends[0] == ends[1] and not values.null_count  # many a column of a statement is zero all the way down
    shown = (values[:1] if same else values).cast(pa.string())
    shown = pc.ascii_rtrim(pc.ascii_rtrim(shown, "0"), ".") if scale else shown
    return shown[0].as_py() if same else shown


def _join_words(parts: Parts) -> Parts:
    """Return the parts with texts that follow each other as one."""
    joined: Parts = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
