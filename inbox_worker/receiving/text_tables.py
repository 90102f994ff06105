"""Rows of a table that stands in a letter's own text: no form is read there, and its sender is to hear so (4.1.15)."""

from __future__ import annotations

import re
from html import unescape

from inbox_worker.receiving.decoding import clean

_MOST_ROWS, _MOST_CELLS, _LONGEST = 60, 40, 200
_PARTED = re.compile(r"[\t|;]")
_CELL = re.compile(r"/?(?:td|th|tr|table)\b", re.IGNORECASE)


def find_rows(text: str, *, html: bool) -> tuple[tuple[str, ...], ...]:
    """Return the first rows of several cells: those of an HTML text's tables, or lines that tabs, bars or semicolons
    part. Linear in time, whatever the text is."""
    rows = _rows_of_html(text) if html else [_PARTED.split(line) for line in text.splitlines() if _PARTED.search(line)]
    said = (tuple(cell for one in row[:_MOST_CELLS] if (cell := clean(one[:_LONGEST]))) for row in rows[:_MOST_ROWS])
    return tuple(row for row in said if len(row) > 1)


def _rows_of_html(html: str) -> list[list[str]]:
    rows: list[list[str]] = []
    inside = False
    for piece in html.split("<"):
        tag, _, words = piece.partition(">")
        if found := _CELL.match(tag):
            name = found[0].lower()
            inside = name in ("td", "th")
            if name == "tr":
                rows.append([])
            if inside and rows:
                rows[-1].append("")
        if inside and rows:
            rows[-1][-1] += f" {unescape(words)}"
    return rows
