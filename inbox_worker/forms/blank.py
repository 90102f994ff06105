"""The blanks customers fill in, made from the rules: the same rules give the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from inbox_worker.core.files import write_atomic
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import CONTRACT, Texts
from inbox_worker.workbooks.cell_values import letters

_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - xlsxwriter wants it naive; fixed so that bytes stay the same
_LAST_ROW = 20_000  # drop-downs reach so far down
_LAST_COLUMN = 16_383
_LISTS = "Списки"
_ALLOWED = dict.fromkeys(
    ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"), True
)
_HELP = "Инструкция"
_YES, _NO = "да", "нет"  # as forms are read
_WIDTHS = {"text": 34, "address": 34, "choice": 28, "service": 30, "iban": 26, "emails": 30, "bin": 17}
_VALUE_WIDTH = 30  # of the second column, where the header's values are: a Customer's name is to be seen whole
_FORMATS = {
    "money": "#,##0.00", "tariff": "#,##0.0000", "quantity": "#,##0.000", "integer": "0",
    "percent": "0.00##", "number": "0.0#####", "date": "dd.mm.yyyy", "first_day": "dd.mm.yyyy",
}  # fmt: skip
_ANY_NUMBER = {"validate": "decimal", "criteria": "between", "minimum": -1_000_000_000, "maximum": 1_000_000_000}
_ANY_DATE = {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2099, 12, 31)}
_A4 = 9
_STEPS = 5  # of the instruction


def build_blanks(rules: Rules, folder: Path) -> list[Path]:
    """Writes a blank a form into the folder, `<code>.xlsx`. The same rules give the same bytes."""
    paths = []
    for rule in rules.forms.values():
        path = folder / f"{rule.form}.xlsx"
        write_atomic(path, blank(rule, rules))
        paths.append(path)
    return paths


def blank(rule: FormRule, rules: Rules) -> bytes:
    """Return one form's blank: a data sheet, the instruction in Russian and Kazakh with an example, the lists."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": rule.title.ru, "created": _CREATED})
        name = _sheet_name(rule)
        sheet, manual, lists = (book.add_worksheet(n) for n in (name, _HELP, _LISTS))
        texts = rules.texts.written
        top = 1 if rule.operator else _strip(book, sheet, rule, rules)
        header_row = _head(book, sheet, rule, texts, top)
        _table(book, sheet, rule, header_row, texts)
        _instruction(book, manual, rule, texts)
        _drop_downs(sheet, lists, rule, rules, header_row)
        _numbers_and_dates(sheet, rule, header_row, texts)
        for page in (sheet, manual, lists):
            page.protect("", _ALLOWED)
            _set_up_print(page, rule, texts)
        book.define_name("form_code", f"='{name}'!$B${top + 1}")
        book.define_name("form_version", f"='{name}'!$B${top + 2}")
    return sink.getvalue()


def _sheet_name(rule: FormRule) -> str:
    """Return the title without what a sheet's name may not hold."""
    return re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\]", " ", rule.title.ru))[:31].strip()


def _labels(rule: FormRule) -> list[tuple[str, str]]:
    """Return the text of each header pair's label, and its value."""
    pairs = [("form", rule.form), ("version", rule.version)]
    if any(check.check == "control_row" for check in rule.checks):
        return [*pairs, ("count", ""), ("sum", "")]
    if rule.operator:
        return pairs
    return [*pairs, *((label, "") for label in ("customer", "customer_name", "month", "replaces"))]


def _head(book: Any, sheet: Any, rule: FormRule, texts: Texts, top: int) -> int:
    """Write title and, from the row `top`, header pairs; return the 0-based row of the table's header."""
    grey = book.add_format({"font_color": "#7F7F7F", "italic": True})
    look = {"num_format": "@", "border": 1, "bg_color": "#FFF9E5"}
    value, fixed = book.add_format({**look, "locked": False}), book.add_format(look)
    sheet.write_string(0, 0, f"{rule.title.ru} / {rule.title.kk}", book.add_format({"bold": True, "font_size": 14}))
    labels = _labels(rule)
    for row, (label, filled) in enumerate(labels, top):
        words = texts.words(f"blank.{label}")
        sheet.write_string(row, 0, words.ru, book.add_format({"bold": True}))
        sheet.write(row, 1, filled or None, fixed if filled else value)
        sheet.write_string(row, 2, words.kk, grey)
    return top + len(labels) + 1


def _strip(book: Any, sheet: Any, rule: FormRule, rules: Rules) -> int:
    """Write under the title where the form goes, by when (4.3.2), with which documents, and how it is filled in: who
    has nothing but the blank knows what to do. Return the row for the first header pair. Beside the pairs nothing may
    stand: the reader would take it for the value of an empty one.
    """
    texts, day = rules.texts.written, rules.deadlines.deadlines["forms"].day
    head, grey = book.add_format({"bold": True, "font_color": "#1F3A5F"}), book.add_format({"font_color": "#555555"})
    lines = ("where", "when", f"documents_{rule.documents}", "how")
    for row, line in enumerate(lines, 1):
        facts = {"mailbox": rule.mailbox, "day": day}
        title = texts.both(f"blank.strip.{line.partition('_')[0]}")
        words = texts.words(f"blank.strip.{line}_words", **facts)
        parts = (head, f"{row}  {title}: ", f"{words.ru} ", grey, f"· {words.kk}")
        sheet.write_rich_string(row, 0, *parts)
    return len(lines) + 2


