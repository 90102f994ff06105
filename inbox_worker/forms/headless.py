"""Sheets that go on with a form's rows and have no header: they are not read, and that is told."""

from __future__ import annotations

import re

from inbox_worker.core.text import fold
from inbox_worker.forms.column_task import shown
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.cells import Sheet

_MOST_ROWS = 300  # looked at in each sheet
_LEAST = 4  # characters of a code by which a row is known


def has_rows_like(sheet: Sheet, table: SheetTable, rule: FormRule) -> bool:
    """Return whether a sheet has a row with an account, a service or a code like those of the form, and a number beside
    it where the form has numbers."""
    columns = table.head.columns
    numbered = any(column.type in SCALES and column.name in columns for column in rule.columns)
    named = [c for c in rule.columns if c.name in columns and c.required and c.type in ("account", "service", "code")]
    keys = {
        _shape(text)
        for column in named[:1]
        for text in _texts(table.sheet, columns[column.name], table.head.place + 1)
        if len(text) >= _LEAST
    }
    for place in range(min(sheet.height, _MOST_ROWS)):
        cells = [shown(c, place) for c in sheet.columns.values() if place < len(c.kinds)]
        texts = [text for text in cells if text]
        like = [text for text in texts if _shape(text) in keys]
        others = [text for text in texts if text not in like]
        if like and (any(re.fullmatch(r"[-−(]?[\d\s]+([.,]\d+)?\)?", t) for t in others) if numbered else others):
            return True
    return False


def _texts(sheet: Sheet, at: int, first: int) -> list[str]:
    column = sheet.columns[at]
    return [shown(column, place) for place in range(first, min(len(column.kinds), first + _MOST_ROWS))]


def _shape(text: str) -> str:
    """Return a code with its digits made the same; words as they are."""
    return re.sub(r"\d", "9", fold(text))
