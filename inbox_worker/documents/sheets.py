"""Workbooks for people: one look, live totals with the values they show, never a formula from somebody's text.

The same data give the same bytes: the creation date is passed in. Wraps xlsxwriter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from inbox_worker.core.sheet_names import free_sheet_name
from inbox_worker.documents.sheet_bulk import SheetBulk
from inbox_worker.documents.sheet_columns import TOTAL, Formula
from inbox_worker.documents.sheet_formats import BookFormats, PageSetup
from inbox_worker.documents.sheet_package import StreamedBook, kept_book
from inbox_worker.documents.sheet_rows import plain_cell
from inbox_worker.documents.sheet_style import (
    FONT,
    LANDSCAPE,
    NORMAL,
    PORTRAIT,
    Headers,
    Look,
    SheetColumn,
    Words,
    fit_columns,
    format_properties,
)

KEYS = (
    "account", "service", "service_ru", "house", "bank", "bin", "customer", "percent", "submission", "row", "meter",
    "paid_on", "order",
)  # fmt: skip


class Book(BookFormats):
    """A workbook under way; its rows are streamed to disk. `kept_rows`: of a book that the ledger knows by its bytes,
    how many its longest sheet has; `earlier_look`: as earlier versions laid it out."""

    def __init__(
        self,
        title: str,
        subject: str,
        author: str,
        made_on: date,
        headers: Headers,
        kept_rows: int | None = None,
        earlier_look: bool = False,
    ) -> None:
        self._bytes = BytesIO()
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": FONT, "font_size": NORMAL, "valign": "vcenter"},
        }
        book = StreamedBook(self._bytes, options) if kept_rows is None else kept_book(self._bytes, options, kept_rows)
        created = datetime.combine(made_on, time())
        book.set_properties({"title": title, "subject": subject, "author": author, "created": created})
        super().__init__(book, headers, earlier_look)
        self._pages: dict[str, Page] = {}

    def set_property(self, name: str, value: str) -> None:
        """Set a property of the file that can be read without opening a sheet."""
        self._book.set_custom_property(name, value, "text")

    def add_page(self, name: str, columns: Sequence[SheetColumn], titles: Sequence[Words], setup: PageSetup) -> Page:
        """Add a sheet: titles one a row, then whatever is added, from top to bottom."""
        fitted = fit_columns(tuple(columns), self.headers, setup.largest, PORTRAIT if setup.portrait else LANDSCAPE)
        shown = free_sheet_name(name, self._pages)
        self._pages[shown] = Page(self, self._book.add_worksheet(shown), shown, fitted, titles, setup)
        return self._pages[shown]

    def finish(self) -> bytes:
        """Close the book and return its bytes."""
        for page in self._pages.values():
            page.close()
        self._book.close()
        return self._bytes.getvalue()


class Page(SheetBulk):
    """A sheet under way; rows are added from top to bottom. Row numbers are those people see (from 1)."""

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
        if self._write_plain_total(label, sums, first, look, keys or {}):
            return self._row
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

    def _write_plain_total(
        self, label: str, sums: Mapping[str, Decimal], first: int, look: Look, keys: Mapping[str, Any]
    ) -> bool:
        """Write a row of totals whole, where all of it is plain and its label stands in a line."""
        words: Words = (("strong", label),)
        if self._behind or not (label and self._streamed and self._on_one_line(words, self._before_sums())):
            return False
        self._direct.begin(self._row)
        number, letters = self._row + 1, list(self.letters.values())
        own = self._book.format("text", look, "strong")
        cells = [plain_cell(f"{letters[0]}{number}", own, f"{label} ")]
        others = list(zip(self._columns, letters, self._looks(look), self._short, strict=True))[1:]
        for style, (column, letter, shown, short) in zip(self._styles(look), others, strict=True):
            value = keys.get(column.name)
            if column.total and first < number:
                formula = f"<f>SUBTOTAL(9,{letter}{first}:{letter}{self._row})</f><v>{float(sums[column.name])}</v>"
                cells.append(f'<c r="{letter}{number}"{style}>{formula}</c>')
            elif isinstance(value, str) and len(value) > short:
                return False
            else:
                cells.append(plain_cell(f"{letter}{number}", shown, 0 if column.total else value))
        return self._write_cells(cells)

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
