"""A table's header of several rows: groups (`Показания`) over the names of their columns, in merged cells or as
values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from inbox_worker.core.text import fold
from inbox_worker.forms.bilingual import parts_of
from inbox_worker.settings.form_rules import FormRule

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


def is_title(
    cells: Mapping[int, str], below: Sequence[Mapping[int, str]], rule: FormRule, labels: Mapping[str, str]
) -> bool:
    """Return whether a lone cell is the form's title and no header of its name (`Запрос`): a label comes next, or under
    it the form's code or its column of another name."""
    text = next(iter(cells.values()))
    if len(cells) > 1 or not _says(text, (rule.title.ru, rule.title.kk)):
        return False
    columns = [column.ru for column in rule.columns] + [column.kk for column in rule.columns]
    coded = [label for label, key in labels.items() if key == "form"]
    following = next((row for row in below if row), {})
    return any(_says(one.partition(":")[0], labels) for one in following.values()) or any(
        _says(one, (*coded, *columns)) for row in below for one in row.values()
    )


def _says(text: str, names: Iterable[str]) -> bool:
    """Return whether a text, or a part of it, is one of some names."""
    return not {fold(name) for name in names}.isdisjoint(map(fold, (text, *parts_of(text))))
