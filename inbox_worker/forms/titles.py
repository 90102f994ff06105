"""Titles of a form's table that name a month: what its rows are said to be about (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterator

from inbox_worker.forms.days_in_words import find_months
from inbox_worker.forms.header import without_pairs
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.rules import Rules

_MOST_CELLS = 2  # of a line that is a title


def find_titles(table: SheetTable, rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and text of the lines above a table, but for header pairs and rows such as the sample of our
    own blanks, and of the sheet's name."""
    sheet = table.sheet
    for place, cells in enumerate(table.grid[: table.head.place]):
        left = without_pairs(cells, rules)
        for at, text in left.items():
            if len(left) <= _MOST_CELLS and find_months(text):
                yield sheet.name, sheet.address(at, place), text
    if find_months(sheet.name):
        yield sheet.name, "", sheet.name
