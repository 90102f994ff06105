"""The label | value pairs above a form's table: code, version, customer, month, what it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inbox_worker.form import values
from inbox_worker.form.bilingual import parts_of
from inbox_worker.form.days import two_days
from inbox_worker.form.extent import letters
from inbox_worker.form.words import judge_bin
from inbox_worker.form.workbook import CellKind, Sheet
from inbox_worker.model import Cell, Finding
from inbox_worker.spelling import fold

_LABELS = {
    "form": ("Форма", "Код формы", "Нысан", "Нысан коды"),
    "version": ("Версия", "Версия формы", "Нұсқа", "Нұсқасы"),
    "customer": (
        "БИН заказчика",
        "БИН/ИИН заказчика",
        "БИН",
        "Тапсырыс берушінің БСН",
        "БСН",
        "БСН-і",
        "Тапсырыс берушінің БСН-і",
    ),
    "customer_name": ("Заказчик", "Наименование заказчика", "Тапсырыс беруші"),
    "month": ("Месяц учёта", "Учётный месяц", "Есепке алу айы", "Есеп айы"),
    "replaces": ("Заменяет", "Взамен", "Алмастырады"),
    "count": ("Количество", "Количество платежей", "Количество строк", "Саны", "Төлем саны"),
    "sum": ("Сумма", "Общая сумма", "Сумма платежей", "Сома", "Жалпы сома"),
}
_BY_LABEL = {fold(label): key for key, labels in _LABELS.items() for label in labels}
_BY_LABEL |= {
    f: k for k, (one, *more) in _LABELS.items() for also in more for f in (fold(one + also), fold(also + one))
}
_LONGEST_LABEL = 120
MONTH = ("Месяц учёта", "Есепке алу айы")
CUSTOMER = ("БИН заказчика", "Тапсырыс берушінің БСН")
LABELS = {
    "form": ("Форма", "Нысан"),
    "version": ("Версия", "Нұсқа"),
    "customer": CUSTOMER,
    "customer_name": ("Заказчик", "Тапсырыс беруші"),
    "month": MONTH,
    "replaces": ("Заменяет", "Алмастырады"),
    "count": ("Количество", "Саны"),
    "sum": ("Сумма", "Сома"),
}


@dataclass(frozen=True)
class Pairs:
    """Header values by key, where they stand; `findings` about those that cannot be read."""

    values: Mapping[str, Cell]
    findings: tuple[Finding, ...] = ()


def read_pairs(grid: list[dict[int, str]], sheet: Sheet) -> Pairs:
    """Header pairs of the rows above a table. The value is the next filled cell to the right of its label, or
    stands after a colon in the label's own cell; the first label of a kind counts."""
    found: dict[str, Cell] = {}
    findings: list[Finding] = []
    for place, cells in enumerate(grid):
        for key, at, text in row_pairs(cells):
            if key in found:
                continue
            address = f"{letters(at)}{sheet.first_row + place}"
            written, (text, code, facts) = text, _normal(key, text, sheet, place, at)
            found[key] = Cell(text, sheet.name, address, written)
            if code:
                ru, kk = LABELS[key]
                shown = "" if code == "value.formula_empty" else written
                findings.append(Finding(code, sheet.name, address, shown, {"column": ru, "column_kk": kk, **facts}))
    return Pairs(found, tuple(findings))


def row_pairs(cells: Mapping[int, str]) -> list[tuple[str, int, str]]:
    """The header pairs of one row: key, column of the value, value."""
    pairs, waiting = [], ""
    for at, text in sorted(cells.items()):
        label, _, rest = text.partition(":")
        if key := _label(text):
            waiting = key
        elif waiting:
            pairs.append((waiting, at, text))
            waiting = ""
        elif rest.strip() and (key := _label(label)):
            pairs.append((key, at, rest.strip()))
    return pairs


def _label(text: str) -> str:
    """The key that a label names, alone or in one of its parts (`БИН заказчика / Тапсырыс берушінің БСН`); ''."""
    if len(text) > _LONGEST_LABEL:
        return ""
    if key := _BY_LABEL.get(fold(text)):
        return key
    parts = parts_of(text)
    keys = {key for part in parts if (key := _BY_LABEL.get(fold(part)))}
    return keys.pop() if len(keys) == 1 else ""


def unread_code(sheet: Sheet, place: int, at: int) -> str:
    """The code of the finding about a cell with an error or with a formula without value; '' when it has neither."""
    kinds = sheet.columns[at].kinds
    kind = kinds[place] if place < len(kinds) else CellKind.EMPTY
    if kind == CellKind.ERROR:
        return "value.error_cell"
    return "value.formula_empty" if kind == CellKind.FORMULA else ""


def _normal(key: str, text: str, sheet: Sheet, place: int, at: int) -> tuple[str, str, Mapping[str, str]]:
    """The value as other stages compare it, a finding's code ('' when it is sound) and its facts. A value that
    could not be read is '' and told."""
    if unread := unread_code(sheet, place, at):
        return "", unread, {}
    if key == "customer":
        verdict = judge_bin(text)
        return (text if verdict.value is None else str(verdict.value)), verdict.code, verdict.facts.get("", {})
    if key != "month":
        return text, "", {}
    column, month = sheet.columns[at], None
    if column.kinds[place] == CellKind.NUMBER:
        number = float(column.numbers[place])
        if sheet.shift and values.is_serial(number):
            return text, "value.two_days", two_days(number, sheet.shift)
        month = values.day_of_serial(number) if values.is_serial(number) else values.month_of_number(number)
    else:
        month = values.month(text)
    return (f"{month:%Y-%m}", "", {}) if month else (text, "header.month_invalid", {})