def _table(book: Any, sheet: Any, rule: FormRule, header_row: int, texts: Texts) -> None:
    header = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, _LAST_COLUMN, None, book.add_format({"locked": False}))
    for at, column in enumerate(rule.columns):
        cells = book.add_format({"num_format": _FORMATS.get(column.type, "@"), "locked": False})
        least = _VALUE_WIDTH if at == 1 and not rule.operator else 15
        sheet.set_column(at, at, max(_WIDTHS.get(column.type, len(column.ru) + 3), least), cells)
        sheet.write_string(header_row, at, column.ru + (" *" if column.required else ""), header)
        hint = texts.words(f"blank.hint.{column.type}")
        sheet.write_comment(header_row, at, f"{column.kk}\n{hint.ru}\n{hint.kk}", {"author": "", "x_scale": 1.4})
    sheet.freeze_panes(header_row + 1, 0)
    sheet.repeat_rows(header_row)


def _instruction(book: Any, sheet: Any, rule: FormRule, texts: Texts) -> None:
    bold = book.add_format({"bold": True, "bottom": 1, "indent": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "align": "left", "indent": 1})
    sheet.set_column(0, 1, 58, wrap)
    sheet.set_column(2, 4, 26, wrap)
    for at, (language, title) in enumerate(zip(CONTRACT, (rule.title.ru, rule.title.kk), strict=True)):
        sheet.write_string(0, at, texts.say(language, "blank.how", title=title, clause=rule.clause), bold)
    for row in range(1, _STEPS + 1):
        step = texts.words(f"blank.step_{row}")
        sheet.set_row(row, _height((step.ru, step.kk), (58, 58)))
        sheet.write_string(row, 0, step.ru, wrap)
        sheet.write_string(row, 1, step.kk, wrap)
    top = _STEPS + 2
    for at, heading in enumerate(("column", "what", "must", "example")):
        sheet.write_string(top, at, texts.both(f"blank.{heading}"), bold)
    for row, column in enumerate(rule.columns, top + 1):
        hint = texts.words(f"blank.hint.{column.type}")
        must = texts.both("answer.yes" if column.required else "answer.no")
        cells = (f"{column.ru} / {column.kk}", f"{hint.ru} / {hint.kk}", must, column.example)
        sheet.set_row(row, _height(cells, (58, 58, 26, 26)))
        for at, text in enumerate(cells):
            sheet.write_string(row, at, text, wrap)


def _set_up_print(sheet: Any, rule: FormRule, texts: Texts) -> None:
    """Set A4 across, one page wide, with the form's name and page n of m at the foot."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    page = texts.both("blank.page", page="&P", pages="&N")
    sheet.set_footer(f"&L&8{rule.title.ru} / {rule.title.kk}&R&8{page}")


def _height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """Return points that the longest text of a row needs in its column: not every program fits heights by itself."""
    return 15.0 * max(-(-len(text) // (width - 4)) or 1 for text, width in zip(texts, widths, strict=True))


def _options(column: ColumnRule, rules: Rules) -> list[str]:
    if column.type in ("service", "services"):
        return [service.ru for service in rules.services]
    if column.type == "base":
        return [base.code for base in rules.bases if base.code != "schedule"]
    if column.type == "category":
        return [category.ru for category in rules.categories]
    return [_YES, _NO] if column.type == "yes_no" else list(column.choices)


def _list_title(column: ColumnRule, texts: Texts) -> str:
    ru, kk = (
        texts.say(of, "blank.list", column=name) for of, name in zip(CONTRACT, (column.ru, column.kk), strict=True)
    )
    return f"{ru} / {kk}"


def _drop_downs(sheet: Any, lists: Any, rule: FormRule, rules: Rules, header_row: int) -> None:
    """Put lists on a sheet of their own: a list inside a validation may not pass 255 characters."""
    listed, texts = 0, rules.texts.written
    choose = texts.words("blank.choose")
    for at, column in enumerate(rule.columns):
        options = _options(column, rules)
        if not options:
            continue
        lists.set_column(listed, listed, 36)
        lists.write_string(0, listed, _list_title(column, texts))
        lists.write_column(1, listed, options)
        word = letters(listed)
        several = column.type == "services"
        strict = column.type in ("base", "yes_no") or (column.type == "choice" and not column.open)
        sheet.data_validation(
            header_row + 1, at, header_row + _LAST_ROW, at,
            {
                "validate": "list",
                "source": f"='{_LISTS}'!${word}$2:${word}${len(options) + 1}",
                "error_type": "stop" if strict else "information" if several else "warning",
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
