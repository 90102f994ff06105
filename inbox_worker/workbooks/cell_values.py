"""Facts of the reading process about a cell beside its value, and about a sheet beside its cells.

It imports nothing of ours but the errors: the process starts with it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inbox_worker.core.errors import JobError

Range = tuple[int, int, int, int]  # first row, first column, last row, last column, all 0-based
EMPTY, NUMBER, TEXT, DATE, DATETIME, BOOL, ERROR, FORMULA, PERCENT, TIME = range(10)
MOST_UNSEEN = 100_000
MOST_MARKS = 1_000_000  # of a workbook
MOST_RANGES = 100_000  # merged cells of a sheet
MOST_NOTES = 1_000  # comments and text boxes of a sheet that are looked at
MOST_WORDS = 300  # characters of each
BEHIND = "\x1f"  # parts the number behind a date from its format
BLANK_FORMULA = "="  # text of an EMPTY cell that holds a formula which gives an empty text
DAY = datetime.timedelta(days=1)


class Oversized(JobError):
    """The sheet spans more than the limits allow. `sheet`, `cell`: where, when it is known."""

    def __init__(self, sheet: str = "", cell: str = "") -> None:
        super().__init__(sheet)
        self.sheet, self.cell = sheet, cell


class DamagedWorkbook(JobError):
    """The file is damaged, or made in a way that nobody reads."""


class Unseen(JobError):
    """A sheet that cannot be looked through, or of which cells were not read: it is not taken by halves."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        self.sheet = sheet


class Locked(JobError):
    """The file is closed by a password that is not Excel's own."""


class Note(NamedTuple):
    """Words that lie on a sheet outside its cells: a comment, or a text box. `row` (1-based) and `column` (0-based) of
    the cell that it belongs to or begins at."""

    comment: bool
    row: int
    column: int
    text: str


UNREAD_NOTES = Note(True, 0, 0, "")  # comments or text boxes that could not be read


class Cell(NamedTuple):
    """A cell that is more than its value. `number`: PERCENT what is shown before the sign, TIME days; DATE and DATETIME
    the ordinal day; of a NUMBER the format shows another one. `text`: an error's, else the number format, of dates
    perhaps after the number behind."""

    kind: int
    number: float | None
    text: str | None


