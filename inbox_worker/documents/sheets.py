"""Workbooks for people: one look, live totals with the values they show, never a formula from somebody's text.

The same data give the same bytes: the creation date is passed in. Wraps xlsxwriter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from inbox_worker.core.errors import JobError
from inbox_worker.documents.sheet_columns import (
    HEADER,
    TOTAL,
    Formula,
    Headers,
    Kind,
    Look,
    SheetColumn,
    format_properties,
    set_up_print,
)

# A text up to so many times its column's width can be read when shrunk to one line; a longer one is wrapped.
_SHRUNK = 1.4
_MOST_LINES = 20
KEYS = ("account", "service", "service_ru", "house", "bank", "bin", "percent", "submission", "row", "meter")
LAST_ROW = 1_048_576  # of the format itself
LONGEST_TEXT = 32_767
SMALL_BOOK_ROWS = 20_000  # up to here the whole book is built in memory, which is twice as fast


class SheetTooLong(JobError):
    """A sheet would lose rows: the format ends at row 1 048 576."""

    def __init__(self, sheet: str) -> None:
        super().__init__(f"sheet {sheet!r} needs more than {LAST_ROW} rows; render it in parts (by house or service)")


class Book:
    """A workbook under way. `rows` is about how many rows it will have: large books are streamed to disk."""

    def __init__(self, title: str, subject: str, author: str, made_on: date, rows: int, headers: Headers) -> None:
        self.headers = headers
        self._bytes = BytesIO()
        small = self.small = rows <= SMALL_BOOK_ROWS
        self._book = xlsxwriter.Workbook(
            self._bytes,
            {
                "in_memory": small,
                "constant_memory": not small,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": "Arial", "font_size": 9, "valign": "vcenter"},
            },
        )
        created = datetime.combine(made_on, time())
        self._book.set_properties({"title": title, "subject": subject, "author": author, "created": created})
        self._formats: dict[tuple[str, str], Any] = {}
        self._pages: list[Page] = []

    def set_property(self, name: str, value: str) -> None:
        """Set a property of the file that can be read without opening a sheet."""
        self._book.set_custom_property(name, value, "text")

    def format(self, kind: Kind, look: Look) -> Any:
        """Return the format of cells of a kind in rows of a look, one for all of them."""
        if (kind, look) not in self._formats:
            self._formats[kind, look] = self._book.add_format(format_properties(kind, look))
        return self._formats[kind, look]

    def add_format(self, **properties: Any) -> Any:
        """Return a format of its own, in xlsxwriter's names."""
        return self._book.add_format(properties)

    def add_page(
        self,
        name: str,
        columns: Sequence[SheetColumn],
        titles: Sequence[str],
        footer: str,
        machine_names: bool = False,
    ) -> Page:
        """Add a sheet: titles one a row, a row for a check, then the header that stays in sight.

        With `machine_names` a hidden row above the header holds the data's own names, for programs that read
        the book back.
        """
        self._pages.append(Page(self, self._book.add_worksheet(name), name, columns, titles, footer, machine_names))
        return self._pages[-1]

    def finish(self) -> bytes:
        """Close the book and return its bytes."""
        for page in self._pages:
            page.close()
        self._book.close()
        return self._bytes.getvalue()


