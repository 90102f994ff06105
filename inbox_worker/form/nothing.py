"""Cells that say that nothing stands there: a dash, `нет`, `жоқ`, `отсутствует`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from inbox_worker.form.task import Ints, matches
from inbox_worker.form.workbook import CellKind, Column
from inbox_worker.form_rules import Column as ColumnRule
from inbox_worker.spelling import skeleton

_DASHES = r"[-‐‑‒–—―−_.\s]*[-‐‑‒–—―−_]"  # `-`, `—`, `- -`, `____`
_WORDS = r"нет|нет данных|жоқ|жок|дерек(тер)? жоқ|отсутству(ет|ют)|отсутств\.?|прочерк|н/д|не имеется"
_NOTHING = rf"^({_DASHES}|\(?({_WORDS})\)?\.?)$"
_ANSWERS = ("yes_no", "choice")  # types whose `нет` is a value
_COMPARED = ("was",)  # columns that checks compare with the directory, where `нет` says that it holds nothing


def without_nothing(cells: Column, rule: ColumnRule) -> tuple[Column, Ints]:
    """The cells with those that say `nothing` made empty, and the places of these; `нет` stays where it is a value."""
    at = np.flatnonzero(cells.kinds == CellKind.TEXT)
    if not len(at) or rule.type in _ANSWERS or rule.name in _COMPARED:
        return cells, at[:0]
    at = at[matches(cells.texts.take(pa.array(at)), _NOTHING)]
    if rule.spellings and len(at):
        known = {skeleton(name) for names in rule.spellings.values() for name in names}
        at = at[np.array([skeleton(str(cells.texts[i].as_py())) not in known for i in at.tolist()], np.bool_)]
    if not len(at):
        return cells, at
    kinds = cells.kinds.copy()
    kinds[at] = CellKind.EMPTY
    return Column(kinds, cells.numbers, cells.texts), at
