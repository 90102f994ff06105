"""The blanks of all forms, and one with its own example in it."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.forms.blank import blank
from inbox_worker.settings.config import MAILBOXES
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.home import load_config
from inbox_worker.settings.rules import load_rules

ROOT = Path(__file__).parents[3]
RULES = load_rules(ROOT / "rules")
FORMS = [pytest.param(rule, id=rule.form) for rule in RULES.forms.values()]
STAND_FOR_ALL = ("meter_readings", "tariffs")  # in the quick run, where a form takes long
FEW_QUICK = [
    pytest.param(*form.values, id=form.id, marks=() if form.id in STAND_FOR_ALL else pytest.mark.slow) for form in FORMS
]


ADDRESSES = {name: load_config(ROOT / "config.yaml").address_of(name) for name in MAILBOXES}


def header_row(sheet: object, rule: FormRule) -> int:
    """The row of headers in both languages: each begins with the Russian one, and has a star where it is required."""
    starred = [c.ru + (" *" if c.required else "") for c in rule.columns]
    kazakh = [f"\n({c.kk})" for c in rule.columns]
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):  # type: ignore[attr-defined]
        texts = [str(text) for text in row[: len(starred)]]
        if all(t.startswith(s) and t.endswith(k) for t, s, k in zip(texts, starred, kazakh, strict=True)):
            return number
    raise AssertionError("no header")


def made(rule: FormRule) -> bytes:
    return _made(rule.form)


@cache
def _made(form: str) -> bytes:
    return blank(RULES.forms[form], RULES, ADDRESSES)


def filled(rule: FormRule) -> bytes:
    """The blank with its own example in it."""
    return _filled(rule.form)


@cache
def _filled(form: str) -> bytes:
    rule = RULES.forms[form]
    book = openpyxl.load_workbook(io.BytesIO(made(rule)))
    sheet = book.worksheets[0]
    top = header_row(sheet, rule)
    for place, column in enumerate(rule.columns, 1):
        sheet.cell(top + 1, place).value = column.example or None
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()
