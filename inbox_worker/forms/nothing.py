"""Cells that say that there is nothing (a dash, `нет`, `жоқ`), and cells that say that somebody does not know.

`Нет данных` is not `нет`: where an empty house is every house, it is no answer.
"""

from __future__ import annotations

import re

import numpy as np

from inbox_worker.core.text import skeleton
from inbox_worker.forms.column_task import Ints, matches
from inbox_worker.settings.form_rules import ColumnRule
from inbox_worker.workbooks.sheet import CellKind, Column

_DASHES = r"[-‐‑‒–—―−_.\s]*[-‐‑‒–—―−_]"  # `-`, `—`, `- -`, `____`
_NOTHING = rf"^({_DASHES}|\(?(нет|жоқ|жок)\)?\.?)$"
_AROUND = r"[\s().…:*\"'«»]*"
_UNKNOWN = (
    rf"^{_AROUND}(н\s*[/\\.]\s*д|n\s*/\s*a|нет (данных|сведений)|(дерек|мәлімет)(тер)? жоқ|отсутству(ет|ют)|отсутств"
    rf"|прочерк|не имеется|неизвестн[оа]|не (указан|определ[её]н|заполнен)[оаы]?|белгісіз|\?+){_AROUND}$"
)
_ANSWERS = ("yes_no", "choice")  # types whose `нет` is a value
_COMPARED = ("was",)  # columns that checks compare with the directory, where `нет` says that it holds nothing


def says_nothing(text: str) -> bool:
    """Return whether a text is a dash or `нет`.

    >>> says_nothing(" — "), says_nothing("н/д")
    (True, False)
    """
    return re.search(_NOTHING, text.strip(), re.IGNORECASE) is not None


def says_no_value(text: str) -> bool:
    """Return whether a text is a dash, `нет`, or says that somebody does not know.

    >>> says_no_value("____"), says_no_value("не указано"), says_no_value("акт 5")
    (True, True, False)
    """
    return says_nothing(text) or re.search(_UNKNOWN, text, re.IGNORECASE) is not None


def unknown(cells: Column, rule: ColumnRule) -> Ints:
    """Return the places of cells that say that there are no data; of a column that is text or compared, none."""
    at = np.flatnonzero(cells.kinds == CellKind.TEXT)
    if not len(at) or rule.type in _ANSWERS or rule.name in _COMPARED or (rule.type == "text" and not rule.required):
        return at[:0]
    return _find_saying(cells, rule, at, _UNKNOWN)


def _find_saying(cells: Column, rule: ColumnRule, at: Ints, pattern: str) -> Ints:
    """Return which of those cells hold such words, where the words are no value that the column knows."""
    at = at[matches(cells.texts_at(at), pattern)]
    if rule.spellings and len(at):
        known = {skeleton(name) for names in rule.spellings.values() for name in names}
        at = at[np.array([skeleton(str(cells.texts[i].as_py())) not in known for i in at.tolist()], np.bool_)]
    return at


def empty_cells(cells: Column, at: Ints) -> Column:
    """Return the cells with those at the places made empty."""
    kinds = cells.kinds.copy()
    kinds[at] = CellKind.EMPTY
    return Column(kinds, cells.numbers, cells.texts)


def without_nothing(cells: Column, rule: ColumnRule) -> tuple[Column, Ints]:
    """Return the cells with those that say `nothing` emptied, and their places; `нет` stays where it is a value."""
    at = np.flatnonzero(cells.kinds == CellKind.TEXT)
    if not len(at) or rule.type in _ANSWERS or rule.name in _COMPARED:
        return cells, at[:0]
    said = {skeleton(word) for word in rule.nothing}
    own = [i for i in at.tolist() if skeleton(str(cells.texts[i].as_py())) in said] if said else []
    at = np.union1d(_find_saying(cells, rule, at, _NOTHING), np.array(own, np.int64))
    if not len(at):
        return cells, at
    return empty_cells(cells, at), at
