"""Columns whose cells mean what another column says: `Стало` is an area, a name or a service by `Показатель`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.nothing import unknown
from inbox_worker.forms.typing import arrow_type, type_column
from inbox_worker.settings.form_rules import FormRule, PartRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cells import CellKind, Column

_SAID = (CellKind.ERROR, CellKind.FORMULA)  # the whole column has its finding already
_TOLD = ("text.letters_lost", "value.letters_lost")  # of the whole column


def type_part(
    part: PartRule, rule: FormRule, rules: Rules, tasks: Mapping[str, ColumnTask], columns: Mapping[str, pa.Array]
) -> pa.Array:
    """Return the part as a typed array, null in rows of another kind; what is wrong is noted at the column's cells.

    `columns`: the form's columns typed so far, `when` looks at them. A column that the sheet lacks gives nulls.
    """
    column, source = rule.column(part.name), tasks.get(part.column)
    if source is None:
        return pa.nulls(len(next(iter(columns.values()))), arrow_type(column))
    cells = source.cells
    meant = ~np.isin(cells.kinds, _SAID)
    meant[unknown(cells, source.rule)] = False  # told already
    for name, values in part.when.items():
        there = pc.fill_null(pc.is_in(columns[name], pa.array(values, pa.string())), False)
        meant &= np.asarray(there)
    kinds = np.where(meant, cells.kinds, np.int8(CellKind.EMPTY)).astype(cells.kinds.dtype)
    task = ColumnTask(Column(kinds, cells.numbers, cells.texts), column, source.sheet, source.letter, source.rows)
    array = type_column(task, rules)
    source.findings.extend(finding for finding in task.findings if finding.code not in _TOLD)
    return array
