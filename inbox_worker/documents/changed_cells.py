"""Cells of a workbook that hold something else than what it would be made with now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from inbox_worker.workbooks.cell_values import letters

_MOST_NAMED = 5


@dataclass(frozen=True)
class ChangedCell:
    """A cell (`I8`) of a sheet: what it holds, and what the ledger says. '' for nothing."""

    sheet: str
    cell: str
    holds: str
    right: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell} holds {self.holds or 'nothing'}, the ledger says {self.right or 'nothing'}"


@dataclass(frozen=True)
class ChangedBook:
    """A workbook that is not what its close makes. `cells`: the first of those that differ; of one that cannot be read,
    or whose looks alone were changed, none. `unread`: why it cannot be read; `strange`: why it
    should be there, and is not, or the other way round; `earlier`: it is as an earlier version wrote it."""

    path: Path
    cells: tuple[ChangedCell, ...] = ()
    unread: str = ""
    strange: str = ""
    earlier: bool = False

    def __str__(self) -> str:
        if self.strange:
            return self.strange
        if self.unread:
            return f"cannot be read as a workbook: {self.unread}"
        return "; ".join(map(str, self.cells)) or "no cell differs, only how it looks"


def compare_book(path: Path, right: bytes) -> ChangedBook:
    """Compare a workbook, cell by cell, with what it would be made with now."""
    try:
        return ChangedBook(path, tuple(islice(_find_differing(path, right), _MOST_NAMED)))
    except (CalamineError, OSError) as error:
        return ChangedBook(path, (), str(error))


def find_strange(folder: Path, expected: Sequence[str], whole: str) -> Iterator[ChangedBook]:
    """Find workbooks of a month that are gone, or that it does not have. `expected`: their names; `whole`: the one
    of all Customers, of which a ledger can be made again; it is written last, so a kill leaves some of the others
    without it."""
    there = {path.name for path in folder.glob("*.xlsx") if not path.name.startswith(("~", "."))}
    gone = {*expected} - there if whole in there else {whole} if there else ()
    for name in sorted(gone):
        yield ChangedBook(folder / name, strange="is not there, and the month has it")
    for name in sorted(there - {*expected, whole}):
        yield ChangedBook(folder / name, strange="is no workbook of this month: none of its Customers has this number")


def show_value(value: Any) -> str:
    """Return what a cell says: '' for an empty one, whole numbers without places."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _find_differing(path: Path, right: bytes) -> Iterator[ChangedCell]:
    there, made = CalamineWorkbook.from_path(str(path)), CalamineWorkbook.from_filelike(BytesIO(right))
    for sheet in there.sheet_names:
        if sheet not in made.sheet_names:
            yield ChangedCell(sheet, "A1", sheet, "")
    for sheet in made.sheet_names:
        if sheet not in there.sheet_names:
            yield ChangedCell(sheet, "A1", "", sheet)
            continue
        rows = zip_longest(_rows(there, sheet), _rows(made, sheet), fillvalue=())
        for number, (now, then) in enumerate(rows, 1):
            if now == then:
                continue
            for place, (holds, should) in enumerate(zip_longest(now, then, fillvalue="")):
                if holds != should:
                    yield ChangedCell(sheet, f"{letters(place)}{number}", show_value(holds), show_value(should))


def _rows(book: CalamineWorkbook, sheet: str) -> Iterator[tuple[Any, ...]]:
    yield from map(tuple, book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
