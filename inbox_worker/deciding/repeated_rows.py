"""Find rows of one form with the same key: they contradict each other (4.1.15)."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.table import CheckedTable


def find_repeated(table: CheckedTable) -> list[Finding]:
    """Return a finding for each row whose key another row has: they contradict each other, and which is meant is not
    ours to guess.

    A row whose key could not be read repeats nothing: its cell has a finding of its own.
    """
    key = tuple(table.rule.key)
    if table.has_no_column(key):
        return []
    keys = table.keys(key)
    if keys.null_count == 0 and pc.count_distinct(keys).as_py() == len(keys):
        return []
    frame = table.frame[~find_unread(table)]
    columns = [*key, "taken_back"] if table.rule.signed else list(key)
    again = frame.duplicated(subset=columns, keep="first")
    if not again.any():
        return []
    firsts = frame.groupby(columns, dropna=False)["row"].transform("first")
    return [
        table.make_finding(
            _repeated_code(table, int(index)),
            int(index),
            _first_filled(table, key, int(index)),
            first=str(int(firsts.loc[index])),
        )
        for index in again.index[again]
    ]


def _repeated_code(table: CheckedTable, index: int) -> str:
    """Return what a second row of a key is: two equal parts of a payment that a control row counts are two (4.1.7)."""
    if not table.rule.signed or not table.value(index, table.rule.signed) < 0:
        return "row.repeated"
    form = table.form
    counted = form.control_count is not None or form.control_sum is not None
    return "register.reversal_equal" if counted else "register.reversal_repeated"


def find_unread(table: CheckedTable) -> np.ndarray:
    """Find by a mask the rows with a cell of their key that is missing or no value of its column."""
    key = table.rule.key
    cells = {(finding.sheet, finding.cell) for finding in table.form.findings if finding.row}
    mask = np.zeros(len(table), dtype=bool)
    if cells:
        for index in table.where(table.frame[list(key)].isna().any(axis=1)):
            empty = [name for name in key if table.value(index, name) is None]
            mask[index] = any(table.place(index, name) in cells for name in empty)
    return mask


def _first_filled(table: CheckedTable, key: tuple[str, ...], index: int) -> str:
    return next((name for name in key if table.value(index, name) is not None), key[0])
