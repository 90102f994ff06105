"""The text of a cell as its sender wrote it, with the rows beside it: read again out of the archive."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from typing import Self

from inbox_worker.core.files import read_file
from inbox_worker.core.hashes import difference
from inbox_worker.explain.tree import SourceCell
from inbox_worker.forms.recognise import known_words
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import ArchiveDamaged, file_of
from inbox_worker.workbooks.cell_values import column_of, letters
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import Unreadable, glance
from inbox_worker.workbooks.sheet import Sheet

_BESIDE = 2  # rows shown before and after
_WIDEST = 12  # columns shown


class Originals(AbstractContextManager["Originals"]):
    """Reads cells of forms in the archive, each workbook once. Used in a `with`."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._reader = CellReader(office.rules.limits)
        self._sheets = cache(self._read_sheets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def fill(self, cell: SourceCell) -> SourceCell:
        """Return a cell with what stands in it and the rows around; as it is where the file has no such cell, or is
        not what came any more."""
        sheet = self._sheets(cell.submission).get(cell.sheet)
        if sheet is None or not cell.column:
            return cell
        _, column = column_of(f"{cell.column}1")
        place = cell.row - sheet.first_row
        if column not in sheet.columns or not 0 <= place < sheet.height:
            return cell
        first = max(0, min(column - _WIDEST // 2, max(sheet.columns) - _WIDEST + 1))
        shown = range(first, first + min(_WIDEST, max(sheet.columns) + 1))
        rows = range(max(0, place - _BESIDE), min(sheet.height, place + _BESIDE + 1))
        around = tuple(
            (sheet.first_row + row, tuple(sheet.text(at, row) if at in sheet.columns else "" for at in shown))
            for row in rows
        )
        heads = (0, tuple(map(letters, shown)))
        return replace(cell, value=sheet.text(column, place), around=(heads, *around))

    def _read_sheets(self, submission: str) -> dict[str, Sheet]:
        office = self._office
        record = office.journal.submissions.get(submission)
        if record is None:
            return {}
        arrival = office.journal.arrivals.get(record.arrival)
        path = office.home.archive / arrival.raw
        if difference(path, arrival.sha256):
            return {}
        try:
            file = file_of(arrival, read_file(path), record, office.rules)
            seen = glance(file.data, file.name, office.rules.limits)
            if seen.findings:
                return {}
            book = self._reader.read(file.data, seen.kind.value, words=known_words(office.rules))
        except (ArchiveDamaged, Unreadable):
            return {}
        return {sheet.name: sheet for sheet in book.sheets}
