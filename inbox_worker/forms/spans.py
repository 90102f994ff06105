"""Two days in one cell: `01.07-05.07.2026`, `03.08.2026 - 07.08.2026`, `3-7.08.2026`, `3 - 7 Aug 2026` in words."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa

from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.days_in_words import with_month_numbers
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.sheet import CellKind, Column

_NUMBER = re.compile(r"\d+")
_MOST_LETTERS = 12  # beside the days: `from`, `to`, `of the year` in either language
_BEGINS = {4: 1, 5: 2, 6: 3}  # numbers in a cell -> where the last day begins
_SHORTEST = 6  # signs of a span
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DAYS_FIRST = re.compile(r"[^\d.]*\d{1,2}[^\d.]*(?:\.\d+\.)?[^\d.]+\d{1,2}[^\d.]*\.\d+\.\D*(?:\d{2,4}\D*)?")


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
    that stands once is of both days; one day alone stays as it is. Times of day say nothing.

    >>> read_span('01.07-05.07.2026'), read_span('3 - 7.08.2026'), read_span('soon')
    (('01.07.2026', '05.07.2026'), ('3.08.2026', '7.08.2026'), ('soon', 'soon'))
    >>> read_span('с 3 по 7 октября 2026 г.'), read_span('с 3 по 7 октября')
    (('3.10.2026', '7.10.2026'), ('3.10', '7.10'))
    """
    timeless = _TIME.sub(" ", text)
    plain = with_month_numbers(timeless)
    if plain != timeless and not _DAYS_FIRST.fullmatch(plain):
        return text, text
    numbers, letters = _NUMBER.findall(plain), sum(sign.isalpha() for sign in plain)
    if plain != timeless and len(numbers) == 3:  # lacks the year
        return ".".join((numbers[0], numbers[2])), ".".join(numbers[1:])
    begins = _BEGINS.get(len(numbers), 0)
    days_and_months = (*numbers[:begins][:2], *numbers[begins:-1])
    if not begins or letters > _MOST_LETTERS or any(len(number) > 2 for number in days_and_months):
        return text, text
    if begins == 1 and len(numbers[-1]) == 2:  # 01.07-05.07 has no year
        return text, text
    first, end = numbers[:begins], numbers[begins:]
    first = [*first, *end[len(first) :]]
    return ".".join(first), ".".join(end)
