"""Which rows of a sheet are the form's: no blanks, column numbers, second headers, totals, signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.form.exact import SCALES
from inbox_worker.form.recognise import Head, SheetTable
from inbox_worker.form.tables import SIGNATURE, key_column
from inbox_worker.form.task import Ints, Mask, shown
from inbox_worker.form.workbook import CellKind, Column, Sheet
from inbox_worker.form_rules import Column as ColumnRule
from inbox_worker.form_rules import FormRule

_TOTAL = (
    r"(?i)^\s*(итого|итог|всего|барлығы|жиыны|контроль|контрольная (сумма|строка)|бақылау"
    r"|количество|кол-во|сумма|общая сумма|саны|сомасы|жалпы сома)"
    r"(\s*$|\s*[:=–—-]|\s+(\d|по\s|за\s|к\s|сумма|платеж|количество|строк|бойынша|саны|сома))"
)
_SIGNED_ON = re.compile(r"(?i)\s*(дата|күні)( (составления|заполнения|подписания|подачи))?\s*[:_–—-].*")
_NUMBER = re.compile(r"[−+-]?[\d\s.,]*\d|#.+")


@dataclass(frozen=True)
class Rows:
    """Places (0-based from the sheet's first row) of the form's rows and of its totals rows."""

    places: Ints
    totals: tuple[int, ...]


def select_rows(table: SheetTable, rule: FormRule, stretches: Sequence[tuple[int, int]]) -> Rows:
    """Splits what stands under the header row, in the stretches that can be the form's (tables.py). Blank rows are
    skipped, never taken for the end."""
    sheet, head = table.sheet, table.head
    filled = {name: _filled(sheet.columns[at], sheet.height) for name, at in head.columns.items()}
    required = [filled[c.name] for c in rule.columns if c.required and c.name in filled]
    count = np.sum(required, axis=0) if required else np.zeros(sheet.height, np.int64)
    meant = np.zeros(sheet.height, np.bool_)
    for first, after in stretches:
        meant[first:after] = True
    keep = np.logical_or.reduce(list(filled.values())) & meant
    for stretch in stretches:
        _drop_column_numbers(keep, sheet, head, stretch)
    totals = _totals(table, rule, keep, count < len(required))
    keep[list(totals)] = False
    unread = keep & _unread(sheet, head)
    for stretch in stretches:
        _drop_signatures(keep, stretch, count, len(required), sheet, head, rule)
    keep |= unread
    return Rows(np.flatnonzero(keep), totals)


def _unread(sheet: Sheet, head: Head) -> Mask:
    """Rows with a cell of the form that could not be read: they are never signatures."""
    mask = np.zeros(sheet.height, np.bool_)
    for at in head.columns.values():
        kinds = sheet.columns[at].kinds
        mask[: len(kinds)] |= (kinds == CellKind.ERROR) | (kinds == CellKind.FORMULA)
    return mask


def _filled(column: Column, height: int) -> Mask:
    mask = np.zeros(height, np.bool_)
    mask[: len(column.kinds)] = column.kinds != CellKind.EMPTY
    return mask


def _drop_column_numbers(keep: Mask, sheet: Sheet, head: Head, stretch: tuple[int, int]) -> None:
    """The first row under the header is no row when it only counts the columns: 1, 2, 3, ..."""
    under = _kept(keep, stretch)
    if not len(under):
        return
    texts = [_text(sheet.columns[at], int(under[0])) for at in sorted(sheet.columns)]
    numbers = [text for text in texts if text]
    least = min(3, len(head.columns))
    if len(numbers) < least or not numbers[0].isdecimal():
        return
    if numbers == [str(int(numbers[0]) + i) for i in range(len(numbers))]:
        keep[under[0]] = False


def _text(column: Column, place: int) -> str:
    return shown(column, place) if place < len(column.kinds) else ""


def _only_text(sheet: Sheet, place: int) -> str:
    """The text of the row's only filled cell, '' where several are filled."""
    texts = [text for column in sheet.columns.values() if (text := _text(column, place))]
    return texts[0] if len(texts) == 1 else ""


def _first_text(sheet: Sheet, place: int) -> str:
    return next((text for at in sorted(sheet.columns) if (text := _text(sheet.columns[at], place))), "")


def _totals(table: SheetTable, rule: FormRule, keep: Mask, incomplete: Mask) -> tuple[int, ...]:
    """Rows that begin with a word for a total, or have one in a cell and name no account."""
    sheet, key = table.sheet, key_column(table.head, rule)
    found = np.zeros(sheet.height, np.bool_)
    for at, column in sheet.columns.items():
        places = np.arange(len(column.kinds))
        places = places[keep[places] & (incomplete[places] | (at == key))]
        if len(places) and column.texts.null_count < len(column.texts):
            texts = column.texts.take(pa.array(places))
            hits = pc.fill_null(pc.match_substring_regex(texts, _TOTAL), False)
            found[places[hits.to_numpy(zero_copy_only=False)]] = True
    return tuple(
        int(place)
        for place in np.flatnonzero(found)
        if re.match(_TOTAL, _first_text(sheet, int(place)))
        or not re.search(r"\d", _text(sheet.columns[key], int(place)))
    )


def _kept(keep: Mask, stretch: tuple[int, int]) -> Ints:
    first, after = stretch
    return np.flatnonzero(keep[first:after]) + first


def _drop_signatures(
    keep: Mask, stretch: tuple[int, int], count: Ints, required: int, sheet: Sheet, head: Head, rule: FormRule
) -> None:
    """Lines after the last real row ('Директор ___ Иванов'): they name no account and hold no number or date.

    A row with most of its required cells filled is one with something forgotten, not a signature.
    """
    key = key_column(head, rule)
    mapped = [c for c in rule.columns if c.name in head.columns]
    numeric = [sheet.columns[head.columns[c.name]] for c in mapped if _counts(c)]
    for place in _kept(keep, stretch)[::-1].tolist():
        if _SIGNED_ON.fullmatch(_only_text(sheet, place)):
            keep[place] = False
            continue
        named = re.fullmatch(r"[\w./-]*\d[\w./-]*", _text(sheet.columns[key], place))
        if named or any(_NUMBER.fullmatch(_text(c, place)) for c in numeric):
            return
        signed = SIGNATURE.match(_first_text(sheet, place)) and not _has_date(sheet, head, place)
        if not signed and 2 * count[place] > required:
            return
        keep[place] = False


def _has_date(sheet: Sheet, head: Head, place: int) -> bool:
    columns = [sheet.columns[at] for at in head.columns.values()]
    texts = [_text(column, place) for column in columns]
    return any(re.search(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d", text) for text in texts)


def _counts(column: ColumnRule) -> bool:
    return column.type in SCALES
