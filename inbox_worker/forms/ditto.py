"""Cells that repeat the one above (`-//-`, `то же`): read where a column says what rows have in common (4.1.15)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.forms.column_task import ColumnTask, Ints, says_common
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.workbooks.sheet import CellKind, Column

_FEW = 2000


def take_above(task: ColumnTask, words: Vocabulary, hidden: Collection[int]) -> ColumnTask:
    """Return the column with values of the rows above in the place of marks that repeat them, an info each: where the
    column says what rows have in common, and the row right above is there to be seen. `hidden`: rows of the sheet."""
    at = find_marks(task.cells, words) if says_common(task.rule, compared=task.compared) else np.empty(0, np.int64)
    taken = np.arange(len(task.rows))
    for i in at.tolist():
        if i and task.rows[i] == task.rows[i - 1] + 1 and int(task.rows[i - 1]) not in hidden:
            taken[i] = taken[i - 1]
    read = [i for i in at.tolist() if taken[i] != i and task.cells.kinds[taken[i]] != CellKind.EMPTY]
    read = [i for i in read if taken[i] not in at]
    for i in read:
        task.note([i], "value.as_above", {"read": task.cells.text(int(taken[i]))})
    places = np.arange(len(task.rows))
    places[read] = taken[read]
    return replace(task, cells=task.cells.take(places)) if read else task


def find_marks(cells: Column, words: Vocabulary) -> Ints:
    """Return the places of cells that say that they repeat the one above; few texts are looked up without Arrow, which
    makes a table of the marks each time."""
    texts = cells.texts
    if texts.null_count == len(texts) or not words.repeating:
        return np.empty(0, np.int64)
    if len(texts) > _FEW:
        found = np.asarray(pc.is_in(texts, _value_set(words.marks_above)))
    else:
        found = np.array([text in words.marks_above for text in texts.to_pylist()], np.bool_)
    return np.flatnonzero(found & (cells.kinds == CellKind.TEXT)) if found.any() else np.empty(0, np.int64)


@lru_cache(maxsize=10)
def _value_set(marks: frozenset[str]) -> pa.Array:
    return pa.array(sorted(marks), pa.string())


def without_marks(task: ColumnTask, cells: Column, words: Vocabulary) -> Column:
    """Return the cells without the marks that are left: what the cell above says may not be meant, so each is an
    error."""
    at = find_marks(cells, words)
    if not len(at):
        return cells
    task.note(at, "value.ditto")
    kinds = cells.kinds.copy()
    kinds[at] = CellKind.ERROR
    return replace(cells, kinds=kinds)
