"""The label | value pairs above a form's table: code, version, customer, month, what it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inbox_worker.form import values
from inbox_worker.form.extent import letters
from inbox_worker.form.words import judge_bin
from inbox_worker.form.workbook import CellKind, Sheet
from inbox_worker.model import Cell, Finding
from inbox_worker.spelling import fold

_LABELS = {
    "form": ("Форма", "Код формы", "Нысан", "Нысан коды"),
    "version": ("Версия", "Версия формы", "Нұсқа", "Нұсқасы"),
    "customer": ("БИН заказчика", "БИН/ИИН заказчика", "БИН", "Тапсырыс берушінің БСН", "БСН"),
    "customer_name": ("Заказчик", "Наименование заказчика", "Тапсырыс беруші"),
    "month": ("Месяц учёта", "Учётный месяц", "Есепке алу айы", "Есеп айы"),
    "replaces": ("Заменяет", "Взамен", "Алмастырады"),
    "count": ("Количество", "Количество платежей", "Количество строк", "Саны", "Төлем саны"),
    "sum": ("Сумма", "Общая сумма", "Сумма платежей", "Сома", "Жалпы сома"),
}
_BY_LABEL = {fold(label): key for key, labels in _LABELS.items() for label in labels}
MONTH = ("Месяц учёта", "Есепке алу айы")
CUSTOMER = ("БИН заказчика", "Тапсырыс берушінің БСН")


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
            text, code = _normal(key, text, sheet, place, at)
            found[key] = Cell(text, sheet.name, address)
            if code:
                ru, kk = MONTH if key == "month" else CUSTOMER
                findings.append(Finding(code, sheet.name, address, text, {"column": ru, "column_kk": kk}))
    return Pairs(found, tuple(findings))


def row_pairs(cells: Mapping[int, str]) -> list[tuple[str, int, str]]:
    """The header pairs of one row: key, column of the value, value."""
    pairs, waiting = [], ""
    for at, text in sorted(cells.items()):
        label, _, rest = text.partition(":")
        if key := _BY_LABEL.get(fold(text)):
            waiting = key
        elif waiting:
            pairs.append((waiting, at, text))
            waiting = ""
        elif rest.strip() and (key := _BY_LABEL.get(fold(label))):
            pairs.append((key, at, rest.strip()))
    return pairs


def _normal(key: str, text: str, sheet: Sheet, place: int, at: int) -> tuple[str, str]:
    """The value as other stages compare it, and a finding's code ('' when it is sound)."""
    if key == "customer":
        verdict = judge_bin(text)
        return (text, verdict.code) if verdict.value is None else (str(verdict.value), "")
    if key != "month":
        return text, ""
    column, month = sheet.columns[at], None
    if column.kinds[place] == CellKind.NUMBER:
        number = float(column.numbers[place])
        month = values.day_of_serial(number) if values.is_serial(number) else values.month_of_number(number)
    else:
        month = values.month(text)
    return (f"{month:%Y-%m}", "") if month else (text, "header.month_invalid")
