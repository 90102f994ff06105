"""The blanks customers fill in, made from the rules: the same rules give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from inbox_worker.core.files import write_atomic
from inbox_worker.core.sheet_names import free_sheet_name
from inbox_worker.forms.blank_values import FORMATS, WIDTHS, ask_values, show_example
from inbox_worker.settings.form_rules import Bilingual, ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import CONTRACT, Texts

_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - xlsxwriter wants it naive; fixed so that bytes stay the same
_LAST_COLUMN = 16_383
_LISTS = "Списки"
_ALLOWED = dict.fromkeys(
    ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"), True
)
_HELP = "Инструкция"
_LABEL_WIDTH, _VALUE_WIDTH = 30, 22  # of the first two columns, where the header's labels and values are
_A4 = 9
_ACROSS = 137  # widths of columns that A4 takes at full size
_LEAST_SCALE = 78  # per cent: the smallest text is of 9 points, and stays one of 7
_LINE, _LINES = 15.0, 34  # points of a line, and how many lines a page takes at full size
_MOST_DRAWN = 24  # rows that look like inputs; those below take what is typed or pasted as well
_INK, _GREY, _ERROR, _HEAD = "#1F3A5F", "#555555", "#A61B1B", "#E6ECF2"
_INPUT: Mapping[str, Any] = {"bg_color": "#FFFDF0", "border": 1, "border_color": "#B9B08A", "locked": False}
_EXAMPLE: Mapping[str, Any] = {"bg_color": "#F0F0F0", "font_color": "#595959", "italic": True, "num_format": "@"}
_STEPS = {1: "", 2: "", 3: "month", 4: "", 5: "replaces"}  # of the instruction -> the label that it explains
Addresses = Mapping[str, str]  # mailbox -> its address


def build_blanks(rules: Rules, folder: Path, addresses: Addresses) -> list[Path]:
    """Writes a blank a form into the folder, `<code>.xlsx`. The same rules give the same bytes."""
    paths = []
    for rule in rules.forms.values():
        path = folder / f"{rule.form}.xlsx"
        write_atomic(path, blank(rule, rules, addresses))
        paths.append(path)
    return paths


def blank(rule: FormRule, rules: Rules, addresses: Addresses) -> bytes:
    """Return one form's blank: a data sheet, the instruction in Russian and Kazakh with an example, the lists."""
    sink = io.BytesIO()
    look = {"font_name": "Arial", "font_size": 10}
    options = {"in_memory": True, "strings_to_formulas": False, "default_format_properties": look}
    with xlsxwriter.Workbook(sink, options) as book:
        book.set_properties({"title": rule.title.ru, "created": _CREATED})
        name = free_sheet_name(rule.title.ru, (_HELP, _LISTS))
        sheet, manual, lists = (book.add_worksheet(n) for n in (name, _HELP, _LISTS))
        texts = rules.texts.written
        title = _rich(book, (rule.title.ru, {"bold": True, "font_size": 15, "font_color": _INK}),
                      (f" / {rule.title.kk}", {"font_size": 12, "font_color": _GREY}))  # fmt: skip
        sheet.write_rich_string(0, 0, *title, book.add_format())
        top = 1 if rule.operator else _strip(book, sheet, rule, rules, addresses)
        header_row = _example(book, sheet, rule, rules, _head(book, sheet, rule, texts, top))
        _table(book, sheet, rule, rules, header_row)
        _instruction(book, manual, rule, rules)
        ask_values(sheet, lists, rule, rules, header_row, f"='{_LISTS}'!")
        for page in (sheet, manual, lists):
            page.protect("", _ALLOWED)
            _set_up_print(page, rule, texts, page is not sheet or _scale(_widths(rule)) >= _LEAST_SCALE)
        book.define_name("form_code", f"='{name}'!$B${top + 1}")
        book.define_name("form_version", f"='{name}'!$B${top + 2}")
    return sink.getvalue()


def _rich(book: Any, *runs: tuple[str, Mapping[str, Any]]) -> list[Any]:
    """Return pieces of a cell's text, each after its look."""
    return [part for text, look in runs for part in (book.add_format({"font_name": "Arial", **look}), text)]


def _labels(rule: FormRule) -> list[tuple[str, str]]:
    """Return the text of each header pair's label, and its value."""
    pairs = [("form", rule.form), ("version", rule.version)]
    if any(check.check == "control_row" for check in rule.checks):
        return [*pairs, ("count", ""), ("sum", "")]
    if rule.operator:
        return pairs
    return [*pairs, *((label, "") for label in ("customer", "customer_name", "month", "replaces"))]


