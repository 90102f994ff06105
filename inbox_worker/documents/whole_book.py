"""The workbook of a whole month, `ledger/books/<month>/ledger.xlsx`: a sheet a table, each row with its own mark, and a
sheet of proofs in front. `ledger restore` makes a ledger of such workbooks and the archive.

Every sheet begins with a hidden row of the columns' names and types. Streamed: memory does not grow with the town.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from inbox_worker.core.files import sha256
from inbox_worker.core.row_hash import canonical_rows, describe_columns, row_mark, rows_hash
from inbox_worker.documents.exact_cells import as_exact_cell
from inbox_worker.documents.sheet_band import LONGEST_TEXT, BandColumn, write_band
from inbox_worker.documents.sheet_style import Headers, in_both
from inbox_worker.documents.whole_tables import FACTS, WholeMonth
from inbox_worker.settings.rules import Rules

NAME = "ledger.xlsx"
PROOFS = "proofs"
MARK = "mark"  # the last column of every table
SEAL = "seal"  # the last row of the proofs: a hash over those above it
HEAD_ROWS = 2  # names and types, then headers for people
MOST_ROWS = 1_000_000  # of a sheet; a longer table goes on in the next
_PART = 2_000  # rows made at once
_MARK_FIELD = pa.field(MARK, pa.string())
_WIDTHS = {"string": 22.0, "bool": 8.0}
_FORMATS = {"date32[day]": "dd.mm.yyyy", "decimal128(18, 2)": "#,##0.00", "decimal128(18, 3)": "#,##0.000"}


def render_whole(whole: WholeMonth, operator: str, made_on: date, rules: Rules) -> bytes:
    """Return the workbook's bytes; equal data give equal bytes. Raises JobError for a text that no cell can hold."""
    target = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        title = f"{rules.texts.written.both('title.whole')} {whole.head['month']}"
        book.set_properties({"title": title, "author": operator, "created": datetime.combine(made_on, time())})
        proofs = book.add_worksheet(PROOFS)
        writer = _WholeWriter(book, rules)
        lines = [(name, value, 0) for name, value in whole.head.items()]
        lines += [(name, writer.write(name, table), table.num_rows) for name, table in whole.tables.items()]
        writer.write_proofs(proofs, title, lines)
    return target.getvalue()


def seal_of(lines: list[tuple[str, str, int]]) -> str:
    """Return the hash over the lines of the proofs: name, value or hash, number of rows."""
    return sha256("\n".join(f"{name}\t{value}\t{rows}" for name, value, rows in lines).encode())


class _WholeWriter:
    """A workbook under way."""

    def __init__(self, book: Any, rules: Rules) -> None:
        self._book, self._rules = book, rules
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._title = book.add_format({"bold": True, "font_size": 15})
        self._formats = {name: book.add_format({"num_format": shown}) for name, shown in _FORMATS.items()}

    def write(self, name: str, table: pa.Table) -> str:
        """Write a table, on as many sheets as it needs, and return the hash over its rows."""
        return rows_hash(describe_columns(table), self._write_rows(name, table))

    def _write_rows(self, name: str, table: pa.Table) -> Iterator[str]:
        columns = [self._column(place, field.type) for place, field in enumerate([*table.schema, _MARK_FIELD])]
        for number in range(max(1, -(-table.num_rows // MOST_ROWS))):
            sheet = self._add_sheet(sheet_name(name, number), name, table.schema)
            at, of_sheet = HEAD_ROWS, table.slice(number * MOST_ROWS, MOST_ROWS)
            for start in range(0, of_sheet.num_rows, _PART):
                part = of_sheet.slice(start, _PART)
                lines = list(canonical_rows(part))
                cells = [[as_exact_cell(value) for value in column.to_pylist()] for column in part.columns]
                _number_formats(columns, cells)
                marks = [row_mark(line) for line in lines]
                at = write_band(sheet, at, columns, zip(*cells, marks, strict=True), lambda _: 0)
                yield from lines

    def _column(self, place: int, type_: pa.DataType) -> BandColumn:
        shown = self._formats.get(str(type_))
        return BandColumn(xl_col_to_name(place), shown, shown, LONGEST_TEXT, lambda _: 1, empty_cells=False)

    def _add_sheet(self, shown: str, name: str, schema: pa.Schema) -> Any:
        sheet = self._book.add_worksheet(shown)
        for place, field in enumerate(schema):
            sheet.set_column(place, place, _WIDTHS.get(str(field.type), 14.0))
        sheet.set_column(len(schema), len(schema), 14.0)
        sheet.freeze_panes(HEAD_ROWS, 0)
        sheet.set_row(0, None, None, {"hidden": True})
        for place, field in enumerate(schema):
            sheet.write_string(0, place, f"{field.name}:{field.type}")
        sheet.write_string(0, len(schema), MARK)
        for place, field_name in enumerate([*schema.names, MARK]):
            sheet.write_string(1, place, self._words(name, field_name), self._bold)
        return sheet

    def _words(self, name: str, column: str) -> str:
        """Return a column's header: the one of its form, else that of ledger workbooks, else its name."""
        form = self._rules.forms.get(name.removeprefix(FACTS)) if name.startswith(FACTS) else None
        own = next((one for one in form.columns if one.name == column), None) if form else None
        return f"{own.ru} · {own.kk}" if own else in_both(Headers(self._rules.texts.written, "ledger").words(column))

    def write_proofs(self, sheet: Any, title: str, lines: list[tuple[str, str, int]]) -> None:
        """Write what the workbook is known by: its head, the hash and number of rows of each table, and the seal."""
        texts = self._rules.texts.written
        for place, width in enumerate((28.0, 60.0, 70.0, 12.0)):
            sheet.set_column(place, place, width)
        sheet.write_string(0, 0, title, self._title)
        sheet.write_string(1, 0, texts.both("whole.reading"))
        for place, head in enumerate(("what", "named", "hash", "rows")):
            sheet.write_string(2, place, in_both(Headers(texts, "ledger").words(head)), self._bold)
        for at, (name, value, rows) in enumerate([*lines, (SEAL, seal_of(lines), 0)], HEAD_ROWS + 1):
            sheet.write_string(at, 0, name)
            sheet.write_string(at, 1, self._title_of(name))
            sheet.write_string(at, 2, value)
            sheet.write_number(at, 3, rows)

    def _title_of(self, name: str) -> str:
        form = self._rules.forms.get(name.removeprefix(FACTS))
        texts, code = self._rules.texts.written, f"whole.{name.replace(' ', '_')}"
        if code in texts:
            return texts.both(code)
        return in_both(form.title) if form else name


def sheet_name(name: str, number: int) -> str:
    """Return the name of a table's sheet, by its place among the sheets of the table."""
    return f"{name} {number + 1}" if number else name


def _number_formats(columns: list[BandColumn], cells: list[list[Any]]) -> None:
    """Number formats in the order in which rows use them, not columns, so that books written cell by cell before stay
    the same bytes."""
    used = []
    for place, (column, values) in enumerate(zip(columns, cells, strict=False)):
        first = next((at for at, value in enumerate(values) if value is not None), None)
        if column.format and first is not None:
            used.append((first, place, column.format))
    for *_, shown in sorted(used, key=lambda one: one[:2]):
        shown._get_xf_index()  # noqa: SLF001 - a format's number is given when it is first asked for
