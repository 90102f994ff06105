"""One sheet or text as a layout of rules/banks reads it: its header, its payments, its control row (4.1.7).

Every line is one of these, or blank, or of a pattern that the layout names; else it is a problem, told with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inbox_worker.core.model import Finding
from inbox_worker.settings.bank_layouts import BankLayout
from inbox_worker.workbooks.bank_text import BAR, DELETED
from inbox_worker.workbooks.sheet import LONGEST, CellKind, Column, Sheet

DEEPEST_HEAD = 40  # rows: banks put titles and balances above
_TOP = DEEPEST_HEAD + 2
_MOST_UNFIT = 200  # lines that do not fit
_PARTED = ";"  # between the cells of a line that patterns look at
BETWEEN = " / "  # between the texts of a header of two rows

Line = tuple[str, ...]


@dataclass(frozen=True)
class Stated:
    """A statement of the file about itself, at a place: a control sum, a balance, a day for all its payments."""

    text: str
    place: int


@dataclass(frozen=True)
class Lines:
    """The lines of a sheet as texts. `counts`: how many values the lines of a separated text have, by place."""

    sheet: Sheet
    texts: Sequence[Line]
    counts: Sequence[int] = ()

    @classmethod
    def of(cls, sheet: Sheet, layout: BankLayout, most: int | None = None) -> Lines:
        """Return the lines of a sheet, or the first of them; of fixed widths a line is one text, blanks and all."""
        height = sheet.height if most is None else min(most, sheet.height)
        if layout.file == "fixed":
            whole = _texts(sheet.columns[0], height) if sheet.columns else []
            return cls(sheet, [(line.removeprefix(BAR).removesuffix(BAR),) for line in whole])
        blank = [""] * height
        columns = [
            _texts(sheet.columns[at], height) if at in sheet.columns else blank
            for at in range(max(sheet.columns, default=-1) + 1)
        ]
        return cls(sheet, list(zip(*columns, strict=True)), _counts(sheet))


@dataclass(frozen=True)
class Laid:
    """A file in one layout. `first`: the column that its first value stands in; `places`: its payments' lines;
    `deleted`: the numbers of a DBF's records that are marked as deleted."""

    layout: BankLayout
    lines: Lines
    first: int
    places: tuple[int, ...]
    stated: Mapping[str, Stated]
    problems: tuple[Finding, ...]
    deleted: tuple[int, ...] = ()

    def at(self, name: str) -> int:
        """Return the sheet's column that a column of the layout stands in, -1 for none."""
        column = self.layout.columns[name]
        if column.head:
            return self.first + self.layout.head.index(column.head)
        return self.first + column.place - 1 if column.place else -1


def lay(sheet: Sheet, layout: BankLayout, top: Lines | None = None) -> Laid | None:
    """Return a sheet in a layout; None when it is not laid out so. `top`: its first lines, where they are known."""
    found = _find_start(top or top_of(sheet, layout), layout)
    return _LineReading(Lines.of(sheet, layout), layout, *found).read() if found else None


def top_of(sheet: Sheet, layout: BankLayout) -> Lines:
    """Return the lines of a sheet in which a header may stand: the same for every layout of workbooks."""
    return Lines.of(sheet, layout, _TOP)


def heads_near(sheet: Sheet, layout: BankLayout) -> tuple[str, ...]:
    """Return the headers of a layout that the row most like its header row does not have."""
    lines = top_of(sheet, layout)
    rows = [{_plain(text) for text in row} for _, row in _head_rows(lines, layout)]
    best = max(rows, key=lambda row: sum(_plain(name) in row for name in layout.head), default=set())
    return tuple(name for name in layout.head if _plain(name) not in best)


def rows_on_top(sheet: Sheet) -> list[Line]:
    """Return the filled cells of the rows in which a header may stand."""
    like = BankLayout.model_construct(file="book")
    return [row for line in Lines.of(sheet, like, DEEPEST_HEAD).texts if (row := tuple(filter(None, line)))]


def _find_start(lines: Lines, layout: BankLayout) -> tuple[int, int] | None:
    """Return the place of the first line after the header, and the column it begins in; None for another layout."""
    if layout.begins:
        first = next((line for line in lines.texts if any(line)), ())
        text = join_cells(first)
        return (0, 0) if len(text) <= LONGEST and re.fullmatch(layout.begins, text) else None
    for place, row in _head_rows(lines, layout):
        skipped = next((at for at, text in enumerate(row) if text), 0) if layout.head[0] else 0
        if _is_head(row[skipped:], layout):
            return place + layout.head_rows, skipped
    return None


def _head_rows(lines: Lines, layout: BankLayout) -> Iterator[tuple[int, Line]]:
    """Yield the rows that may be the header, with their places; two rows as one when the layout's header has two."""
    for place in range(min(DEEPEST_HEAD, len(lines.texts))):
        if layout.head_rows == 1:
            yield place, lines.texts[place]
        elif place + 1 < len(lines.texts):
            yield place, _of_two(lines.texts[place], lines.texts[place + 1])


