"""Tables in groups: a heading, rows, a total; groups within groups. Rows are those of an Arrow table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.documents.sheet_style import SheetColumn, Words
from inbox_worker.documents.sheets import Page

Ranges = list[tuple[int, int]]
Sums = Mapping[str, Decimal]
_ZERO = Decimal(0)


@dataclass(frozen=True)
class RowGroup:
    """Rows that follow each other: the values of the first that are not summed, where they begin among all rows, how
    many they are, their exact sums, and the parts within."""

    first: Mapping[str, Any]
    start: int
    count: int
    sums: Sums
    inner: Sequence[RowGroup] = ()


@dataclass(frozen=True)
class Group:
    """Groups of rows with equal `keys`, which the total's hidden columns hold; the rows are sorted so already."""

    keys: tuple[str, ...]
    heading: Callable[[RowGroup], Words] | None = None
    total: Callable[[RowGroup], str] | None = None  # its label


def table_of(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> pa.Table:
    """Return a few rows as a table of those columns; what a row does not have is empty."""
    listed = list(rows)
    return pa.table({name: [row.get(name) for row in listed] for name in names})


def starts_of(rows: pa.Table, keys: Iterable[str]) -> npt.NDArray[np.int64]:
    """Return where each part of rows with equal keys begins."""
    changed = np.zeros(rows.num_rows, np.bool_)
    changed[:1] = True
    for key in keys if rows.num_rows else ():
        codes = rows.column(key).combine_chunks().dictionary_encode("encode").indices.to_numpy()
        changed[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(changed)


def sum_rows(names: Iterable[str], rows: pa.Table) -> dict[str, Decimal]:
    """Return the sums of those columns."""
    return {name: pc.sum(rows.column(name)).as_py() or _ZERO for name in names}


def split_rows(rows: pa.Table, keys: Sequence[str], sums: Sequence[str] = ()) -> list[RowGroup]:
    """Return the parts of rows with equal keys, which follow each other, with the sums of those columns."""
    if not rows.num_rows:
        return []
    starts = starts_of(rows, keys)
    counts = np.diff(np.append(starts, rows.num_rows))
    numbered = rows.select(sums).append_column("_part", pa.array(np.repeat(np.arange(len(starts)), counts)))
    added = (
        numbered.group_by("_part").aggregate([(name, "sum") for name in sums]).sort_by("_part")
    )  # arrow keeps no order
    columns = [added.column(f"{name}_sum").to_pylist() for name in sums]
    firsts = rows.drop_columns(list(sums)).take(pa.array(starts)).to_pylist()
    return [
        RowGroup(first, start, count, {name: column[at] for name, column in zip(sums, columns, strict=True)})
        for at, (first, start, count) in enumerate(zip(firsts, starts.tolist(), counts.tolist(), strict=True))
    ]


def _split_deep(rows: pa.Table, groups: Sequence[Group], sums: Sequence[str]) -> list[RowGroup]:
    """Return the outermost parts with those within."""
    found: list[RowGroup] = []
    for depth in range(len(groups), 0, -1):
        keys = [key for group in groups[:depth] for key in group.keys]
        within = iter(found) if depth < len(groups) else None
        outer = split_rows(rows, keys, sums)
        found = [replace(part, inner=_take_rows(within, part.count)) for part in outer] if within else outer
    return found


def _take_rows(parts: Iterator[RowGroup], count: int) -> list[RowGroup]:
    taken: list[RowGroup] = []
    while count:
        taken.append(next(parts))
        count -= taken[-1].count
    return taken


class _Grouped:
    """Groups of a sheet under way."""

    def __init__(self, page: Page, groups: Sequence[Group]) -> None:
        self._page, self._groups = page, groups
        self.counts: list[int] = []  # rows of each of the innermost
        self.above: list[int] = []  # lines of headings and totals above it

    def count(self, parts: Iterable[RowGroup], depth: int = 0, above: int = 0) -> int:
        """Remember how many rows and lines there are, and return how many lines so far."""
        group = self._groups[depth]
        for part in parts:
            above += group.heading is not None
            if part.inner:
                above = self.count(part.inner, depth + 1, above)
            else:
                self.counts.append(part.count)
                self.above.append(above)
            above += group.total is not None
        return above

    def write(self, parts: Iterable[RowGroup], depth: int = 0, around: Mapping[str, Any] | None = None) -> Ranges:
        """Write the parts and return the first and last row of each."""
        group, ranges = self._groups[depth], []
        for part in parts:
            keys = {**(around or {}), **{key: part.first[key] for key in group.keys}}
            if group.heading:
                self._page.add_heading(group.heading(part))
            first = self._page.next_row
            if part.inner:
                self.write(part.inner, depth + 1, keys)
            else:
                self._page.add_rows(part.count)
            ranges.append((first, self._page.next_row - 1))
            if group.total:
                self._page.add_total(group.total(part), part.sums, first, "part", keys)
        return ranges


def write_grouped_table(
    page: Page,
    columns: Sequence[SheetColumn],
    rows: pa.Table,
    groups: Sequence[Group],
    identity: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> tuple[Sequence[RowGroup], Ranges]:
    """Write a sheet's whole table: titles with the proof that both sides of the identity agree, the head, the groups, a
    row of totals. Returns the outermost groups and the first and last row of each, whose total stands right below.

    A column that `rows` do not have is empty.
    """
    summed = [column.name for column in columns if column.total]
    parts, grouped = _split_deep(rows, groups, summed), _Grouped(page, groups)
    lines = grouped.count(parts)
    page.start_table(*identity, rows.num_rows + lines)
    names, nothing = set(rows.column_names), pa.nulls(rows.num_rows)
    cells = {column.name: rows.column(column.name) if column.name in names else nothing for column in columns}
    page.start_rows(pa.table(cells), grouped.counts, grouped.above)
    ranges = grouped.write(parts)
    page.end()
    page.add_total(page.in_both("total.all"), sum_rows(summed, rows), page.first_row)
    return parts, ranges