class Page:
    """A sheet under way; rows are added from top to bottom. Row numbers are those people see (from 1)."""

    def __init__(
        self,
        book: Book,
        sheet: Any,
        name: str,
        columns: Sequence[SheetColumn],
        titles: Sequence[str],
        footer: str,
        machine_names: bool,
    ) -> None:
        self._book, self._sheet, self.name, self._columns = book, sheet, name, columns
        self._places = range(len(columns))
        self._short = [column.width * _SHRUNK for column in columns]
        self.letters = {column.name: xl_col_to_name(place) for place, column in enumerate(columns)}
        self._check_row = len(titles) + 1
        self.header_row = len(titles) + 2 + machine_names
        self._row = self.header_row
        self._sums: Mapping[str, Decimal] = {}  # of the last row of totals
        set_up_print(sheet, columns, self.header_row - 1, footer)
        self._write_titles(titles)
        self._machine_names = machine_names
        self._formats: dict[str, list[Any]] = {}

    @property
    def next_row(self) -> int:
        return self._row + 1

    @property
    def first_row(self) -> int:
        """The table's first row, below the header."""
        return self.header_row + 1

    def _write_titles(self, titles: Sequence[str]) -> None:
        for row, title in enumerate(titles):
            look = {"bold": True, "font_size": 13, "font_color": "#1F3A5F"} if row == 0 else {"font_size": 10}
            self._sheet.set_row(row, 20 if row == 0 else 15)
            self._sheet.write_string(row, 0, title[:LONGEST_TEXT], self._book.add_format(**look))

    def _write_header(self) -> None:
        if self._machine_names:
            self._sheet.set_row(self.header_row - 2, None, None, {"hidden": True})
            for place, column in enumerate(self._columns):
                self._sheet.write_string(self.header_row - 2, place, column.name)
        head = self._book.add_format(**HEADER)
        self._sheet.set_row(self.header_row - 1, 58)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(self.header_row - 1, place, self._book.headers.header(column.name), head)

    def start(self, plus: Sequence[str] = (), minus: Sequence[str] = (), rows: int = 0) -> None:
        """Write the header; above it, when columns are named, a cell that shows zero while plus = minus on each of the
        `rows` that follow and on the row of totals after them.
        """
        if plus:
            check = self._identity(plus, minus, self.first_row + rows)
            shown = self._book.add_format(num_format='"Контроль / Бақылау: "#,##0.00', align="left", font_size=10)
            row = self._check_row - 1
            self._sheet.merge_range(row, 0, row, 2, "", shown)
            self._sheet.write_formula(row, 0, check, shown, 0)
            self.warn_unless_zero(self._columns[0].name, row + 1)
        self._write_header()

    def warn_unless_zero(self, column: str, row: int) -> None:
        """Turn that cell red while it is not zero."""
        wrong = self._book.add_format(bg_color="#F8D0D0", bold=True)
        cell = f"{self.letters[column]}{row}"
        self._sheet.conditional_format(cell, {"type": "cell", "criteria": "!=", "value": 0, "format": wrong})

    def write_table(
        self, rows: Sequence[Mapping[str, Any]], label: str, plus: Sequence[str] = (), minus: Sequence[str] = ()
    ) -> None:
        """Write a whole table: its header and check, rows by the columns' names, a row of totals with `Всего` in the
        column `label`."""
        self.start(plus, minus, len(rows))
        for row in rows:
            self.add([row[column.name] for column in self._columns])
        self.end(table=True)
        sums = {c.name: sum((row[c.name] for row in rows), Decimal(0)) for c in self._columns if c.total}
        self.add_total({label: TOTAL}, sums, self.first_row)

    def add(self, values: Sequence[Any], look: Look = "row", level: int = 0) -> int:
        """Write a row in the columns' order (None = empty) and return its number. `level` folds it in an outline.

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
                if len(value) > self._short[place]:
                    lines = min(math.ceil(len(value) / self._columns[place].width), _MOST_LINES)
                    value = value[:LONGEST_TEXT]
                    shown, tall = (self._book.format("long", look), max(tall, lines)) if lines > 1 else (shown, tall)
                if value[0] == "<" and value.startswith("<r>"):
                    value += " "  # xlsxwriter takes <r>...</r> for markup of its own
                string(row, place, value, shown)
            elif value is None or kind is str:
                blank(row, place, None, shown)
            elif isinstance(value, Formula):
                sheet.write_formula(row, place, value.text, shown, float(value.value))
            elif isinstance(value, date):
                sheet.write_datetime(row, place, value, shown)
            else:
                number(row, place, float(value), shown)
        if level or tall > 1:
            sheet.set_row(row, 12.5 * tall if tall > 1 else None, None, {"level": level})
        self._row += 1
        return self._row

    def _looks(self, look: Look) -> list[Any]:
        """Return the formats of a row of that look, a cell after the other."""
        if look not in self._formats:
            self._formats[look] = [self._book.format(column.kind, look) for column in self._columns]
        return self._formats[look]

    def add_total(
        self,
        texts: Mapping[str, str],
        sums: Mapping[str, Decimal],
        first: int,
        look: Look = "total",
        level: int = 0,
    ) -> None:
        """Write a row of live sums over the rows from `first` to the last one, each with the value it gives; nested
        sums are not counted twice.

        `texts` are the words in it, by column name. Sums follow the filter: of what is shown.
        """
        last, self._sums = self._row, sums
        number = self.add([texts.get(column.name) for column in self._columns], look, level)
        for place, column in enumerate(self._columns):
            if column.total and first <= last:
                letter, shown = self.letters[column.name], self._book.format(column.kind, look)
                formula = f"=SUBTOTAL(9,{letter}{first}:{letter}{last})"
                self._sheet.write_formula(number - 1, place, formula, shown, float(sums[column.name]))
            elif column.total:
                self._sheet.write_number(number - 1, place, 0, self._book.format(column.kind, look))

    def total_cell(self, name: str) -> Formula:
        """Return a reference to a column's sum in the last row of totals, for a cell of another sheet."""
        return Formula(f"='{self.name}'!{self.letters[name]}{self._row}", self._sums[name])

    def _identity(self, plus: Sequence[str], minus: Sequence[str], last: int) -> str:
        """Return a formula that is zero while plus = minus on every row down to `last`; else what they are off by,
        signs aside.
        """

        def cells(name: str) -> str:
            return f"{self.letters[name]}{self.first_row}:{self.letters[name]}{last}"

        signed = "+".join(map(cells, plus)) + "".join(f"-{cells(name)}" for name in minus)
        return f"=SUMPRODUCT(ABS(ROUND({signed},2)))"

    def figures(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Return what `explain` needs of a table: column letter -> field, the table's rows, and the columns that say
        which lines or payments a row sums (`<name>_column`, for the columns named as in KEYS).

        `fields` gives the ledger's name for a column's name.
        """
        return {
            **{self.letters[name]: field for name, field in fields.items()},
            **{f"{key}_column": self.letters[key] for key in KEYS if key in self.letters},
            "sheet": self.name,
            "first_row": str(self.first_row),
            "last_row": str(self._row),
        }

    def end(self, table: bool = False) -> None:
        """Put the filter over the rows from the header to the last one.

        `table`: the rows are alike (no totals between them), so they become a table of Excel's own, where the
        book is small enough to be built in memory.
        """
        top, bottom, right = self.header_row - 1, self._row - 1, len(self._columns) - 1
        if table and self._book.small and bottom > top:
            head = self._book.add_format(**HEADER)
            columns = [
                {"header": self._book.headers.header(column.name), "header_format": head} for column in self._columns
            ]
            self._sheet.add_table(top, 0, bottom, right, {"columns": columns, "style": None})
        else:
            self._sheet.autofilter(top, 0, bottom, right)

    def close(self) -> None:
        """Print all that was written."""
        self._sheet.print_area(0, 0, self._row - 1, len(self._columns) - 1)
