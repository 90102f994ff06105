"""The blanks of all forms, and one with its own example in it."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.forms.blank import blank
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import load_rules

ROOT = Path(__file__).parents[3]
RULES = load_rules(ROOT / "rules")
FORMS = [pytest.param(rule, id=rule.form) for rule in RULES.forms.values()]


def header_row(sheet: object, rule: FormRule) -> int:
    starred = [c.ru + (" *" if c.required else "") for c in rule.columns]
    rows = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    return next(number for number, row in enumerate(rows, 1) if list(row[: len(starred)]) == starred)


def filled(rule: FormRule) -> bytes:
    """The blank with its own example in it."""
    book = openpyxl.load_workbook(io.BytesIO(blank(rule, RULES)))
    sheet = book.worksheets[0]
    top = header_row(sheet, rule)
    for place, column in enumerate(rule.columns, 1):
        sheet.cell(top + 1, place).value = column.example or None
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()
