"""A table's header of several rows: groups (`Показания`) over the names of their columns, in merged cells or as
values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from inbox_worker.core.text import fold

MOST_ROWS = 4  # of one header
_LONGEST = 120  # characters of a name
_WORD = re.compile(r"[^\W\d_]|№")
Cells = Mapping[int, str]


def join_rows(rows: Sequence[Cells], find_meaning: Callable[[str], str]) -> Iterator[Cells]:
    """Yield what rows of a header may be as one: the names alone; groups over names, the lowest first; the highest
    group over names that one in between says nothing to."""
    grouped, plain = rows[-1], rows[-1]
    for over in reversed(rows[:-1]):
        below, plain = plain, {**over, **plain}
        grouped = join_groups(over, grouped, find_meaning)
    yield plain
    yield grouped
    if len(rows) > 2:
        yield join_groups(rows[0], below, find_meaning)


def join_groups(over: Cells, below: Cells, find_meaning: Callable[[str], str]) -> dict[int, str]:
    """Return two rows of a header as one: a name that alone is no column's, behind the group it stands under, which
    reaches to the right as far as names do. A group of one name that says nothing, such as a unit, is the name."""
    cells, group = {**over, **below}, ""
    for at in sorted(below):
        group = over.get(at) or (group if at - 1 in below else "")
        if group and not find_meaning(below[at]):
            both = f"{group} {below[at]}"
            alone = at in over and not (at + 1 in below and over.get(at + 1, group) == group)
            cells[at] = group if alone and not find_meaning(both) else both
    return cells


def goes_on(over: Cells, below: Cells, key: int) -> bool:
    """Return whether a row goes on with the header over it: words only, nothing that could name a row, and names of
    several columns under one group, whose other cells are empty or say it again."""
    if not are_names(below):
        return False
    if key in below and fold(below[key]) != fold(over.get(key, "")):
        return False
    places = sorted(below)
    pairs = zip(places, places[1:], strict=False)
    return any(at in over and _is_one_group(over, at, after) and below[at] != below[after] for at, after in pairs)


def are_names(cells: Cells) -> bool:
    """Return whether a row is not blank and has words only."""
    return bool(cells) and all(len(text) <= _LONGEST and _WORD.search(text) for text in cells.values())


def _is_one_group(over: Cells, at: int, after: int) -> bool:
    return all(over.get(place, over[at]) == over[at] for place in range(at + 1, after + 1))