def _of_two(upper: Line, lower: Line) -> Line:
    """Join the texts of a header's two rows: what stands above several columns belongs to each."""
    names, above = [], ""
    for up, down in zip(upper, lower, strict=True):
        above = up or above
        names.append(f"{above}{BETWEEN}{down}" if down and above else up or down)
    return tuple(names)


def _is_head(row: Line, layout: BankLayout) -> bool:
    filled = list(row)
    while filled and not filled[-1]:
        filled.pop()
    return len(filled) == len(layout.head) and all(map(_are_same, filled, layout.head))


def _are_same(text: str, name: str) -> bool:
    return _plain(text) == _plain(name)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def join_cells(line: Line) -> str:
    """Return a line as patterns look at it: its cells parted by `;`, without empty ones or blanks at its end."""
    return (
        _PARTED.join(" ".join(text.split()) for text in line).rstrip(_PARTED)
        if len(line) > 1
        else "".join(line).rstrip()
    )


def _texts(column: Column, height: int) -> list[str]:
    count, text = min(len(column.kinds), height), int(CellKind.TEXT)
    cells = zip(column.kinds[:count].tolist(), column.texts.slice(0, count).to_pylist(), strict=True)
    texts = [
        (whole or "") if kind == text else column.text(at) if kind else "" for at, (kind, whole) in enumerate(cells)
    ]
    return texts + [""] * (height - count)


def _counts(sheet: Sheet) -> Sequence[int]:
    if not sheet.lines or "values" not in sheet.lines:
        return ()
    counts: list[int] = []
    marks = [*sheet.lines["values"], (sheet.height + 1, 0)]
    for (row, count), (after, _) in zip(marks, marks[1:], strict=False):
        counts += [count] * (after - row)
    return counts


@dataclass
class _LineReading:
    """The lines of a file, judged one after the other."""

    lines: Lines
    layout: BankLayout
    start: int
    first: int
    places: list[int] = field(default_factory=list)
    stated: dict[str, Stated] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    @cached_property
    def patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in self.layout.lines]

    @cached_property
    def width(self) -> int:
        """Count the values that a payment's line has."""
        known = len(self.layout.head)
        return known or next((count for count in self.lines.counts if count), 0)

    def read(self) -> Laid:
        """Judge every line and return what was found."""
        head = range(self.start - self.layout.head_rows, self.start) if self.layout.head else range(0)
        for place, line in enumerate(self.lines.texts):
            if place in head or not "".join(line).strip():
                continue
            if self._is_deleted(line):
                self.deleted.append(place)  # the names of fields are line 0, so this is the record's number
                continue
            if self._is_named(place, join_cells(line)):
                continue
            if place > self.start and self.layout.head and _is_head(line[self.first :], self.layout):
                continue
            if place >= self.start and self._fits(place, line):
                self.places.append(place)
            else:
                self._tell("layout.line", place, join_cells(line))
        missing = [name for name in self.layout.stated if name not in self.stated]
        facts = {"layout": self.layout.layout}
        self.problems += [Finding("layout.not_stated", value=name, facts=facts) for name in missing]
        found = (tuple(self.places), self.stated, tuple(self.problems), tuple(self.deleted))
        return Laid(self.layout, self.lines, self.first, *found)

    def _is_deleted(self, line: Line) -> bool:
        return self.layout.file == "dbf" and all(text == DELETED for text in line)

    def _is_named(self, place: int, text: str) -> bool:
        """Return whether a line is of one of the layout's patterns, and keep what it states."""
        if len(text) > LONGEST:
            return False
        found = next((match for pattern in self.patterns if (match := pattern.fullmatch(text))), None)
        for name, value in (found.groupdict() if found else {}).items():
            if not (value or "").strip():
                continue
            if name in self.stated and self.stated[name].text != value.strip():
                self._tell("layout.stated_twice", place, value)
            self.stated[name] = Stated(value.strip(), place)
        return found is not None

    def _fits(self, place: int, line: Line) -> bool:
        if self.layout.file == "fixed":
            return len(line[0]) >= self.layout.width and not line[0][self.layout.width :].strip()
        if any(line[: self.first]) or any(line[self.first + self.width :]) and self.width:
            return False
        if not self.lines.counts:
            return True
        count = self.lines.counts[place] - self.first
        return count == self.width or (count == self.width + 1 and bool(self.layout.head))  # a separator at its end

    def _tell(self, code: str, place: int, value: str) -> None:
        if len(self.problems) < _MOST_UNFIT:
            sheet, row = self.lines.sheet, self.lines.sheet.first_row + place
            facts = {"layout": self.layout.layout}
            self.problems.append(Finding(code, sheet.name, f"A{row}", value[:200], facts, row))
