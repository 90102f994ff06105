"""Workbooks for people: one look, live totals with the values they show, never a formula from somebody's
text.

The same data give the same bytes: the creation date is passed in, nothing asks the clock. Used by documents
and by the ledger's workbooks; wraps xlsxwriter.
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
from inbox_worker.documents.sheet_columns import HEADER, Formula, Headers, Kind, Look, SheetColumn, format_properties

_SHRUNK = 1.4  # so many times its column's width a text may be, and still be read when shrunk to one line
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

    def property(self, name: str, value: str) -> None:
        """A custom property of the file, readable without opening a sheet."""
        self._book.set_custom_property(name, value, "text")

    def format(self, kind: Kind, look: Look) -> Any:
        if (kind, look) not in self._formats:
            self._formats[kind, look] = self._book.add_format(format_properties(kind, look))
        return self._formats[kind, look]

    def format_of(self, **properties: Any) -> Any:
        return self._book.add_format(properties)

    def page(
        self,
        name: str,
        columns: Sequence[SheetColumn],
        titles: Sequence[str],
        footer: str,
        machine_names: bool = False,
    ) -> Page:
        """A new sheet: titles one a row, a row for a check, then the header that stays in sight.

        With `machine_names` a hidden row above the header holds the data's own names, for programs that read
        the book back.
        """
        self._pages.append(Page(self, self._book.add_worksheet(name), name, columns, titles, footer, machine_names))
        return self._pages[-1]

    def finish(self) -> bytes:
        """Closes the book and gives its bytes."""
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
        self._set_up_print(footer)
        self._write_titles(titles)
        self._machine_names = machine_names
        self._formats: dict[str, list[Any]] = {}

    @property
    def next_row(self) -> int:
        return self._row + 1

    def _set_up_print(self, footer: str) -> None:
        sheet, header = self._sheet, self.header_row - 1
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.6)
        sheet.repeat_rows(header)
        sheet.freeze_panes(header + 1, 0)
        sheet.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8&P / &N")
        sheet.hide_gridlines(2)
        sheet.outline_settings(symbols_below=True)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})

    def _write_titles(self, titles: Sequence[str]) -> None:
        for row, title in enumerate(titles):
            look = {"bold": True, "font_size": 13, "font_color": "#1F3A5F"} if row == 0 else {"font_size": 10}
            self._sheet.set_row(row, 20 if row == 0 else 15)
            self._sheet.write_string(row, 0, title[:LONGEST_TEXT], self._book.format_of(**look))

    def _write_header(self) -> None:
        if self._machine_names:
            self._sheet.set_row(self.header_row - 2, None, None, {"hidden": True})
            for place, column in enumerate(self._columns):
                self._sheet.write_string(self.header_row - 2, place, column.name)
        head = self._book.format_of(**HEADER)
        self._sheet.set_row(self.header_row - 1, 58)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(self.header_row - 1, place, self._book.headers.header(column.name), head)

    def start(self, check: str = "") -> None:
        """Writes the header; before it, when `check` is a formula that must give zero, the cell that shows
        it.
        """
        if check:
            shown = self._book.format_of(num_format='"Контроль / Бақылау: "#,##0.00', align="left", font_size=10)
            row = self._check_row - 1
            self._sheet.merge_range(row, 0, row, 2, "", shown)
            self._sheet.write_formula(row, 0, check, shown, 0)
            self.warn_unless_zero(self._columns[0].name, row + 1)
        self._write_header()

    def warn_unless_zero(self, column: str, row: int) -> None:
        """Turns that cell red while it is not zero."""
        wrong = self._book.format_of(bg_color="#F8D0D0", bold=True)
        cell = f"{self.letters[column]}{row}"
        self._sheet.conditional_format(cell, {"type": "cell", "criteria": "!=", "value": 0, "format": wrong})

    def add(self, values: Sequence[Any], look: Look = "row", level: int = 0) -> int:
        """Writes a row in the columns' order (None = empty) and gives its number. `level` folds it in an
        outline.
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
                    lines, value = self._lines(value, place), value[:LONGEST_TEXT]
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

    def _lines(self, text: str, place: int) -> int:
        """Lines that a text takes: a little too much is shrunk to one, far too much is wrapped."""
        return min(math.ceil(len(text) / self._columns[place].width), _MOST_LINES)

    def _looks(self, look: Look) -> list[Any]:
        """The formats of a row of that look, a cell after the other."""
        if look not in self._formats:
            self._formats[look] = [self._book.format(column.kind, look) for column in self._columns]
        return self._formats[look]

    def add_total(
        self,
        texts: Mapping[str, str],
        sums: Mapping[str, Decimal],
        rows: tuple[int, int],
        look: Look = "total",
        level: int = 0,
    ) -> int:
        """A row of live sums over `rows` (first, last), each with the value it gives; nested sums are not
        counted twice.

        `texts` are the words in it, by column name. Sums follow the filter: of what is shown.
        """
        first, last = rows
        number = self.add([texts.get(column.name) for column in self._columns], look, level)
        for place, column in enumerate(self._columns):
            if column.total and first <= last:
                letter, shown = self.letters[column.name], self._book.format(column.kind, look)
                formula = f"=SUBTOTAL(9,{letter}{first}:{letter}{last})"
                self._sheet.write_formula(number - 1, place, formula, shown, float(sums[column.name]))
            elif column.total:
                self._sheet.write_number(number - 1, place, 0, self._book.format(column.kind, look))
        return number

    def identity(self, plus: Sequence[str], minus: Sequence[str], rows: tuple[int, int]) -> str:
        """A formula that is zero while plus = minus on every one of the rows; else what they are off by,
        signs aside.
        """

        def cells(name: str) -> str:
            return f"{self.letters[name]}{rows[0]}:{self.letters[name]}{rows[1]}"

        signed = "+".join(map(cells, plus)) + "".join(f"-{cells(name)}" for name in minus)
        return f"=SUMPRODUCT(ABS(ROUND({signed},2)))"

    def figures(self, fields: Mapping[str, str], rows: tuple[int, int]) -> dict[str, str]:
        """What `explain` needs of a table: column letter -> field, where the table stands, and the columns that tell
        which lines or payments a row sums (`<name>_column`, for the columns named as in KEYS).

        `fields` gives the ledger's name for a column's name.
        """
        return {
            **{self.letters[name]: field for name, field in fields.items()},
            **{f"{key}_column": self.letters[key] for key in KEYS if key in self.letters},
            "sheet": self.name,
            "first_row": str(rows[0]),
            "last_row": str(rows[1]),
        }

    def end(self, last_row: int, table: bool = False) -> None:
        """Puts the filter over the rows from the header to `last_row`.

        `table`: the rows are alike (no totals between them), so they become a table of Excel's own, where the
        book is small enough to be built in memory.
        """
        top, bottom, right = self.header_row - 1, max(last_row, self.header_row) - 1, len(self._columns) - 1
        if table and self._book.small and bottom > top:
            head = self._book.format_of(**HEADER)
            columns = [
                {"header": self._book.headers.header(column.name), "header_format": head} for column in self._columns
            ]
            self._sheet.add_table(top, 0, bottom, right, {"columns": columns, "style": None})
        else:
            self._sheet.autofilter(top, 0, bottom, right)

    def close(self) -> None:
        """All that was written is what is printed."""
        self._sheet.print_area(0, 0, max(self._row, self.header_row) - 1, len(self._columns) - 1)
