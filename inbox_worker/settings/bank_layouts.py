"""The shape of rules/banks: how the files of banks are laid out, as data (4.1.7).

A layout is chosen by what stands in a file, never by the file's name. The folder is a home's own; a home made before
it was there has the shipped one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inbox_worker.core.files import unreadable
from inbox_worker.settings.form_rules import Bilingual, FormRule
from inbox_worker.settings.home import shipped_path
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.shapes import Misplaced, Strict, fill, must_be
from inbox_worker.settings.yaml_files import Place, read_document

FOLDER = "banks"
# the columns of the forms that a layout fills
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "bank_register": ("bank", "paid_on", "number", "account", "payee", "service", "amount"),
    "bank_statement": (
        "bank", "iban", "day", "reference", "debit", "credit", "payer", "payer_id", "payer_account", "purpose",
    ),
}  # fmt: skip
# what a file states of itself: groups of a line's pattern beside the form's columns
STATED: Mapping[str, tuple[str, ...]] = {
    "bank_register": ("count", "sum"),
    "bank_statement": ("opening", "closing", "debit_sum", "credit_sum", "debit_count", "credit_count"),
}
_ASKED = 2  # of these a file must state the first two, unless its layout says otherwise
_ENCODED = ("separated", "fixed", "dbf")


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _keeps_a_day(mask: str) -> bool:
    """Return whether a day written by the mask is read again as the same day: `%d.%m` would lose the year."""
    day = datetime(2031, 12, 29)  # noqa: DTZ001 - a day of the calendar, no moment
    try:
        return datetime.strptime(day.strftime(mask), mask) == day  # noqa: DTZ007
    except (ValueError, re.error):
        return False


_Pattern = Annotated[str, must_be(_compiles, "{!r} is no regular expression"), Field(min_length=1)]
_Mask = Annotated[str, must_be(_keeps_a_day, "{!r} writes no whole day; write it such as %d.%m.%Y")]
_Text = Annotated[str, Field(min_length=1)]
Encoding = Literal["cp866", "cp1251", "utf-8"]


class LayoutColumn(Strict):
    """The place of a column of the form: under a header (`head`), at a place in the line (`place`, from 1), between two
    characters of it (`chars`, from 1), the same in every line (`value`), or made of others (`joined`, with dashes).

    `date`: the only way its day is written (%d.%m.%Y). `pattern`: the only shape of its value; what its group holds is
    taken. `tiyn`: a whole number of tiyns.
    """

    head: str = ""
    place: Annotated[int, Field(ge=0)] = 0
    chars: Annotated[tuple[int, ...], Field(max_length=2)] = ()
    value: str = ""
    joined: tuple[_Text, ...] = ()
    date: _Mask = ""
    pattern: _Pattern | None = None
    tiyn: bool = False

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        ways = [name for name in ("head", "place", "chars", "value", "joined") if getattr(self, name)]
        if len(ways) != 1:
            raise ValueError("must say exactly one of head, place, chars, value, joined: where the column stands")
        if self.chars and not (len(self.chars) == 2 and 1 <= self.chars[0] <= self.chars[1]):
            raise Misplaced(("chars",), "must be the first and the last character, such as [1, 10]")
        return self


class BankLayout(Strict):
    """The layout of one kind of a bank's files, and what tells it from others.

    `head`: the texts of its header row, all of them in their order (`head_rows`: 2 when it takes two rows, their texts
    joined by ` / `). `begins`: for a file without a header, what its first line is like. `width`: characters of a line
    of fixed widths. `lines`: patterns of lines that are no payments, cells parted by `;`; a group named like a column
    gives the value for all payments, `count` and `sum` are the control row. Any other line refuses the file.
    `deleted`: what becomes of a DBF's records that are marked as deleted, where no control row of the file agrees with
    those that are left: `refused`, or `ignored` with a remark.
    `control`: what of this the file must state, or be refused; unsaid, count and sum of a register, both balances of a
    statement.
    """

    layout: Annotated[str, must_be(re.compile("[a-z0-9_]+").fullmatch, "{!r} is no name of a layout; use a-z, 0-9, _")]
    title: Bilingual
    form: Literal["bank_register", "bank_statement"] = "bank_register"
    file: Literal["separated", "fixed", "book", "dbf"]
    encodings: tuple[Encoding, ...] = ()
    separator: str = ""
    head: tuple[str, ...] = ()
    head_rows: Literal[1, 2] = 1
    begins: _Pattern | None = None
    width: Annotated[int, Field(ge=0)] = 0
    columns: Mapping[str, LayoutColumn]
    lines: tuple[_Pattern, ...] = ()
    deleted: Literal["refused", "ignored"] = "refused"
    control: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.file in _ENCODED) != bool(self.encodings):
            raise Misplaced(("encodings",), "say the encodings of a text or DBF file; a workbook has none")
        if (self.file == "separated") != (len(self.separator) == 1):
            raise Misplaced(("separator",), "say the one sign that parts values of a separated file, of no other")
        if (self.file == "fixed") != bool(self.width):
            raise Misplaced(("width",), "say how many characters a line of fixed widths has, and of no other file")
        only = {"fixed": "begins", "dbf": "head"}.get(self.file)
        if bool(self.head) == bool(self.begins) or (only and not getattr(self, only)):
            words = "must say one of head and begins: what tells it from others; begins for fixed widths, head for dbf"
            raise ValueError(words)
        for name, column in self.columns.items():
            self._look_at(name, column)
        return self

    def _look_at(self, name: str, column: LayoutColumn) -> None:
        """Raises Misplaced for a column that such a file cannot have."""
        if name not in COLUMNS[self.form]:
            words = f"there is no column {name!r} in {self.form}; {suggest(name, COLUMNS[self.form])}"
            raise Misplaced(("columns", name), words)
        if column.head and column.head not in self.head:
            raise Misplaced(("columns", name, "head"), f"is not in head; {suggest(column.head, self.head)}")
        if bool(column.chars) != (self.file == "fixed") and not (column.value or column.joined):
            raise Misplaced(("columns", name), "chars are for fixed widths, head and place for all others")
        if column.chars and column.chars[1] > self.width:
            raise Misplaced(("columns", name, "chars"), f"reaches behind the end of the line, which has {self.width}")
        unknown = [other for other in column.joined if other not in self.columns]
        if unknown:
            raise Misplaced(("columns", name, "joined"), f"there is no column {unknown[0]!r} here")

    @property
    def stated(self) -> tuple[str, ...]:
        """Return what the file must state of itself."""
        return STATED[self.form][:_ASKED] if self.control is None else self.control


def read_layouts(rules: Path, forms: Mapping[str, FormRule]) -> tuple[dict[str, BankLayout], list[Mistake]]:
    """Return the layouts of a folder of rules by name, and every mistake in them. A home without the folder has the
    shipped ones."""
    folder = rules / FOLDER
    if not folder.exists():
        folder = shipped_path("rules") / FOLDER
    mistakes: list[Mistake] = []
    found: dict[str, BankLayout] = {}
    try:
        paths = sorted(path for path in folder.iterdir() if path.match("*.y*ml"))
    except OSError as error:
        return {}, [Mistake(str(folder), "", unreadable(error))]
    for path in paths:
        if path.suffix != ".yaml":
            mistakes.append(Mistake(str(path), "", "is no layout: write .yaml; move copies out of rules/"))
            continue
        document = read_document(path)
        layout, wrong = fill(document, BankLayout)
        mistakes += wrong
        if layout is not None:
            mistakes += (document.mistake(place, words) for place, words in _misfits(layout, path.stem, forms))
            found[layout.layout] = layout
    return found, mistakes


def _misfits(layout: BankLayout, stem: str, forms: Mapping[str, FormRule]) -> Iterator[tuple[Place, str]]:
    """Yield what does not fit between a layout and its file's name or the form that it fills: place and words."""
    if layout.layout != stem:
        yield ("layout",), f"must be the name of the file, {stem}"
    form, stated = forms.get(layout.form), STATED[layout.form]
    if form is None:
        return
    groups = {name for pattern in layout.lines for name in re.compile(pattern).groupindex}
    for name in groups - {*COLUMNS[layout.form], *stated}:
        yield ("lines",), f"there is no {name!r} in {form.form}; {suggest(name, COLUMNS[layout.form])}"
    known = {*layout.columns, *groups}
    asked = [column.name for column in form.columns if column.required and column.name in COLUMNS[layout.form]]
    lacking = [name for name in asked if name not in known]
    if lacking:
        yield ("columns",), f"does not say where {', '.join(lacking)} stands"
    for name in layout.stated:
        if name not in stated:
            yield ("control",), f"there is no {name!r} here; {suggest(name, stated)}"
        elif name not in groups:
            yield ("control",), f"no pattern of lines has the group {name!r}; write one, or leave it out of control"
