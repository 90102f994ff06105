"""One sheet of an .ods as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from inbox_worker.workbooks.cell_values import Look, Range


@dataclass
class OdsSheet:
    """A sheet: its rows without blank cells at their ends, from row 1 and column A."""

    name: str
    hidden: bool
    rows: list[list[Any]] = field(default_factory=list)
    look: Look = field(default_factory=Look)
    merged: list[Range] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    def whole_rows(self) -> Iterator[list[Any]]:
        """Return the rows, all of one width."""
        width = self.width
        return (row + [""] * (width - len(row)) for row in self.rows)