def _head(book: Any, sheet: Any, rule: FormRule, texts: Texts, top: int) -> int:
    """Write from the row `top` the header pairs; return the first row below. What is to be written stands in the note
    of the cell: beside it the reader would take it for the value of an empty one."""
    value = book.add_format({**_INPUT, "num_format": "@", "border_color": "#7A6A00"})
    fixed = book.add_format({"num_format": "@", "font_color": _GREY, "valign": "top"})
    labels = _labels(rule)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for row, (label, filled) in enumerate(labels, top):
        words = texts.words(f"blank.{label}")
        same = words.ru == words.kk
        runs = _rich(book, (words.ru, {"bold": True}), (f" / {words.kk}", {"font_color": _GREY, "font_size": 9}))
        if same:
            sheet.write_string(row, 0, words.ru, book.add_format({"bold": True}))
        else:
            sheet.write_rich_string(row, 0, *runs, wrap)
        if len(f"{words.ru} / {words.kk}") > _LABEL_WIDTH:
            sheet.set_row(row, 2 * _LINE)
        sheet.write(row, 1, filled or None, fixed if filled else value)
        if f"blank.note.{label}" in texts.of:
            note = texts.words(f"blank.note.{label}")
            sheet.write_comment(row, 1, f"{note.ru}\n{note.kk}", {"author": "", "x_scale": 1.6})
    return top + len(labels)


def _strip(book: Any, sheet: Any, rule: FormRule, rules: Rules, addresses: Addresses) -> int:
    """Write under the title where the form goes, by when (4.3.2), with which documents, and how it is filled in: who
    has nothing but the blank knows what to do. Return the row for the first header pair."""
    texts, day = rules.texts.written, rules.deadlines.of(rule.form).day
    lines = ("where", "when", f"documents_{rule.documents}", "how")
    for row, line in enumerate(lines, 1):
        facts = {"mailbox": addresses[rule.mailbox], "day": day}
        title = texts.both(f"blank.strip.{line.partition('_')[0]}")
        words = texts.words(f"blank.strip.{line}_words", **facts)
        head = (f"{row}  {title}: ", {"bold": True, "font_size": 9, "font_color": _INK})
        russian = (f"{words.ru} ", {"bold": True, "font_size": 9})
        kazakh = (f"· {words.kk}", {"font_size": 9, "font_color": _GREY})
        sheet.write_rich_string(row, 0, *_rich(book, head, russian, kazakh), book.add_format())
    sheet.set_row(len(lines) + 1, 6)
    return len(lines) + 2


def _example(book: Any, sheet: Any, rule: FormRule, rules: Rules, row: int) -> int:
    """Write an example ABOVE the table's header, where nothing is read as a row; return the header's row."""
    words = rules.texts.written.words("blank.example_above")
    plain = {"font_size": 9, "font_color": "#595959"}
    sheet.write_rich_string(
        row + 1, 0, *_rich(book, (words.ru, {**plain, "bold": True}), (f" · {words.kk}", plain)), book.add_format()
    )
    look = book.add_format({**_EXAMPLE, "font_size": 9, "text_wrap": True, "valign": "top"})
    sheet.set_row(row + 2, _LINE * _example_lines(rule, rules))
    for at, column in enumerate(rule.columns):
        text = show_example(column, rules)
        (sheet.write_string if text else sheet.write_blank)(row + 2, at, text or None, look)
    return row + 3


