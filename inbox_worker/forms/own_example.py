"""The example of our own blank, copied under the header: it is no row of its sender's (4.1.15)."""

from __future__ import annotations

from inbox_worker.core.text import fold
from inbox_worker.forms import values
from inbox_worker.forms.blank_values import show_example
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.heads import TableHead
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet

_LOOKED_AT = 3  # first rows: the example stands above the header, and is copied to beneath it
_EXACT = 6
_DATED = ("date", "month", "first_day")
_TELLING = ("text", "account")  # types of values that are the example's alone: other forms may be true word for word


def find_examples(sheet: Sheet, head: TableHead, rule: FormRule, rules: Rules, places: Ints) -> list[int]:
    """Return those of the first rows that repeat the blank's example: its value in each column that has one, nothing in
    the others. A row with one value of its sender's is a row."""
    shown = [(column, head.columns.get(column.name, -1)) for column in rule.columns]
    telling = any(column.example and column.type in _TELLING for column, _ in shown)
    if rule.operator or not telling or any(column.example and at < 0 for column, at in shown):
        return []
    return [
        place
        for place in places[:_LOOKED_AT].tolist()
        if all(_repeats(sheet.text(at, place) if at >= 0 else "", column, rules) for column, at in shown)
    ]


def _repeats(text: str, column: ColumnRule, rules: Rules) -> bool:
    if text in ("", column.example) or not column.example:
        return text == column.example
    if column.type in SCALES:
        return values.read_scaled(text, _EXACT) == values.read_scaled(column.example, _EXACT)
    if column.type in _DATED:
        return values.first_day(text) == values.first_day(column.example)
    return fold(text) in (fold(column.example), fold(show_example(column, rules)))
