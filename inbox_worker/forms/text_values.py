"""Texts of a column: accounts, codes, words; whole numbers become digits, control characters go."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.forms.column_task import ColumnTask, Ints, matches
from inbox_worker.workbooks.sheet import CellKind

_LONGEST = 1000
_WHOLE_DIGITS = 1e15  # past it a spreadsheet's number no longer holds every digit
_NAMES = ("account", "code")
_FORMATTED = (CellKind.DATE, CellKind.DATETIME, CellKind.TIME, CellKind.BOOL)
_ZERO_FRACTION = r"^(\d+)[.,]0{0,2}$"
_GROUPED = r"^\d{1,5}([\t\p{Zs}]+\d{1,5})+$"  # of one number; longer ones, or lines, are several
_CONTROL = r"[\x00-\x1f\x7f]+"
SCIENTIFIC = re.compile(r"(?:\d([.,]\d+)?[eEеЕ]\+|\d[.,]\d+[eEеЕ])\d{1,2}")  # a long number in an export: 2,2114E+11


def as_texts(task: ColumnTask) -> pa.StringArray:
    """Return the cells as texts: whole numbers without `.0`, dates dd.mm.yyyy, null when empty or refused."""
    cells, codelike = task.cells, task.rule.type in ("account", "code", "bin", "iin", "bic", "iban", "kbe")
    texts = pc.if_else(pa.array(cells.kinds == CellKind.TEXT), cells.texts, pa.scalar(None, pa.string()))
    at = task.of_kind(CellKind.NUMBER)
    padded = _find_padded(task, at) if task.rule.type == "account" else {}
    if padded:
        at = np.setdiff1d(at, list(padded))
        texts = _put(texts, list(padded), list(padded.values()))
    if task.rule.type in _NAMES:  # which number names it is not ours to guess; a БИН proves itself
        at = task.drop_shown_otherwise(at, lambda *_: True, "value.shown_otherwise_code")
    if len(at):
        numbers = cells.numbers[at]
        whole = (numbers == np.rint(numbers)) & (np.abs(numbers) < _WHOLE_DIGITS)
        mask, written = np.zeros(len(cells.kinds), np.bool_), at[whole]
        mask[written] = True
        digits = pc.cast(pa.array(numbers[whole].astype(np.int64)), pa.string())
        texts = pc.replace_with_mask(texts, pa.array(mask), digits)
        rest = at[~whole]
        if codelike:
            long = np.abs(cells.numbers[rest]) >= _WHOLE_DIGITS
            task.note(rest[long], "value.digits_lost")
            task.note(rest[~long], "value.fraction")
        else:
            texts = _fill(texts, task, rest)
    others, percents = task.of_kind(*_FORMATTED), task.of_kind(CellKind.PERCENT)
    if codelike:
        task.note_formatted(others)
        task.note(percents, "value.percent")
        return texts
    return _fill(_fill(texts, task, others), task, percents)


def _find_padded(task: ColumnTask, at: Ints) -> dict[int, str]:
    """Return numbers whose format is nothing but zeros, in their order, as people see them: so Excel keeps zeros before
    an account, and the register knows which account it is."""
    codes = task.cells.texts
    if codes.null_count == len(codes):
        return {}
    found = {}
    for i, code in zip(at.tolist(), codes.take(pa.array(at)).to_pylist(), strict=True):
        number = float(task.cells.numbers[i])
        if code and not code.strip("0") and number.is_integer() and 0 <= number < _WHOLE_DIGITS:
            found[i] = f"{number:.0f}".zfill(len(code))
    return found


def _fill(texts: pa.StringArray, task: ColumnTask, at: Ints) -> pa.StringArray:
    return _put(texts, at.tolist(), [task.cells.text(i) for i in at.tolist()]) if len(at) else texts


def _put(texts: pa.StringArray, at: list[int], shown: list[str]) -> pa.StringArray:
    """Return the texts with others in those places, which go up."""
    mask = np.zeros(len(texts), np.bool_)
    mask[at] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(shown, pa.string()))


def texts_of(task: ColumnTask) -> pa.StringArray:
    """Return the column as clean texts of at most _LONGEST characters."""
    texts = as_texts(task)
    # a number of a program's export: 10020030.0, 10020030., 10 020 030
    if task.rule.type == "account" and matches(texts, "[^0-9]").any():
        texts = pc.replace_substring_regex(texts, _ZERO_FRACTION, r"\1")
        grouped = pc.match_substring_regex(texts, _GROUPED)
        if pc.any(grouped).as_py():
            texts = pc.if_else(grouped, pc.replace_substring_regex(texts, r"[\s\p{Z}]", ""), texts)
    if matches(texts, _CONTROL, ignore_case=False).any():
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, _CONTROL, " "))
    lost = matches(texts, f"^{SCIENTIFIC.pattern}$")
    if lost.any():
        task.note(np.flatnonzero(lost), "value.scientific")
        texts = pc.if_else(pa.array(lost), pa.scalar(None, pa.string()), texts)
    if texts.nbytes <= _LONGEST:
        return texts
    long = pc.fill_null(pc.greater(pc.utf8_length(texts), _LONGEST), False)
    if pc.any(long).as_py():
        task.note(np.flatnonzero(long.to_numpy(zero_copy_only=False)), "value.too_long")
        texts = pc.if_else(long, pa.scalar(None, pa.string()), texts)
    return texts
