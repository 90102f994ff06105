"""Workbooks for people: one look, live totals with the values they show, never a formula from somebody's text.

The same data give the same bytes: the creation date is passed in. Wraps xlsxwriter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any

import xlsxwriter

from inbox_worker.core.errors import JobError
from inbox_worker.documents.sheet_band import LONGEST_TEXT, BandColumn, as_cell, can_take_bands, write_band
from inbox_worker.documents.sheet_columns import TOTAL, Formula
from inbox_worker.documents.sheet_formats import BookFormats, PageSetup
from inbox_worker.documents.sheet_head import SheetHead
from inbox_worker.documents.sheet_style import (
    FONT,
    LANDSCAPE,
    LINE,
    NORMAL,
    PORTRAIT,
    ROW,
    Headers,
    Look,
    SheetColumn,
    Words,
    fit_columns,
    format_properties,
    lines_of,
)

_MOST_LINES = 20
_WIDEST = 2.3  # mm: no letter of a row is wider
KEYS = (
    "account", "service", "service_ru", "house", "bank", "bin", "customer", "percent", "submission", "row", "meter",
    "paid_on", "order",
)  # fmt: skip
LAST_ROW = 1_048_576  # of the format itself
SMALL_BOOK_ROWS = 20_000  # up to here a book's parts are put together in memory, not in files
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME = 31


class SheetTooLong(JobError):
    """A sheet would lose rows: the format ends at row 1 048 576."""

    def __init__(self, sheet: str) -> None:
        super().__init__(f"sheet {sheet!r} needs more than {LAST_ROW} rows; render it in parts (by house or service)")


class Book(BookFormats):
    """A workbook under way. `rows` is about how many rows it will have: large books are streamed to disk."""

    def __init__(self, title: str, subject: str, author: str, made_on: date, rows: int, headers: Headers) -> None:
        self._bytes = BytesIO()
        book = xlsxwriter.Workbook(
            self._bytes,
            {
                "constant_memory": True,  # bands need it
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": FONT, "font_size": NORMAL, "valign": "vcenter"},
            },
        )
        book.in_memory = rows <= SMALL_BOOK_ROWS  # its parts; rows go through a file all the same
        created = datetime.combine(made_on, time())
        book.set_properties({"title": title, "subject": subject, "author": author, "created": created})
        super().__init__(book, headers)
        self._pages: dict[str, Page] = {}

    def set_property(self, name: str, value: str) -> None:
        """Set a property of the file that can be read without opening a sheet."""
        self._book.set_custom_property(name, value, "text")

    def add_page(self, name: str, columns: Sequence[SheetColumn], titles: Sequence[Words], setup: PageSetup) -> Page:
        """Add a sheet: titles one a row, then whatever is added, from top to bottom."""
        fitted = fit_columns(tuple(columns), self.headers, setup.largest, PORTRAIT if setup.portrait else LANDSCAPE)
        shown = self._free_name(name)
        self._pages[shown] = Page(self, self._book.add_worksheet(shown), shown, fitted, titles, setup)
        return self._pages[shown]

    def _free_name(self, name: str) -> str:
        """Return a name that a sheet may have and that no other has."""
        taken = {known.casefold() for known in self._pages}
        clean = " ".join(name.translate(_NOT_IN_NAMES).split()) or "-"
        tries = (clean[:_LONGEST_NAME], *(f"{clean[: _LONGEST_NAME - 4]} {n}" for n in range(2, 1000)))
        return next(one for one in tries if one.casefold() not in taken)

    def finish(self) -> bytes:
        """Close the book and return its bytes."""
        for page in self._pages.values():
            page.close()
        self._book.close()
        return self._bytes.getvalue()


def _height_of(lines: int) -> float:
    """Return the height in points of a row of so many lines."""
    return ROW + LINE * (lines - 1)


class Page(SheetHead):
    """A sheet under way; rows are added from top to bottom. Row numbers are those people see (from 1)."""

    def __init__(
        self,
        book: Book,
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

    def write_table(
        self, rows: Sequence[Mapping[str, Any]], label: str, plus: Sequence[str] = (), minus: Sequence[str] = ()
    ) -> None:
        """Write a whole table: its header and check, rows by the columns' names, a row of totals with `Всего` in the
        column `label`."""
        self.start_table(plus, minus, len(rows))
        self.add_band([row[column.name] for column in self._columns] for row in rows)
        self.end()
        sums = {c.name: sum((row[c.name] for row in rows), Decimal(0)) for c in self._columns if c.total}
        self.add_total("", sums, self.first_row, keys={label: TOTAL})

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

    def add_band(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write many rows as `add` does, each in the columns' order; of a book that is streamed several times as fast.

        Raises SheetTooLong.
        """
        if not can_take_bands(self._sheet):
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
        return BandColumn(letter, shown, wrapped, self._short[place], lambda text: self._lines(place, text, "row"))

    def _lines(self, place: int, text: str, look: Look) -> int:
        if not self._widths[place]:  # hidden
            return 1
        return min(lines_of(text, self._widths[place], bold=look != "row"), _MOST_LINES)

    def _looks(self, look: Look) -> list[Any]:
        """Return the formats of a row of that look, a cell after the other."""
        if look not in self._row_formats:
            self._row_formats[look] = [self._book.format(column.kind, look) for column in self._columns]
        return self._row_formats[look]

    def add_total(
        self,
        label: str,
        sums: Mapping[str, Decimal],
        first: int,
        look: Look = "total",
        keys: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a row of live sums over the rows from `first` to the last one, each with the value it gives; nested
        sums are not counted twice. Sums follow the filter: of what is shown. Returns the row's number.

        `label` runs from the first column over empty ones; `keys` are other cells by column name.
        """
        last, self._sums = self._row, sums
        number = self.add([(keys or {}).get(column.name) for column in self._columns], look)
        if label:
            self._write_wide(number - 1, (("strong", label),), format_properties("text", look), self._before_sums())
        for place, column in enumerate(self._columns):
            if column.total and first <= last:
                letter, shown = self.letters[column.name], self._book.format(column.kind, look)
                formula = f"=SUBTOTAL(9,{letter}{first}:{letter}{last})"
                self._sheet.write_formula(number - 1, place, formula, shown, float(sums[column.name]))
            elif column.total:
                self._sheet.write_number(number - 1, place, 0, self._book.format(column.kind, look))
        return number

    def total_cell(self, name: str, row: int = 0, value: Decimal | None = None) -> Formula:
        """Return a reference to a column's sum in the last row of totals, for a cell of another sheet; of another
        `row` its sum is given."""
        return Formula(f"='{self.name}'!{self.letters[name]}{row or self._row}",
                       self._sums[name] if value is None else value)  # fmt: skip

    def figures(self, fields: Mapping[str, str], **fixed: str) -> dict[str, str]:
        """Return what `explain` needs of a table: column letter -> field, the table's rows, and the columns that say
        which lines or payments a row sums (`<name>_column`, for the columns named as in KEYS); `fixed`: what all its
        rows have in common.

        `fields` gives the ledger's name for a column's name.
        """
        return {
            **{self.letters[name]: field for name, field in fields.items()},
            **{f"{key}_column": self.letters[key] for key in KEYS if key in self.letters},
            **fixed,
            "sheet": self.name,
            "first_row": str(self.first_row),
            "last_row": str(self._row),
        }

    def end(self) -> None:
        """Put the filter over the rows from the header to the last one."""
        self._sheet.autofilter(self.header_row - 1, 0, self._row - 1, len(self._columns) - 1)

    def close(self) -> None:
        """Print all that was written, at 100 %."""
        self._sheet.print_area(0, 0, self._row - 1, len(self._columns) - 1)
