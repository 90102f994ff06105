"""A sender's sheet with the cells that findings point at filled; every cell keeps its value, formula and digits."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from typing import Any

from inbox_worker.workbooks.mark_styles import Styles
from inbox_worker.workbooks.ooxml_parts import child, children, insert, local, make, words

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_OUTSIDE = re.compile(r"\[\d+\]")
_AFTER_DATA = words(
    "sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews"
    " mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup"
    " headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing"
    " legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst"
)


def column_of(letters: str) -> int:
    """Return a column's number, 1 for A."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def letters_of(column: int) -> str:
    """Return a column's letters, A for 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def place_of(address: str) -> tuple[int, int] | None:
    """Return the row and column of a cell's address; None for what is none."""
    found = _ADDRESS.fullmatch(address)
    return (int(found[2]), column_of(found[1])) if found else None


class Cells:
    """The cells of a worksheet's tree by their places, also those that do not say where they are."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self._root, self._styles = root, styles
        data = child(root, "sheetData")
        if data is None:
            data = make(root, "sheetData")
            insert(root, data, _AFTER_DATA)
        self._data = data
        self._rows: dict[int, Any] = {}
        self._cells: dict[int, dict[int, Any]] = {}
        for number, row, column, cell in _walk(data):
            self._rows.setdefault(number, row)
            if cell is not None:
                self._cells.setdefault(number, {})[column] = cell
        self._numbers = sorted(self._rows)
        self._merged = list(_merged_areas(root))

    def tidy(self) -> None:
        """Take out what does not go back: hyperlinks, formulas over other files (their values stay), style numbers
        that the style table does not have."""
        for gone in children(self._root, "hyperlinks"):
            self._root.remove(gone)
        for name in ("oleObjects", "controls"):
            for gone in [e for e in self._root.iterdescendants() if isinstance(e.tag, str) and local(e) == name]:
                gone.getparent().remove(gone)
        shared = set()
        cells = [cell for row in self._cells.values() for cell in row.values()]
        for cell in cells:
            self._keep_known_style(cell, "s")
            formula = child(cell, "f")
            if formula is not None and _OUTSIDE.search(formula.text or ""):
                shared.add(formula.get("si"))
                cell.remove(formula)
        for cell in cells if shared - {None} else ():
            formula = child(cell, "f")
            if formula is not None and formula.get("si") in shared:
                cell.remove(formula)
        for row in self._rows.values():
            self._keep_known_style(row, "s")
        for columns in children(self._root, "cols"):
            for column in children(columns, "col"):
                self._keep_known_style(column, "style")

    def fill(self, place: tuple[int, int], severity: str) -> None:
        """Fill the cell, which is made when the sheet has none there."""
        cell = self._cell(place)
        cell.set("s", str(self._styles.mark_style(int(cell.get("s", "0")), severity)))

    def shown_place(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the place that shows a cell: of a merged area only the first one does."""
        for top, left, bottom, right in self._merged:
            if top <= place[0] <= bottom and left <= place[1] <= right:
                return top, left
        return place

    def _keep_known_style(self, element: Any, attribute: str) -> None:
        style = element.get(attribute)
        if style is not None and not (style.isdecimal() and int(style) < self._styles.sender_count):
            del element.attrib[attribute]

    def _cell(self, place: tuple[int, int]) -> Any:
        number, column = place
        row, cells = self._row(number), self._cells.setdefault(number, {})
        if column in cells:
            return cells[column]
        cell = make(row, "c", {"r": f"{letters_of(column)}{number}"})
        if row.get("s") and row.get("customFormat") in ("1", "true"):
            cell.set("s", row.get("s"))
        before = [known for known in cells if known < column]
        if before:
            cells[max(before)].addnext(cell)
        else:
            row.insert(0, cell)
        cells[column] = cell
        return cell

    def _row(self, number: int) -> Any:
        if number not in self._rows:
            row = make(self._data, "row", {"r": str(number)})
            place = bisect(self._numbers, number)
            if place:
                self._rows[self._numbers[place - 1]].addnext(row)
            else:
                self._data.insert(0, row)
            self._numbers.insert(place, number)
            self._rows[number] = row
        return self._rows[number]


def _walk(data: Any) -> Iterator[tuple[int, Any, int, Any | None]]:
    """Yield every row and cell with its place; what does not say it comes after the one before. Each is made to say
    it: a cell put in between would move it."""
    number = 0
    for row in children(data, "row"):
        stated = row.get("r", "")
        number = int(stated) if stated.isdecimal() else number + 1
        row.set("r", str(number))
        yield number, row, 0, None
        column = 0
        for cell in children(row, "c"):
            place = place_of(cell.get("r", ""))
            column = place[1] if place else column + 1
            cell.set("r", f"{letters_of(column)}{number}")
            yield number, row, column, cell


def _merged_areas(root: Any) -> Iterable[tuple[int, int, int, int]]:
    for area in (area for areas in children(root, "mergeCells") for area in children(areas, "mergeCell")):
        first, _, last = area.get("ref", "").partition(":")
        start, end = place_of(first), place_of(last or first)
        if start and end:
            yield *start, *end