@dataclass
class Look:
    """Facts found in a sheet's own records. Columns are 0-based, rows 1-based.

    `cells`: errors, formulas without a value, percents, numbers shown as others, by column and row. `dated`: number
    behind and format of cells whose format makes them dates or times. `numbers`: how many numbers and dates the sheet
    holds, -1 = not counted.
    """

    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    dated: dict[int, dict[int, tuple[float, str]]] = field(default_factory=dict)
    zeros: list[tuple[int, int]] = field(default_factory=list)  # formulas with zero: (row, column)
    worked_out: set[int] = field(default_factory=set)  # columns with a formula that gives a number but zero
    struck: list[tuple[int, int]] = field(default_factory=list)  # filled cells that are struck out: (row, column)
    parted: list[tuple[int, int]] = field(default_factory=list)  # cells with a part struck out: (row, column)
    raised: list[tuple[int, int]] = field(default_factory=list)  # cells with a digit raised behind one: (row, column)
    unseen: list[tuple[int, int]] = field(default_factory=list)  # filled cells whose text nobody sees: (row, column)
    red: list[tuple[int, int]] = field(default_factory=list)  # filled cells whose text is red: (row, column)
    hiding: list[Any] = field(default_factory=list)  # HidingRule of conditional formatting
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)  # comments and text boxes
    formulas: bool = False
    numbers: int = -1
    marks: int = 0
    rounded: int = 0  # numbers that are shown with fewer places
    in_pieces: bool = False  # values are spelled as calamine does not read them: in pieces, errors it does not know

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Keep what a cell has instead of its value."""
        self.cells.setdefault(column, {})[row] = cell
        self._count()

    def put_date(self, row: int, column: int, number: float, code: str) -> None:
        """Keeps the number and format of a date or time."""
        self.dated.setdefault(column, {})[row] = (number, code)
        self._count()

    def put_blank(self, row: int, column: int) -> None:
        """Keeps the place of a formula that gives an empty text."""
        self.put(row, column, Cell(EMPTY, None, BLANK_FORMULA))

    def put_formula(self, row: int, column: int, number: float) -> None:
        """Keep the result of a formula with a number: where it is zero, and columns where it is not."""
        if number == 0:
            self.put_zero(row, column)
        else:
            self.worked_out.add(column)

    def put_zero(self, row: int, column: int) -> None:
        """Keeps the place of a formula whose value is zero."""
        self.zeros.append((row, column))
        self._count()

    def put_struck(self, row: int, column: int) -> None:
        """Keeps the place of a filled cell that is struck out."""
        self.struck.append((row, column))
        self._count()

    def put_parted(self, row: int, column: int) -> None:
        """Keeps the place of a cell a part of whose text is struck out."""
        self.parted.append((row, column))
        self._count()

    def put_raised(self, row: int, column: int) -> None:
        """Keeps the place of a cell with a digit raised behind a digit."""
        self.raised.append((row, column))
        self._count()

    def put_unseen(self, row: int, column: int) -> None:
        """Keeps the place of a filled cell whose text has the colour of its fill, or next to no size."""
        if len(self.unseen) < MOST_UNSEEN:  # a warning stands for all of them
            self.unseen.append((row, column))

    def put_red(self, row: int, column: int) -> None:
        """Keeps the place of a filled cell whose text is red."""
        if len(self.red) < MOST_UNSEEN:  # a form waits for the first of them
            self.red.append((row, column))

    def put_rounded(self, row: int, column: int, cell: Cell) -> None:
        """Keeps a number that its format shows with fewer places than it has."""
        if self.rounded < MOST_UNSEEN:  # a warning stands for all of them
            self.rounded += 1
            self.put(row, column, cell)

    def put_note(self, note: Note) -> None:
        """Keep a comment or a text box; its words in one line, shortened. Nothing of one without words."""
        words = " ".join(note.text.split())[:MOST_WORDS]
        if words and len(self.notes) < MOST_NOTES:
            self.notes.append(note._replace(text=words))

    def put_unread_notes(self) -> None:
        """Keep that comments or text boxes are there which could not be read: a note of no row, without words."""
        if UNREAD_NOTES not in self.notes:
            self.notes.append(UNREAD_NOTES)

    def hide_row(self, row: int) -> None:
        """Keeps a hidden row."""
        self.hidden_rows.append(row)
        self._count()

    def _count(self) -> None:
        self.marks += 1
        if self.marks > MOST_MARKS:
            raise Oversized

    def nobody_calculated(self) -> None:
        """Takes zeros of formulas for values that were never worked out."""
        for row, column in self.zeros:
            self.cells.setdefault(column, {})[row] = Cell(FORMULA, None, "")
        self.zeros = []

    def as_json(self) -> dict[str, Any]:
        """Return the marks of the sheet itself, for the parent."""
        return {
            "zeros": self.zeros,
            "worked_out": sorted(self.worked_out),
            "struck": self.struck,
            "parted": self.parted,
            "raised": self.raised,
            "unseen": self.unseen,
            "red": self.red,
            "hiding": self.hiding,
            "hidden_rows": self.hidden_rows,
            "hidden_columns": sorted(self.hidden_columns),
            "formulas": self.formulas,
            "notes": self.notes,
        }


def as_cell(value: Any, known: tuple[float, str] | None, default: str = "") -> Any:
    """Return a date or time with its number and format; any other value as it is."""
    number, code = known or (None, default)
    behind = code if number is None else f"{number:.15g}{BEHIND}{code}"
    if isinstance(value, datetime.datetime):
        return Cell(DATETIME, float(value.toordinal()), behind)
    if isinstance(value, datetime.date):
        return Cell(DATE, float(value.toordinal()), behind)
    if isinstance(value, datetime.timedelta):
        return Cell(TIME, value / DAY if number is None else number, code)
    if isinstance(value, datetime.time):
        passed = datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
        return Cell(TIME, passed / DAY if number is None else number, code)
    return value


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


def column_of(address: str) -> tuple[int, int]:
    """Return row (1-based) and column (0-based) of an address like `AB12`. Raises ValueError for what is none."""
    word = address.rstrip("0123456789")
    column = 0
    for letter in word.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(address)
        column = column * 26 + ord(letter) - 64
    return int(address[len(word) :]), column - 1


@dataclass(frozen=True)
class SheetCells:
    """A sheet's rows from `place["row"]` and `column` (0-based) on, and its marks. `code`: the format of its dates,
    when there is one only."""

    place: dict[str, Any]
    rows: Iterable[list[Any]]
    look: Look = field(default_factory=Look)
    column: int = 0
    code: str = ""
    merged: list[Range] = field(default_factory=list)
    lines: dict[str, Any] | None = None  # of a text file
