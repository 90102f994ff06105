"""Texts of which letters were lost on their way: bytes that no encoding reads became U+FFFD."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.workbooks.cells import CellKind, Column

LOST = "\ufffd"


def without_lost(task: ColumnTask) -> Column:
    """Return the cells without those whose letters were lost: an error each. Texts that nothing is compared with stay,
    with a warning: what is left says enough."""
    cells = task.cells
    lost = pc.fill_null(pc.match_substring(cells.texts, LOST), False)
    if not pc.any(lost).as_py():
        return cells
    at = np.flatnonzero(lost.to_numpy(zero_copy_only=False) & (cells.kinds == CellKind.TEXT))
    if task.rule.type == "text" and not task.compared:
        task.note(at, "text.letters_lost")
        return cells
    task.note(at, "value.letters_lost")
    kinds = cells.kinds.copy()
    kinds[at] = CellKind.ERROR
    return replace(cells, kinds=kinds)
