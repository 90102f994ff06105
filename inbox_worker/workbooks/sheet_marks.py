"""Addresses of cells, and what a sheet tells beside its cells: formulas, hidden rows and columns."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SheetMarks:
    """Marks of one sheet: formulas whose saved value is zero, columns (0-based) with formulas that give another number,
    hidden rows (1-based) and columns (0-based), whether it has formulas."""

    zeros: frozenset[str] = frozenset()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: frozenset[int] = field(default_factory=frozenset)
    formulas: bool = False
    worked_out: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()  # filled cells that are struck out: row, column


def letters(column: int) -> str:
    """Return sheet letters of a 0-based column.

    >>> letters(0), letters(26), letters(701)
    ('A', 'AA', 'ZZ')
    """
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
