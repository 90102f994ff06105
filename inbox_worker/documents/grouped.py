"""Tables in groups: a heading, rows, a total; groups within groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from inbox_worker.documents.sheet_style import SheetColumn, Words
from inbox_worker.documents.sheets import Page

Row = Mapping[str, Any]
Rows = Sequence[Row]
Ranges = list[tuple[int, int]]


@dataclass(frozen=True)
class Group:
    """Groups of rows with equal `keys`, which the total's hidden columns hold; the rows are sorted so already."""

    keys: tuple[str, ...]
    heading: Callable[[Rows], Words] | None = None
    total: Callable[[Rows], str] | None = None  # its label

    def split(self, rows: Rows) -> list[Rows]:
        """Return the groups, in the order of the rows."""
        return [list(own) for _, own in groupby(rows, key=lambda row: tuple(row[key] for key in self.keys))]


def count_rows(rows: Rows, groups: Sequence[Group]) -> int:
    """Return how many rows of a sheet `write_grouped` takes."""
    if not groups:
        return len(rows)
    own = (groups[0].heading is not None) + (groups[0].total is not None)
    return sum(own + count_rows(part, groups[1:]) for part in groups[0].split(rows))


def write_grouped(
    page: Page, columns: Sequence[SheetColumn], rows: Rows, groups: Sequence[Group], **keys: Any
) -> Ranges:
    """Write the rows in their groups and return the first and last row of each of the outermost, whose total stands
    right below; `keys`: those of the groups around them."""
    if not groups:
        page.add_band([row.get(column.name) for column in columns] for row in rows)
        return []
    group, ranges = groups[0], []
    for own in group.split(rows):
        around = {**keys, **{key: own[0][key] for key in group.keys}}
        if group.heading:
            page.add_heading(group.heading(own))
        first = page.next_row
        write_grouped(page, columns, own, groups[1:], **around)
        ranges.append((first, page.next_row - 1))
        if group.total:
            page.add_total(group.total(own), sum_rows(columns, own), first, "part", around)
    return ranges


def sum_rows(columns: Sequence[SheetColumn], rows: Rows) -> dict[str, Decimal]:
    """Return the sums of the columns that are summed."""
    return {c.name: sum((row[c.name] for row in rows), Decimal(0)) for c in columns if c.total}


def write_grouped_table(
    page: Page,
    columns: Sequence[SheetColumn],
    rows: Rows,
    groups: Sequence[Group],
    identity: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Ranges:
    """Write a sheet's whole table: titles with the proof that both sides of the identity agree, the head, the groups, a
    row of totals. Returns the ranges of the outermost groups."""
    page.start_table(*identity, count_rows(rows, groups))
    ranges = write_grouped(page, columns, rows, groups)
    page.end()
    page.add_total(page.in_both("total.all"), sum_rows(columns, rows), page.first_row)
    return ranges
