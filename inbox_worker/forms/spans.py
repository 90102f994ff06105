"""Two days in one cell: `01.07-05.07.2026`, `03.08.2026 - 07.08.2026`, `3-7.08.2026`, `3 - 7 Aug 2026` in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from inbox_worker.core.text import TYPED_FOR_KAZAKH
from inbox_worker.forms import values
from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.days_in_words import BESIDE_DAYS, TO_ANOTHER, with_month_numbers, without_ordinals
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.sheet import CellKind, Column

_NUMBER = re.compile(r"\d+")
_ONE_DAY = re.compile(r"[\d.]*")
_BEGINS = {4: 1, 5: 2, 6: 3}  # numbers in a cell -> where the last day begins
_SHORTEST = 6  # signs of a span
_TIME = re.compile(r",?\s*\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DAYS_FIRST = re.compile(r"[^\d.]*\d{1,2}[^\d.]*(?:\.\d+\.)?[^\d.]+\d{1,2}[^\d.]*\.\d+\.\D*(?:\d{2,4}\D*)?")
_OTHER_SIGN = re.compile(r"[^\w\s./()«»\"„“:–—‒−-]|_")
_WORD = re.compile(r"[^\W\d_]+")
_BESIDE_SIGNS = re.compile(r"[\w\s«»\"„“]+")
_DASHES = frozenset("-–—‒−")


def take_end(cells: Column, *, last: bool) -> Column:
    """Return the cells with the first or the last day of each; what is no span stays as it is."""
    texts = [
        read_span(text)[last] if kind == CellKind.TEXT else text
        for kind, text in zip(cells.kinds.tolist(), cells.texts.to_pylist(), strict=True)
    ]
    return replace(cells, texts=pa.array(texts, pa.string()))


def with_span(tasks: dict[str, ColumnTask], rule: FormRule) -> dict[str, ColumnTask]:
    """Return the columns of a sheet, a span in the column of the first day as both days: where that of the last one is
    empty, or says the same span again."""
    span = rule.span
    if span is None or span.first not in tasks or span.last not in tasks:
        return tasks
    first, last = tasks[span.first].cells, tasks[span.last].cells
    begins, ends, found = first.texts.to_pylist(), last.texts.to_pylist(), list[int]()
    for i in np.flatnonzero(first.kinds == int(CellKind.TEXT)).tolist():
        written = begins[i] or ""
        if len(written) < _SHORTEST or (last.kinds[i] != CellKind.EMPTY and ends[i] != written):
            continue
        days = read_span(written)
        if days != (written, written):
            found.append(i)
            begins[i], ends[i] = days
    if not found:
        return tasks
    kinds = last.kinds.copy()
    kinds[found] = CellKind.TEXT
    return {
        **tasks,
        span.first: replace(tasks[span.first], cells=replace(first, texts=pa.array(begins, pa.string()))),
        span.last: replace(tasks[span.last], cells=replace(last, kinds=kinds, texts=pa.array(ends, pa.string()))),
    }


def read_span(text: str) -> tuple[str, str]:
    """Return the first and the last day of a span, as texts; the text itself twice where it is none. A month or a year
    that stands once is of both days; one day alone, days that are listed or said to be something else stay as they
    are. Times of day say nothing.

    >>> read_span('01.07-05.07.2026'), read_span('3 - 7.08.2026'), read_span('soon')
    (('01.07.2026', '05.07.2026'), ('3.08.2026', '7.08.2026'), ('soon', 'soon'))
    >>> read_span('с 3 по 7 октября 2026 г.'), read_span('с 3 по 7 октября'), read_span('3, 7.10.2026')
    (('3.10.2026', '7.10.2026'), ('3.10', '7.10'), ('3, 7.10.2026', '3, 7.10.2026'))
    """
    if _ONE_DAY.fullmatch(text):  # most
        return text, text
    timeless = " ".join(_TIME.sub(" ", text).casefold().translate(TYPED_FOR_KAZAKH).split())
    numbered = with_month_numbers(timeless)
    plain, worded = without_ordinals(numbered), numbered != timeless
    if (worded and not _DAYS_FIRST.fullmatch(plain)) or _says_more(plain):
        return text, text
    numbers, signs = _NUMBER.findall(plain), _NUMBER.split(plain)
    if worded and len(numbers) == 3:  # lacks the year
        return (f"{numbers[0]}.{numbers[2]}", ".".join(numbers[1:])) if _leads_on(signs, 1) else (text, text)
    begins = _BEGINS.get(len(numbers), 0)
    if not begins or not _leads_on(signs, begins):
        return text, text
    first, end = numbers[:begins], numbers[begins:]
    year = end[-1:] if begins < _BEGINS[6] else []
    if begins == _BEGINS[5] and (int(first[1]), int(end[1])) == (12, 1):  # over the new year
        year = [str(int(end[-1]) - 1)]
    days = ".".join([*first, *end[len(first) : -1], *year]), ".".join(end)
    return days if _are_in_order(*days) else (text, text)


def _says_more(plain: str) -> bool:
    """Return whether a text has words or signs that two days with what leads from one to the other have not."""
    return _OTHER_SIGN.search(plain) is not None or not BESIDE_DAYS.issuperset(_WORD.findall(plain))


def _leads_on(signs: Sequence[str], begins: int) -> bool:
    """Return whether a dash or a word leads from the first day to the last one, and each is parted in one way; signs:
    before, between and behind the numbers."""
    inner = {_BESIDE_SIGNS.sub("", sign) for sign in (*signs[1:begins], *signs[begins + 1 : -1])}
    leads = not _DASHES.isdisjoint(signs[begins]) or not TO_ANOTHER.isdisjoint(_WORD.findall(" ".join(signs[begins:])))
    return leads and (len(inner) == 1 and inner <= {".", "/"} or (inner == {"-"} and begins == _BEGINS[6]))


def _are_in_order(first: str, last: str) -> bool:
    days = values.day(first), values.day(last)
    return days[0] is not None and days[1] is not None and days[0] <= days[1]
