"""Two days in one cell: `01.07-05.07.2026`, `03.08.2026 - 07.08.2026`, `3-7.08.2026`."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa

from inbox_worker.workbooks.sheet import CellKind, Column

_NUMBER = re.compile(r"\d+")
_MOST_LETTERS = 12  # beside the days: `from`, `to`, `of the year` in either language
_BEGINS = {4: 1, 5: 2, 6: 3}  # numbers in a cell -> where the last day begins


def take_end(cells: Column, *, last: bool) -> Column:
    """Return the cells with the first or the last day of each; what is no span stays as it is."""
    texts = [
        read_span(text)[last] if kind == CellKind.TEXT else text
        for kind, text in zip(cells.kinds.tolist(), cells.texts.to_pylist(), strict=True)
    ]
    return replace(cells, texts=pa.array(texts, pa.string()))


def read_span(text: str) -> tuple[str, str]:
    """Return the first and the last day of a span, as texts; the text itself twice where it is none. A month or a year
    that stands once is of both days; one day alone stays as it is.

    >>> read_span('01.07-05.07.2026'), read_span('3 - 7.08.2026'), read_span('soon')
    (('01.07.2026', '05.07.2026'), ('3.08.2026', '7.08.2026'), ('soon', 'soon'))
    """
    numbers = _NUMBER.findall(text)
    letters = sum(sign.isalpha() for sign in text)
    begins = _BEGINS.get(len(numbers), 0)
    if not begins or letters > _MOST_LETTERS or any(len(number) > 2 for number in (*numbers[:2], numbers[-2])):
        return text, text
    if begins == 1 and len(numbers[-1]) == 2:  # 01.07-05.07 has no year
        return text, text
    first, end = numbers[:begins], numbers[begins:]
    first = [*first, *end[len(first) :]]
    return ".".join(first), ".".join(end)
