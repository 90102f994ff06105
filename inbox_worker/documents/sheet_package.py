"""Packs streamed workbooks. Wraps the last steps of xlsxwriter.

By itself it copies a sheet's rows letter by letter into one more file and packs them with effort 6 of 9: both take
longer than to make the rows. With effort 1 a statement is a third larger.
"""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager
from xlsxwriter.worksheet import Worksheet

_EFFORT = 1
_SMALL = 20_000  # rows: up to here the parts of a kept book are put together in memory, not in files
_PIECE = 1 << 20  # bytes copied at once
_LARGE = 1 << 30  # of a sheet: more may need what zip files of over 2 GiB have


class StreamedBook(Workbook):  # type: ignore[misc]
    """A workbook whose rows go to files in the order in which they come; closing it writes it into `target`."""

    def __init__(self, target: BinaryIO, options: dict[str, Any]) -> None:
        super().__init__(BytesIO(), {**options, "constant_memory": True})
        self.in_memory = True  # the parts without their rows
        self.worksheet_class = _StreamedSheet
        self._target = target

    def _get_packager(self) -> Packager:
        return _StreamedPackager(self._target)


def kept_book(target: BinaryIO, options: dict[str, Any], rows: int) -> Workbook:
    """Return a workbook that is known by its bytes, those of the ledger: packed by xlsxwriter itself, as ever. `rows`:
    of its longest sheet."""
    book = Workbook(target, {**options, "constant_memory": True})
    book.in_memory = rows <= _SMALL
    return book


class _StreamedSheet(Worksheet):  # type: ignore[misc]
    rows_at = 0  # where the rows belong in the sheet's part

    def _write_optimized_sheet_data(self) -> None:
        """Leave the rows in their file, which is packed into this place."""
        self._xml_start_tag("sheetData")
        self.rows_at = self.fh.tell()
        self._xml_end_tag("sheetData")
        self._opt_close()

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        """Return a formula without its sign: ours use no function that thirty searches have to find a name for."""
        return formula.removeprefix("=")

    @staticmethod
    def _escape_control_characters(data: Any) -> Any:
        """Return a text of several fonts as it is: xlsxwriter wrote each of its parts with what must be escaped."""
        written = isinstance(data, str) and data.startswith("<r>") and data.endswith("</r>")
        return data if written else Worksheet._escape_control_characters(data)  # noqa: SLF001


class _StreamedPackager(Packager):  # type: ignore[misc]
    def __init__(self, target: BinaryIO) -> None:
        super().__init__()
        self._target = target

    def _create_package(self) -> list[Any]:
        """Make the parts, pack them into the target, and leave none to xlsxwriter."""
        parts = super()._create_package()
        sheets = {f"xl/worksheets/sheet{sheet.index + 1}.xml": sheet for sheet in self.workbook.worksheets()}
        with ZipFile(self._target, "w", ZIP_DEFLATED, compresslevel=_EFFORT) as packed:
            for made, name, _ in parts:
                _pack(packed, name, made.getvalue(), sheets.get(name))
        return []


def _pack(packed: ZipFile, name: str, text: str, sheet: _StreamedSheet | None) -> None:
    """Pack a part, of a sheet with its rows. It has the first day of such files: the same data give the same bytes."""
    rows = Path(sheet.row_data_filename) if sheet else None
    large = rows is not None and rows.stat().st_size > _LARGE
    with packed.open(name, "w", force_zip64=large) as part:
        if sheet is None or rows is None:
            part.write(text.encode())
            return
        part.write(text[: sheet.rows_at].encode())
        with rows.open("rb") as source:
            shutil.copyfileobj(source, part, _PIECE)
        part.write(text[sheet.rows_at :].encode())
    rows.unlink()
