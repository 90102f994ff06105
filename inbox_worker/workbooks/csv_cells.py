"""Reads the rows of a text file, in the encoding in which it holds words that forms are made of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from inbox_worker.workbooks.cell_values import MOST_MARKS, Oversized

# cp1251 first: it is what Excel writes; kz1048 differs from it in the Kazakh letters only
_PAGES = ("cp1251", "kz1048", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5")
_START = 200_000  # bytes or characters that decide on encoding and delimiter
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOT_RUSSIAN = frozenset("ЌЋќћЎўЈҐЄЇґєјЅѕї")  # what cp1251 makes of the Kazakh letters of kz1048
END_OF_FILE = re.compile(r"\x1a[\x00\x1a\s]*\Z")  # DOS programs close a text by Ctrl-Z
_LOST = "\ufffd"
_LETTERS_A_LOSS = 2  # text of another encoding that is read as UTF-8 has next to no letters


def text_of(data: bytes, words: frozenset[str]) -> str:
    """Return a text file's text without a Ctrl-Z that ends it."""
    return END_OF_FILE.sub("", _decode(data, words))


def _decode(data: bytes, words: frozenset[str]) -> str:
    """Return the text by its mark, as UTF-8 (a few bytes may be lost), as UTF-16 without a mark, else by its words."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, errors="replace")
    start = data[:_START]
    zeros = start[0::2].count(0), start[1::2].count(0)
    if max(zeros) * 4 > len(start) // 2:
        return data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        near = data.decode("utf-8", errors="replace")
        lost = near.count(_LOST)
        if sum(letter > "\x7f" for letter in near) - lost >= _LETTERS_A_LOSS * lost:
            return near
        return data.decode(page_of(start, words), errors="replace")


def page_of(data: bytes, words: frozenset[str]) -> str:
    """Return the one-byte encoding in which most known words are found; cp1251 when none has any."""
    ranked = [(known_words(data.decode(page, errors="replace"), words), page) for page in _PAGES]
    best = max(count for count, _ in ranked)
    if best == ranked[0][0]:  # words of both languages read alike in cp1251 and kz1048
        return "kz1048" if ranked[1][0] == best and ranked[0][1] == "cp1251" and _is_kazakh(data) else "cp1251"
    return next(page for count, page in ranked if count == best)


def _is_kazakh(data: bytes) -> bool:
    """Return whether there are letters where kz1048 has Kazakh ones and cp1251 those of Serbian."""
    return not _NOT_RUSSIAN.isdisjoint(data.decode("cp1251", errors="replace"))


def known_words(text: str, words: frozenset[str]) -> int:
    """Return how many words of a text are known."""
    return sum(word in words for word in _WORD.findall(text[:_START].casefold()))


def rows_of(data: bytes, wanted: dict[str, Any]) -> tuple[Iterator[list[str]], str, LineSurvey]:
    """Return rows of a text file, all of one width, its delimiter (`;`, tab, `,` or that of a `sep=` line), its
    lines."""
    csv.field_size_limit(1_000_000)
    text = text_of(data, frozenset(wanted.get("words", ())))
    if said := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        delimiter, text, line = said[1], text[said.end() :], 2
    else:
        line, start = 1, text[:20_000]
        delimiter = max(";\t,|", key=lambda d: start.count(d) if d not in ",|" else start.count(d) / 4)
    lines = io.StringIO(text, newline="")
    found = survey(lines, delimiter, line)  # read twice: a million rows as lists would take a gigabyte
    check_extent(found.rows, found.width, wanted)
    if found.open_quote:
        return iter([[""]]), delimiter, found
    lines.seek(0)
    rows = ((row + [""] * (found.width - len(row)))[: found.width] for row in csv.reader(lines, delimiter=delimiter))
    return rows, delimiter, found


def check_extent(rows: int, columns: int, wanted: dict[str, Any]) -> None:
    """Raises Oversized for a rectangle of cells past the limits."""
    if columns > wanted["columns"] or rows > wanted["rows"] or rows * columns > wanted["cells"]:
        raise Oversized


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
        """Return the counts for the parent."""
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
                found.add_breaks(row, line + _find_opening(source.of_row), delimiter)
            line += len(source.of_row)
            source.of_row.clear()
    except csv.Error:  # a text past the limit
        if len(source.of_row) < 2:
            raise
    if source.of_row:
        place = _find_opening(source.of_row)
        found.open_quote = (line + place, " ".join(source.of_row[place].split())[:_SHOWN])
    return found


def _find_opening(lines: list[str]) -> int:
    """Return the place of the first line in which a quote stays open; 0 when none is found."""
    return next((place for place, line in enumerate(lines) if line.count('"') % 2), 0)


def filled_width(row: list[str]) -> int:
    """Return a row's values without blank ones at its end: a line may have more separators than columns."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width
