"""Judges the lines of a text file: rows that a stray quote swallowed, rows whose values are shifted by a separator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from inbox_worker.core.model import Finding
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.sheet import CellKind, Sheet


class _Break(NamedTuple):
    """A quoted text with a line break and separators, as `csv_cells.py` counts them."""

    row: int
    column: int
    line: int
    first: int
    between: int
    last: int
    text: str

    def holds_rows(self, needed: int, whole: int) -> bool:
        """Return whether a line of it has a row's separators, or its first line ends a row and its last begins one."""
        if max(self.between, self.last) >= needed:
            return True
        return whole > 0 and self.first >= whole - self.column and self.last >= self.column


_LOOKED_AT = 30  # rows
_FEWEST_LOST = 20  # question marks


def says_unknown(sheets: Iterable[Sheet]) -> str:
    """Return the code of the finding about a file that is no form of ours: a text file without letters, where
    question marks stand for most of them, may be one."""
    for sheet in sheets:
        rows = [sheet.row(place) for place in range(min(sheet.height, _LOOKED_AT))] if sheet.lines else []
        text = "".join("".join(row.values()) for row in rows)
        lost = text.count("?")
        if lost >= _FEWEST_LOST and lost > sum(map(str.isalpha, text)):
            return "form.letters_lost"
    return "form.unknown"


def open_quote(sheets: tuple[Sheet, ...]) -> Finding | None:
    """Return an error for a quote that is open at the end of a text file: what follows it was not read as rows."""
    for sheet in sheets:
        if sheet.lines and (found := sheet.lines["open_quote"]):
            line, text = found
            return Finding("text.quote_open", cell=f"A{line}", value=text, facts={"line": str(line)})
    return None


def swallowed_rows(table: SheetTable, rule: FormRule) -> list[Finding]:
    """Return an error for each quoted text that holds rows of the table, or header pairs above it."""
    lines = table.sheet.lines
    if not lines:
        return []
    required = [at for name, at in table.head.columns.items() if rule.column(name).required]
    needed, whole = max([*required, 1]), _header_values(table) - 1
    top, findings = table.sheet.first_row + table.head.place, []
    for found in (_Break(*one) for one in lines["breaks"]):
        pairs = found.row < top and table.sheet.delimiter != ","
        if found.holds_rows(1 if pairs else needed, whole):
            cell, facts = f"{letters(found.column)}{found.row}", {"line": str(found.line)}
            findings.append(Finding("text.rows_in_quotes", "", cell, found.text, facts))
    return findings


def shifted_rows(table: SheetTable, rows: Ints) -> list[Finding]:
    """Return an error for each row of a text file with more values than the header line, or one right of the last
    header: a separator is inside of a value, and what follows it is in the wrong column."""
    sheet = table.sheet
    if not sheet.lines:
        return []
    known, findings = _header_values(table), _too_wide(table, rows)
    counts, noted = _counts(sheet.lines, rows + sheet.first_row), {finding.row for finding in findings}
    for place, count in zip(rows[counts > known].tolist(), counts[counts > known].tolist(), strict=True):
        if (row := place + sheet.first_row) not in noted:
            facts = {"count": str(count), "columns": str(known)}
            findings.append(Finding("row.shifted", "", f"{letters(known)}{row}", "", facts, row))
    return findings


def _too_wide(table: SheetTable, rows: Ints) -> list[Finding]:
    """Return an error for each value right of the last header: a text file has no notes beside its table."""
    sheet, findings = table.sheet, []
    last = max(table.grid[table.head.place])
    for at, column in sheet.columns.items():
        if at > last:
            places = rows[rows < len(column.kinds)]
            for place in places[column.kinds[places] != CellKind.EMPTY].tolist():
                cell, row = sheet.address(at, place), sheet.first_row + place
                findings.append(Finding("row.too_wide", "", cell, column.text(place), {}, row))
    return findings


def _header_values(table: SheetTable) -> int:
    """Return how many values the header line has, empty ones too."""
    row = np.array([table.sheet.first_row + table.head.place])
    return int(_counts(table.sheet.lines or {}, row)[0])


def _counts(lines: Mapping[str, Any], rows: Ints) -> Ints:
    """Return the number of values of those rows."""
    begins, counts = (np.array(numbers, np.int64) for numbers in zip(*lines["values"], strict=True))
    return counts[np.searchsorted(begins, rows, side="right") - 1]
