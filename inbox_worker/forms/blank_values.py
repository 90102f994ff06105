"""Values that the cells of a blank ask for: lists in both languages, numbers, dates. Another one is questioned, never
refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from inbox_worker.forms.own_help import title_list
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts
from inbox_worker.workbooks.cell_values import letters

_LAST_ROW = 20_000  # drop-downs reach so far down
_YES, _NO = "да / иә", "нет / жоқ"  # as forms are read
WIDTHS = {
    "text": 30,
    "address": 30,
    "choice": 30,
    "service": 32,
    "services": 36,
    "iban": 26,
    "emails": 30,
    "bin": 17,
    "base": 21,
}
FORMATS = {
    "money": "#,##0.00", "tariff": "#,##0.0000", "quantity": "#,##0.000", "integer": "0",
    "percent": "0.00##", "number": "0.0#####", "date": "dd.mm.yyyy", "first_day": "dd.mm.yyyy",
}  # fmt: skip
_ANY_NUMBER = {"validate": "decimal", "criteria": "between", "minimum": -1_000_000_000, "maximum": 1_000_000_000}
_ANY_DATE = {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2099, 12, 31)}


def ask_values(sheet: Any, lists: Any, rule: FormRule, rules: Rules, header_row: int, source: str) -> None:
    """Put a list under each column that has one, and ask for numbers and dates as such."""
    _drop_downs(sheet, lists, rule, rules, header_row, source)
    _numbers_and_dates(sheet, rule, header_row, rules.texts.written)


def show_example(column: ColumnRule, rules: Rules) -> str:
    """Return the example of a column as it is picked from its list, in both languages."""
    return _options(column, rules).get(column.example, column.example)


def _options(column: ColumnRule, rules: Rules) -> dict[str, str]:
    """Return the values of a column's list, each as it is shown; empty of a column without a list."""
    if column.type in ("service", "services"):
        return {service.ru: _both(service.ru, service.kk) for service in rules.services}
    if column.type == "base":
        return {base.code: _both(base.code, base.kk) for base in rules.bases if base.code != "schedule"}
    if column.type == "category":
        return {category.ru: _both(category.ru, category.kk) for category in rules.categories}
    if column.type == "yes_no":
        return {shown.partition(" ")[0]: shown for shown in (_YES, _NO)}
    return {choice: _both(choice, column.kazakh.get(choice, choice)) for choice in column.choices}


def _both(ru: str, kk: str) -> str:
    return ru if ru == kk else f"{ru} / {kk}"


def _drop_downs(sheet: Any, lists: Any, rule: FormRule, rules: Rules, header_row: int, source: str) -> None:
    """Put lists on a sheet of their own: a list inside a validation may not pass 255 characters."""
    listed, texts = 0, rules.texts.written
    choose = texts.words("blank.choose")
    for at, column in enumerate(rule.columns):
        options = list(_options(column, rules).values())
        if not options:
            continue
        lists.set_column(listed, listed, max(46, *map(len, options)) + 2)
        lists.write_string(0, listed, title_list(column, texts))
        lists.write_column(1, listed, options)
        word = letters(listed)
        sheet.data_validation(
            header_row + 1, at, header_row + _LAST_ROW, at,
            {
                "validate": "list",
                "source": f"{source}${word}$2:${word}${len(options) + 1}",
                "error_type": "information" if column.type == "services" else "warning",
                "error_title": texts.both("blank.not_listed"),
                "error_message": f"{choose.ru} {choose.kk}",
            },
        )  # fmt: skip
        listed += 1


def _numbers_and_dates(sheet: Any, rule: FormRule, header_row: int, texts: Texts) -> None:
    """Ask for numbers and dates as such; anything else typed gives a question, not a refusal."""
    asked = {
        **dict.fromkeys(("money", "tariff", "quantity", "percent", "number"), _ANY_NUMBER),
        "integer": {**_ANY_NUMBER, "validate": "integer"},
        **dict.fromkeys(("date", "first_day"), _ANY_DATE),
    }
    for at, column in enumerate(rule.columns):
        if column.type in asked:
            hint, title = texts.words(f"blank.hint.{column.type}"), texts.both("blank.check")
            words = {"error_type": "warning", "error_title": title, "error_message": f"{hint.ru}; {hint.kk}"}
            sheet.data_validation(header_row + 1, at, header_row + _LAST_ROW, at, {**asked[column.type], **words})
