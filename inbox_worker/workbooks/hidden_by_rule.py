"""Work out which cells a rule of conditional formatting hides: where it compares with a number or a text (4.1.15)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from inbox_worker.workbooks.cell_values import column_of
from inbox_worker.workbooks.hiding_rules import HidingRule
from inbox_worker.workbooks.sheet import CellKind, Sheet

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "lessThan": operator.lt, "lessThanOrEqual": operator.le, "equal": operator.eq, "notEqual": operator.ne,
    "greaterThan": operator.gt, "greaterThanOrEqual": operator.ge,
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "<>": operator.ne, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_HAS_TEXT: dict[str, Callable[[str, str], bool]] = {
    "containsText": operator.contains, "notContainsText": lambda text, part: part not in text,
    "beginsWith": str.startswith, "endsWith": str.endswith,
}  # fmt: skip
_NUMBER = r"-?\d+(?:\.\d+)?"
_REFERENCE = r"(\$?[A-Z]{1,3})(\$?)(\d{1,7})"
_COMPARISON = re.compile(rf'{_REFERENCE}\s*(<=|>=|<>|<|>|=)\s*({_NUMBER}|"[^"]*")', re.IGNORECASE)
_OF_BLANKS = re.compile(
    rf'(?:(?:ISERROR|ISERR|ISNA|ISBLANK)\({_REFERENCE}\)|LEN\(TRIM\({_REFERENCE}\)\)\s*=\s*0|{_REFERENCE}\s*=\s*"")',
    re.IGNORECASE,
)


def find_hidden(rule: HidingRule, sheet: Sheet, at: int, places: Places) -> tuple[Places, bool]:
    """Return the places, of some filled ones of a column, at which a rule hides the cell, and whether that was worked
    out; else all of those that it covers. A zero that is hidden is nothing."""
    top, left, bottom, right = rule.range
    if not left <= at <= right:
        return places[:0], True
    first = sheet.first_row - 1
    places = places[(places >= top - first) & (places <= bottom - first)]
    column = sheet.columns[at]
    places = places[column.kinds[places] != CellKind.EMPTY]
    places = places[~_is_number(sheet, at, places) | (column.numbers[places] != 0)]
    mask = _mask(rule, sheet, at, places)
    return (places, False) if mask is None else (places[mask], True)


def _mask(rule: HidingRule, sheet: Sheet, at: int, places: Places) -> Mask | None:
    if rule.kind == "cellIs":
        return _compare(rule.operator, sheet, at, places, rule.operands)
    if rule.kind in ("containsBlanks", "containsErrors"):
        return np.zeros(len(places), np.bool_)
    if rule.kind in ("notContainsBlanks", "notContainsErrors"):
        return np.ones(len(places), np.bool_)
    if rule.kind in ("dataBar", "iconSet"):
        return _is_number(sheet, at, places)
    if (has := _HAS_TEXT.get(rule.kind)) and rule.operands:
        wanted = rule.operands[0].casefold()
        return np.array([has(text, wanted) for text in _texts(sheet, at, places)], np.bool_)
    return _by_formula(rule, sheet, at, places) if rule.kind == "expression" else None


def _is_number(sheet: Sheet, at: int, places: Places) -> Mask:
    return np.isin(sheet.columns[at].kinds[places], (int(CellKind.NUMBER), int(CellKind.PERCENT)))


def _texts(sheet: Sheet, at: int, places: Places) -> list[str]:
    return [sheet.text(at, place).casefold() for place in places.tolist()]


def _compare(sign: str, sheet: Sheet, at: int, places: Places, operands: tuple[str, ...]) -> Mask | None:
    """Return which cells compare so with constants, None where there is a reference or a formula among them."""
    bounds = ("greaterThanOrEqual", "lessThanOrEqual") if sign in ("between", "notBetween") else (sign,)
    found = [_compare_one(by, sheet, at, places, one) for by, one in zip(bounds, operands, strict=False)]
    masks = [mask for mask in found if mask is not None]
    if len(masks) != len(bounds):
        return None
    both: Mask = np.logical_and.reduce(masks)
    return ~both if sign == "notBetween" else both


def _compare_one(sign: str, sheet: Sheet, at: int, places: Places, operand: str) -> Mask | None:
    """Every text is more than every number."""
    by, numbers, found = _COMPARE.get(sign), _is_number(sheet, at, places), np.zeros(len(places), np.bool_)
    if by is None:
        return None
    if re.fullmatch(_NUMBER, operand):
        column = sheet.columns[at]
        values = column.numbers[places] / np.where(column.kinds[places] == CellKind.PERCENT, 100, 1)
        found[:] = np.where(numbers, by(values, float(operand)), by(1, 0))
        return found
    if len(operand) < 2 or not operand[0] == operand[-1] == '"':
        return None
    wanted, texts = operand[1:-1].casefold(), _texts(sheet, at, places)
    found[:] = np.where(numbers, by(0, 1), [bool(by(text, wanted)) for text in texts])
    return found


def _by_formula(rule: HidingRule, sheet: Sheet, at: int, places: Places) -> Mask | None:
    """Return where a formula holds that compares a cell of the row with a constant, or asks whether the cell itself is
    empty or an error."""
    formula = rule.operands[0].strip().lstrip("=") if rule.operands else ""
    if found := _OF_BLANKS.fullmatch(formula):
        name, fixed, line = [part for part in found.groups() if part is not None]
        return np.zeros(len(places), np.bool_) if _refer(rule, name, fixed, line, at) == at else None
    if not (found := _COMPARISON.fullmatch(formula)):
        return None
    other = _refer(rule, found[1], found[2], found[3], at)
    column = None if other is None else sheet.columns.get(other)
    if other is None or column is None or bool((places >= len(column.kinds)).any()):
        return None
    if bool((column.kinds[places] == CellKind.EMPTY).any()):
        return None
    return _compare(found[4], sheet, other, places, (found[5],))


def _refer(rule: HidingRule, name: str, fixed: str, line: str, at: int) -> int | None:
    """Return the column that a reference from the range's first cell means from a cell of that column; None where it
    goes to another row."""
    if fixed or int(line) != rule.range[0] + 1:
        return None
    named = column_of(f"{name.lstrip('$')}1")[1]
    return named if name.startswith("$") else named + at - rule.range[1]