def _example_lines(rule: FormRule, rules: Rules) -> int:
    """Return how many lines the longest example takes in its column; in smaller letters than the rows."""
    shown = zip(rule.columns, _widths(rule), strict=True)
    return max(-(-len(show_example(column, rules)) // (width * 10 // 9)) or 1 for column, width in shown)


def _header_lines(rule: FormRule) -> int:
    """Return how many lines the highest head takes: its Russian name, and the Kazakh one in smaller letters below."""
    shown = zip(rule.columns, _widths(rule), strict=True)
    return max(-(-len(f"{c.ru} * ▾") // width) - (-len(f"({c.kk})") // (width * 10 // 9)) for c, width in shown)


def _table(book: Any, sheet: Any, rule: FormRule, rules: Rules, header_row: int) -> None:
    """Write the header and rows that look like inputs. The header is not locked: a row that is inserted below it takes
    its look, and could not be written in otherwise."""
    above = header_row + _example_lines(rule, rules) + _header_lines(rule) - 3
    texts, drawn = rules.texts.written, _count_drawn(_widths(rule), above)
    head = {"bg_color": _HEAD, "text_wrap": True, "valign": "top", "top": 2, "bottom": 1, "border_color": _INK}
    header = book.add_format({**head, "bold": True, "locked": False})
    sheet.set_column(0, _LAST_COLUMN, None, book.add_format({"locked": False}))
    widths = _widths(rule)
    for at, (column, width) in enumerate(zip(rule.columns, widths, strict=True)):
        form = {"num_format": FORMATS.get(column.type, "@")}
        sheet.set_column(at, at, width, book.add_format({**form, "locked": False}))
        sign = " ▾" if column.type in ("service", "base", "category", "choice", "yes_no") else ""
        star = [(" *", {"bold": True, "font_color": _ERROR})] if column.required else []
        kazakh = (f"{sign}\n({column.kk})", {"font_size": 9, "font_color": _GREY})
        runs = _rich(book, (column.ru, {"bold": True, "font_color": _INK}), *star, kazakh)
        sheet.write_rich_string(header_row, at, *runs, header)
        hint = _hint(rule, column, texts)
        sheet.write_comment(header_row, at, f"{hint.ru}\n{hint.kk}", {"author": "", "x_scale": 1.4})
        cells = book.add_format({**_INPUT, **form})
        for row in range(header_row + 1, header_row + 1 + drawn):
            sheet.write_blank(row, at, None, cells)
    sheet.set_row(header_row, _LINE * _header_lines(rule))
    sheet.freeze_panes(header_row + 1, 0)
    sheet.repeat_rows(header_row)
    if _scale(widths) < _LEAST_SCALE:
        sheet.set_print_scale(_LEAST_SCALE)  # pages side by side; a repeated first column would cut the strip's lines


def _widths(rule: FormRule) -> list[int]:
    """Return the columns' widths, each at least that of its head on one line."""
    labelled = len(_labels(rule)) > 2
    least = [_LABEL_WIDTH, _VALUE_WIDTH] if labelled else [0, 0]
    return [
        max(WIDTHS.get(column.type, max(len(column.ru), len(column.kk)) + 4), least[at] if at < 2 else 0, 15)
        for at, column in enumerate(rule.columns)
    ]


def _scale(widths: Sequence[int]) -> int:
    """Return at how many per cent a page takes all columns."""
    return min(100, 100 * _ACROSS // sum(widths))


def _count_drawn(widths: Sequence[int], above: int) -> int:
    """Return how many rows end the first page, so that no page of a few follows; so many lines are above the head."""
    lines = 100 * _LINES // max(_scale(widths), _LEAST_SCALE)
    return min(_MOST_DRAWN, lines - above - 3)  # the head and a label take two lines each


def _instruction(book: Any, sheet: Any, rule: FormRule, rules: Rules) -> None:
    texts = rules.texts.written
    bold = book.add_format({"bold": True, "bottom": 1, "indent": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "align": "left", "indent": 1})
    sheet.set_column(0, 1, 58, wrap)
    sheet.set_column(2, 4, 26, wrap)
    for at, (language, title) in enumerate(zip(CONTRACT, (rule.title.ru, rule.title.kk), strict=True)):
        sheet.write_string(0, at, texts.say(language, "blank.how", title=title, clause=rule.clause), bold)
    steps = _steps(rule, texts, rules.deadlines.of(rule.form).day)
    for row, step in enumerate(steps, 1):
        sheet.set_row(row, _height((step.ru, step.kk), (58, 58)))
        sheet.write_string(row, 0, step.ru, wrap)
        sheet.write_string(row, 1, step.kk, wrap)
    top = len(steps) + 2
    for at, heading in enumerate(("column", "what", "must", "example")):
        sheet.write_string(top, at, texts.both(f"blank.{heading}"), bold)
    for row, column in enumerate(rule.columns, top + 1):
        hint = _hint(rule, column, texts)
        must = texts.both("answer.yes" if column.required else "answer.no")
        cells = (f"{column.ru} / {column.kk}", f"{hint.ru} / {hint.kk}", must, column.example)
        sheet.set_row(row, _height(cells, (58, 58, 26, 26)))
        for at, text in enumerate(cells):
            sheet.write_string(row, at, text, wrap)


def _steps(rule: FormRule, texts: Texts, day: int) -> list[Bilingual]:
    """Return the steps of the instruction, without those about labels that the form does not have."""
    labels = {label for label, _ in _labels(rule)}
    written = [number for number, label in _STEPS.items() if not label or label in labels]
    return [texts.words(f"blank.step_{number}", day=day) for number in written]


def _set_up_print(sheet: Any, rule: FormRule, texts: Texts, is_one_wide: bool) -> None:
    """Set A4 across, one page wide or pages side by side, with the form's name and page n of m at the foot."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.set_margins(0.4, 0.4, 0.45, 0.6)
    if is_one_wide:
        sheet.fit_to_pages(1, 0)
    page = texts.both("blank.page", page="&P", pages="&N")
    foot = f"&L&8{rule.title.ru} / {rule.title.kk}&R&8{page}"
    sheet.set_footer(foot, {"scale_with_doc": False})


def _height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """Return points that the longest text of a row needs in its column: not every program fits heights by itself."""
    return _LINE * max(-(-len(text) // (width - 4)) or 1 for text, width in zip(texts, widths, strict=True))


def _hint(rule: FormRule, column: ColumnRule, texts: Texts) -> Bilingual:
    """Return what a column is for: words of its own where it has them, else those of its type."""
    own = f"blank.hint.{rule.form}.{column.name}"
    return texts.words(own if own in texts.of else f"blank.hint.{column.type}")
