"""Merged cells: only the first of them holds the value, the others are empty, though a person sees them filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inbox_worker.workbooks.merged_ranges import Range
from inbox_worker.workbooks.sheet_marks import letters

_MOST_COVERED = 20_000_000  # cells of a column that ranges cover, again and again: a file made to keep us busy


@dataclass(frozen=True)
class Merge:
    """A merged cell: its range (`A9:A11`), its first cell (`A9`), whether it reaches down over rows."""

    range: str
    first: str
    down: bool


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
    return Merge(f"{first}:{letters(right)}{bottom + 1}", first, bottom > top)
