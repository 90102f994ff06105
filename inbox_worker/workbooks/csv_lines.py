"""Counts what the lines of a text file hold: values a row, quotes that stay open, texts that may be whole rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from inbox_worker.workbooks.cell_values import MOST_MARKS, Oversized

_BREAK = re.compile(r"\r\n|\r|\n")
_END = "\x1e"  # one more line: a quote that is open at the end of the file swallows it
_MOST_BREAKS = 1_000
_SHOWN = 80


@dataclass
class LineSurvey:
    """Counts of a text file's lines. Rows and lines count from 1, columns from 0.

    `values`: from which row on a row has how many values, empty ones too. `breaks`: quoted texts with a line break and
    separators: row, column, line of the quote, separators before the first break, between breaks, after the last, and
    the text's start. `open_quote`: line and text of a quote that is never closed.
    """

    rows: int = 0
    width: int = 0  # without blank values at the ends
    values: list[tuple[int, int]] = field(default_factory=list)
    breaks: list[tuple[int, int, int, int, int, int, str]] = field(default_factory=list)
    open_quote: tuple[int, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the parent is told."""
        return {"values": self.values, "breaks": self.breaks, "open_quote": self.open_quote}

    def add(self, row: list[str]) -> None:
        """Count one row."""
        self.rows += 1
        self.width = max(self.width, filled_width(row))
        if not self.values or self.values[-1][1] != len(row):
            self.values.append((self.rows, len(row)))
            if len(self.values) > MOST_MARKS:
                raise Oversized

    def add_breaks(self, row: list[str], line: int, delimiter: str) -> None:
        """Keep the texts of a row of several lines that hold line breaks and separators."""
        for column, text in enumerate(row):
            pieces = _BREAK.split(text) if delimiter in text else []
            if len(pieces) > 1 and len(self.breaks) < _MOST_BREAKS:
                first, *between, last = (piece.count(delimiter) for piece in pieces)
                shown = " ".join(pieces[0].split())[:_SHOWN]
                self.breaks.append((self.rows, column, line, first, max(between, default=0), last, shown))


class _Lines:
    """The lines of a text, those of the current row kept; `_END` after the last."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.of_row: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.of_row.append(line)
            yield line
        self.ended = True
        yield _END


def survey(lines: Iterable[str], delimiter: str, line: int = 1) -> LineSurvey:
    """Read all rows once and count; `line`: the number of the first. Raises csv.Error or Oversized."""
    found, source = LineSurvey(), _Lines(lines)
    try:
        for row in csv.reader(source, delimiter=delimiter):
            if source.ended:
                break
            found.add(row)
            if len(source.of_row) > 1:
                found.add_breaks(row, line + _opening(source.of_row), delimiter)
            line += len(source.of_row)
            source.of_row.clear()
    except csv.Error:  # a text past the limit
        if len(source.of_row) < 2:
            raise
    if source.of_row:
        place = _opening(source.of_row)
        found.open_quote = (line + place, " ".join(source.of_row[place].split())[:_SHOWN])
    return found


def _opening(lines: list[str]) -> int:
    """Return the place of the first line in which a quote stays open; 0 when none is found."""
    return next((place for place, line in enumerate(lines) if line.count('"') % 2), 0)


def filled_width(row: list[str]) -> int:
    """Return a row's values without blank ones at its end: a line may have more separators than columns."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width
