"""The sheets of a workbook of any kind: calamine's values under what our own look through its records tells."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import python_calamine

from inbox_worker.form import csv_cells, ods_cells
from inbox_worker.form.cells import Look, TooLarge, Unseen, as_cell
from inbox_worker.form.xlsx_parts import Package, Parts, package, styles_of, usual

_Looks = dict[str, Look]


@dataclass(frozen=True)
class SheetCells:
    """A sheet's rows from `place["row"]` and `column` (0-based) on, and its marks. `code`: the format of its dates,
    when there is one only."""

    place: dict[str, Any]
    rows: Iterable[list[Any]]
    look: Look = field(default_factory=Look)
    column: int = 0
    code: str = ""


def sheets(data: bytes, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    """Every sheet with cells. Raises what `reader_process.answer` knows."""
    kind = wanted["kind"]
    if kind == "encrypted":
        from inbox_worker.form.unlocking import unlock

        data, kind = unlock(data), "xlsx"
    if kind == "csv":
        yield SheetCells(_place(0, "", False, 1), csv_cells.rows_of(data, wanted))
    elif kind == "xls":
        yield from _of_xls(data, wanted)
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > wanted["unpacked"]:
                raise TooLarge
            yield from _of_ods(archive, wanted) if kind == "ods" else _of_xlsx(data, archive, wanted)


def _place(index: int, name: str, hidden: bool, row: int) -> dict[str, Any]:
    return {"sheet": index, "name": name, "hidden": hidden, "row": row}


def _of_ods(archive: zipfile.ZipFile, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    for index, sheet in enumerate(ods_cells.sheets_of(Parts(archive), wanted)):
        if sheet.rows:
            yield SheetCells(_place(index, sheet.name, sheet.hidden, 1), sheet.whole_rows(), sheet.look)


def _of_xlsx(data: bytes, archive: zipfile.ZipFile, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    parts = Parts(archive)
    found = package(parts)
    looks, codes = _looks(parts, found, wanted)
    code = codes.pop() if len(codes) == 1 else ""
    with python_calamine.load_workbook(io.BytesIO(usual(parts, found) if found.odd else data)) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                if meta.name not in looks:
                    raise Unseen(meta.name)
                yield from _of_calamine(book, index, looks[meta.name], wanted, code)


def _looks(parts: Parts, found: Package, wanted: dict[str, Any]) -> tuple[_Looks, set[str]]:
    """The marks of every worksheet, and the formats that make dates of numbers."""
    from inbox_worker.form import xlsb_look, xlsx_look

    worksheets = {path for _, kind, path in found.relations if kind == "worksheet"}
    if found.binary:
        styles = xlsb_look.styles_of(parts, found)
        named = {name: path for name, path in xlsb_look.sheets_of(parts, found).items() if path in worksheets}
        looks = {name: xlsb_look.look_through(parts, path, styles, wanted, name) for name, path in named.items()}
        return looks, set(styles.dated.values())
    styles, looks = styles_of(parts, found), {}
    for name, path in found.sheets.items():
        if path in worksheets:
            looks[name] = xlsx_look.look_through(parts, path, styles, wanted, name)
            if found.not_calculated:
                looks[name].nobody_calculated()
    return looks, set(styles.dated.values())


def _of_xls(data: bytes, wanted: dict[str, Any]) -> Iterator[SheetCells]:
    from inbox_worker.form import xls_look
    from inbox_worker.form.xls_words import respelled

    if xls_look.is_locked(data):
        from inbox_worker.form.unlocking import unlock

        data = unlock(data)
    data = xls_look.mend(data)
    looks = xls_look.look_through(data, wanted)
    found: list[SheetCells] = []
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                if index >= len(looks):
                    raise Unseen(meta.name)
                found += _of_calamine(book, index, looks[index], wanted, "")
    yield from respelled(found, frozenset(wanted.get("words", ())))


def _of_calamine(book: Any, index: int, look: Look, wanted: dict[str, Any], code: str) -> Iterator[SheetCells]:
    """One sheet's values, with its marks in their places."""
    meta, sheet = book.sheets_metadata[index], book.get_sheet_by_index(index)
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    if sheet.start is None or sheet.end is None:
        rows: Iterator[list[Any]] = iter(())
        top = left = 0
    else:
        (top, left), (bottom, right) = sheet.start, sheet.end
        csv_cells.check_extent(bottom + 1, right + 1, wanted)
        # iter_rows begins at row 1 of the sheet but at the first used column
        rows = itertools.islice(sheet.iter_rows(), top, None)
    if look.numbers >= 0:
        rows = _counted(rows, look, meta.name)
    if look.cells or look.dated:
        top, left, rows = _marked(rows, top, left, look, wanted)
    first = next(rows, None)
    if first is not None:
        place = _place(index, meta.name, hidden, top + 1)
        yield SheetCells(place, itertools.chain([first], rows), look, left, code)


def _counted(rows: Iterator[list[Any]], look: Look, name: str) -> Iterator[list[Any]]:
    """The rows. Raises Unseen after the last one when numbers of the sheet are not among them."""
    count = 0
    for row in rows:
        count += sum(type(value) is not str and value is not None for value in row)
        yield row
    if count < look.numbers:
        raise Unseen(name)


def _marked(
    rows: Iterator[list[Any]], top: int, left: int, look: Look, wanted: dict[str, Any]
) -> tuple[int, int, Iterator[list[Any]]]:
    """Rows with the marks in their places; a rectangle wide enough for those that calamine does not reach."""
    first = next(rows, None)
    width = len(first) if first is not None else 0
    columns = sorted(look.cells)
    if columns:
        start = min(left, columns[0]) if width else columns[0]
        end = max(left + width, columns[-1] + 1)
    else:
        start, end = left, left + width
    before, after = (left - start if width else 0), end - max(left + width, start)
    by_row: dict[int, dict[int, Any]] = {}
    for column, cells in look.cells.items():
        for row, cell in cells.items():
            by_row.setdefault(row, {})[column] = cell
    marked_top = min((row - 1 for row in by_row), default=top)
    real_top = min(top, marked_top) if first is not None else marked_top
    last = max(by_row, default=0)
    csv_cells.check_extent(last, end, wanted)
    if not width:
        before, after = 0, end - start

    def run() -> Iterator[list[Any]]:
        number = real_top
        blank = [[""] * (end - start) for _ in range(top - real_top)] if first is not None else []
        values = itertools.chain(blank, ([""] * before + row + [""] * after for row in _again(first, rows)))
        for values_there in values:
            number += 1
            yield _one(values_there, number, start, look, by_row.get(number))
        while number < last:
            number += 1
            yield _one([""] * (end - start), number, start, look, by_row.get(number))

    return real_top, start, run()


def _again(first: list[Any] | None, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    return itertools.chain([first], rows) if first is not None else iter(())


def _one(row: list[Any], number: int, start: int, look: Look, cells: dict[int, Any] | None) -> list[Any]:
    """A row with its dates and marks."""
    for column, dated in look.dated.items():
        if (known := dated.get(number)) and 0 <= column - start < len(row):
            row[column - start] = as_cell(row[column - start], known, known[1])
    for column, cell in (cells or {}).items():
        row[column - start] = cell
    return row
