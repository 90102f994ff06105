"""One column of a sheet on its way to a typed array: its cells, their places, its findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.notes import first_ten
from inbox_worker.settings.form_rules import ColumnRule
from inbox_worker.settings.texts import Texts
from inbox_worker.workbooks.cell_values import BEHIND, Range, letters
from inbox_worker.workbooks.number_formats import plain_format, show_number
from inbox_worker.workbooks.sheet import CellKind, Column
from inbox_worker.workbooks.shown_otherwise import round_as_shown

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True)
class ColumnTask:
    """One column of a sheet being typed: its cells (rows only), their places, and its findings."""

    cells: Column
    rule: ColumnRule
    sheet: str
    letter: str
    rows: Ints
    texts: Texts
    findings: list[Finding] = field(default_factory=list)
    merged: Mapping[int, Merge] = field(default_factory=dict)  # by sheet row: the merged cell that covers the row's
    shift: int = 0  # days from the date system of 1900 to the workbook's own
    commas: bool = False  # of a text whose values are parted by commas
    compared: bool = False  # its values say what a row is about, or what it changes
    own: bool = False  # of a register of the operator

    def note(self, at: Iterable[int], code: str, facts: dict[str, str] | None = None, wrong: str = "") -> None:
        """Add a finding for each of those places; `wrong`: the part of the cell that it is about, '' = all of it."""
        known = {**self.rule.facts, **(facts or {})}
        for i in map(int, at):
            row, value = int(self.rows[i]), wrong or self.cells.text(i)
            self.findings.append(Finding(code, self.sheet, f"{self.letter}{row}", value, known, row))

    def note_unread(self, at: Iterable[int], code: str) -> None:
        """Add a finding for each text that is no number or day; where only letters that look like digits keep it from
        being one, these are named, for nobody sees them (4.1.15)."""
        for i in map(int, at):
            letter = values.letters_for_digits(self.cells.text(i)) if self.cells.kinds[i] == CellKind.TEXT else ""
            self.note([i], "value.letter_for_digit" if letter else code, {"letter": letter} if letter else None)

    def note_formatted(self, at: Iterable[int], finding: str = "value.became_date") -> None:
        """Add a finding for each number that its format made a date or a time, with the number and the format."""
        for i in map(int, at):
            kind, number = CellKind(int(self.cells.kinds[i])), float(self.cells.numbers[i])
            behind, _, code = (self.cells.texts[i].as_py() or "").rpartition(BEHIND)
            if kind in (CellKind.DATE, CellKind.DATETIME):
                number = float(behind) if behind else number - values.EXCEL_EPOCH
            code = plain_format(code) if kind != CellKind.BOOL else ""
            named = self.texts.words(f"cell.{kind.name.lower()}").facts("format")
            named = {"format": code, "format_kk": code} if code else named
            self.note([i], finding, {"number": show_number(round(number, 6)), **named})

    def drop_shown_otherwise(self, at: Ints, is_odd: Callable[[float, str], bool], finding: str) -> Ints:
        """Return the numbers but those that their format shows as others; these become findings (4.1.15)."""
        texts, odd = self.cells.texts, np.zeros(len(at), np.bool_)
        if texts.null_count == len(texts):
            return at
        for place, code in enumerate(texts.take(pa.array(at)).to_pylist()):
            i = int(at[place])
            if code and self.cells.kinds[i] == CellKind.NUMBER and is_odd(float(self.cells.numbers[i]), code):
                odd[place] = True
                self.note([i], finding, {"format": code.replace('"', "").replace("\\", "").strip()[:60]})
        return at[~odd]

    def note_rounded(self, at: Ints) -> None:
        """Add one warning for numbers that people see with fewer places than they have; they are taken as they stand
        (4.1.15)."""
        texts, seen = self.cells.texts, list[tuple[int, str]]()
        if texts.null_count == len(texts):
            return
        for i, code in zip(at.tolist(), texts.take(pa.array(at)).to_pylist(), strict=True):
            if code and (shown := round_as_shown(float(self.cells.numbers[i]), code)) is not None:
                seen.append((i, f"{shown:f}".replace(".", ",")))
        if not seen:
            return
        first, shown_first = seen[0]
        cells = [f"{self.letter}{self.rows[i]}" for i, _ in seen]
        facts = {**self.rule.facts, "shown": shown_first, "cells": first_ten(cells)}
        self.findings.append(Finding("cells.rounded", self.sheet, cells[0], self.cells.text(first), facts))

    def of_kind(self, *kinds: CellKind) -> Ints:
        of = self.cells.kinds == int(kinds[0])  # NumPy takes four times as long with a member of an enumeration
        for kind in kinds[1:]:
            of |= self.cells.kinds == int(kind)
        return np.flatnonzero(of)


def by_distinct(texts: pa.StringArray, judge: Callable[[str], T]) -> tuple[list[T], Ints]:
    """Judges each distinct text once: the verdicts, and which verdict each text has."""
    encoded = texts.dictionary_encode()
    verdicts = [judge(text) for text in encoded.dictionary.to_pylist()]
    return verdicts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def matches(texts: pa.StringArray | list[str | None], pattern: str, ignore_case: bool = True) -> Mask:
    """Return the mask of texts that a pattern is found in; few texts are searched without Arrow, which compiles a
    pattern anew each time."""
    if isinstance(texts, pa.Array) and len(texts) > _FEW:
        found = pc.match_substring_regex(texts, pattern, ignore_case=ignore_case)
        return np.asarray(pc.fill_null(found, False))
    search = _compile(pattern, re.IGNORECASE if ignore_case else re.NOFLAG).search
    listed = texts.to_pylist() if isinstance(texts, pa.Array) else texts
    return np.array([text is not None and search(text) is not None for text in listed], np.bool_)


_FEW = 2000


@lru_cache(maxsize=100)
def _compile(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(pattern, flags)


_MOST_COVERED = 20_000_000  # cells of a column that ranges cover, again and again: a file made to keep us busy


@dataclass(frozen=True)
class Merge:
    """A merged cell: its range (`A9:A11`), its first cell (`A9`) and row, whether it reaches down over rows, whether it
    is one column wide."""

    range: str
    first: str
    top: int
    down: bool
    narrow: bool


def merges_over(ranges: Sequence[Range], column: int, rows: npt.NDArray[np.int64]) -> Mapping[int, Merge]:
    """Map sheet rows (1-based) to the merged cell that covers this column there; its own first cell is not covered."""
    over = [one for one in ranges if one[1] <= column <= one[3]]
    if not over or not len(rows):
        return {}
    last, spent = int(rows.max()), 0
    cover = np.zeros(last + 1, np.int32)
    for place, (top, left, bottom, _) in enumerate(over, 1):
        start = top + 2 if column == left else top + 1
        end = min(bottom + 1, last)
        spent += max(end - start + 1, 0)
        if spent > _MOST_COVERED:
            break
        cover[start : end + 1] = place
    return {row: _merge(over[cover[row] - 1]) for row in rows[cover[rows] > 0].tolist()}


def _merge(one: Range) -> Merge:
    top, left, bottom, right = one
    first = f"{letters(left)}{top + 1}"
    return Merge(f"{first}:{letters(right)}{bottom + 1}", first, top + 1, bottom > top, left == right)


_SAID_ONCE = ("service", "services", "base", "month", "first_day", "date")  # types of values that rows have in common
_PLACES = ("house", "address")


def places_said(rule: ColumnRule, merged: Mapping[int, Merge], rows: Ints, *, compared: bool) -> Ints:
    """Return the sheet rows where a column's values stand: for rows that a cell merged down over them covers, that
    cell's, where it says once what they have in common: a service, a month, a basis, the house of flats. A sum or an
    account that stands once is never taken for each row, nor is what means something where it is empty (4.1.15)."""
    if not merged or not rule.required or not says_common(rule, compared=compared):
        return rows
    known = frozenset(rows.tolist())
    over = (merged.get(row) for row in rows.tolist())
    return np.array(
        [one.top if one and one.narrow and one.top in known else row for row, one in zip(rows, over, strict=True)],
        np.int64,
    )


def says_common(rule: ColumnRule, *, compared: bool) -> bool:
    """Return whether a column says what rows have in common, so that one value may be of several rows."""
    return rule.type in _SAID_ONCE or rule.name in _PLACES or (rule.type == "text" and not compared)
