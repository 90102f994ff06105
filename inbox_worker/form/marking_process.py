"""Marks wrong cells in a sender's workbook in a process of its own; run by path (see protocol.py).

Request: `findings` (as in the journal), `submission`, `name`, `seconds`; the file is the sender's .xlsx, or empty:
then the answer holds the list of findings alone. Verdict: b'A' with the workbook. A file that openpyxl cannot
carry ends the process; the parent then asks for the list alone.

Cells stay as they were: numbers keep their very digits, dates stay the numbers they are in the file. Macros and
links do not go back. The same request gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

import openpyxl.reader.excel
import openpyxl.worksheet._reader
import openpyxl.writer.excel
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import coordinate_to_tuple, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from inbox_worker.form.protocol import LIST, run

AUTHOR = "inbox-worker"
_HEADERS = (
    ("№", 5), ("Лист · Парақ", 16), ("Строка · Жол", 9), ("Столбец · Баған", 10), ("Значение · Мәні", 20),
    ("Вес · Салмағы", 18), ("Причина", 46), ("Как исправить", 42), ("Себебі", 46), ("Қалай түзетуге болады", 42),
    ("Пункт · Тармақ", 10), ("Код", 22),
)  # fmt: skip
_EDGE = Side(style="thin", color="FFBFBFBF")
_LINE = 14.5  # points a line of text
_WEIGHTS = {"error": "ошибка · қате", "warning": "предупреждение · ескерту", "info": "к сведению · ақпарат"}
_FILLS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "info": "FFDDEBF7"}
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>inbox-worker</dc:creator></cp:coreProperties>'
)
_LONGEST = 8000  # characters of a comment or cell of ours

Found = dict[str, str]


class Faithful(openpyxl.reader.excel.ExcelReader):
    """Loads numbers as the characters they are: nothing becomes a date or loses its last digit."""

    wb: Any

    def read_worksheets(self) -> None:
        self.wb._date_formats = self.wb._timedelta_formats = set()
        super().read_worksheets()


class Still(zipfile.ZipFile):
    """A zip without clocks: every member dated alike, no word about who wrote it and when."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        name = str(getattr(zinfo_or_arcname, "filename", zinfo_or_arcname))
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        super().writestr(member, _CORE if name == "docProps/core.xml" else data)


class InMemory(openpyxl.writer.excel.ExcelWriter):
    """Writes sheets without temporary files: this process may not write any."""

    _archive: Any

    def write_worksheet(self, ws: Any) -> None:
        sink = io.BytesIO()
        writer: Any = WorksheetWriter(ws, sink)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], sink.getvalue())
        self.manifest.append(ws)


def clean(text: str) -> str:
    """Text that a workbook can hold."""
    return _FORBIDDEN.sub("\ufffd", text)[:_LONGEST]


def put(cell: Any, text: str) -> None:
    """A text, whatever it begins with: never a formula, also not after somebody edits the cell."""
    cell.value = clean(text)
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@"


def load(data: bytes) -> Workbook:
    """The sender's workbook as it was, without our marks of an earlier answer."""
    reader = Faithful(io.BytesIO(data), keep_vba=False, keep_links=False, rich_text=True)
    reader.read()
    book: Workbook = reader.wb
    for sheet in [s for s in book.worksheets if s.title.startswith(LIST)]:
        book.remove(sheet)
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):  # iter_rows() would make a cell of every empty place
            if cell.hyperlink is not None:
                cell.hyperlink = None
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment = None
    return book


def mark(book: Workbook, findings: Iterable[Found]) -> None:
    """Fills the cells that findings point at and says why in a comment."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    by_cell: dict[tuple[str, str], list[Found]] = {}
    for found in findings:
        if found["sheet"] in sheets and _CELL.fullmatch(found["cell"]):
            by_cell.setdefault((found["sheet"], found["cell"]), []).append(found)
    for (title, address), about in by_cell.items():
        cell = _first_of_merged(sheets[title], address)
        worst = min((f["severity"] for f in about), key=list(_FILLS).index)
        cell.fill = PatternFill("solid", fgColor=_FILLS[worst])
        words = [cell.comment.text] if cell.comment else []
        for f in about:
            words.append("\n".join((f["message"], f["remedy"], f["message_kk"], f["remedy_kk"])))
        comment = Comment(clean("\n\n".join(words)), cell.comment.author if cell.comment else AUTHOR)
        comment.width, comment.height = 360, 180
        cell.comment = comment


def _first_of_merged(sheet: Worksheet, address: str) -> Any:
    """The cell that shows: of a merged area only the first one does."""
    for area in sheet.merged_cells.ranges:
        if address in area:
            return sheet.cell(area.min_row, area.min_col)
    return sheet.cell(*coordinate_to_tuple(address))


def add_list(book: Workbook, findings: list[Found], submission: str, name: str) -> None:
    """The sheet of findings: where, what stood there, why it is wrong and how to mend it, in both languages."""
    title, place = LIST, 2
    while title in book.sheetnames:
        title, place = f"{LIST} {place}", place + 1
    sheet = book.create_sheet(title)
    put(sheet["A1"], f"{LIST}: {submission}")
    put(sheet["A2"], name)
    sheet["A1"].font = Font(bold=True, size=13)
    for column, (words, width) in enumerate(_HEADERS, 1):
        cell = sheet.cell(4, column)
        put(cell, words)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFD9D9D9")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = width
    looks = {severity: _look(sheet, fill) for severity, fill in {**_FILLS, "": ""}.items()}
    for place, found in enumerate(findings, 1):
        _add_row(sheet, place, found, looks)
    _lay_out(sheet)
    book.active = book.index(sheet)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet


def _add_row(sheet: Worksheet, place: int, found: Found, looks: Mapping[str, Any]) -> None:
    texts = (str(place), *_texts(found))
    for column, text in enumerate(texts, 1):
        cell: Any = sheet.cell(place + 4, column, place)
        cell._style = copy(looks[found["severity"] if column == 6 else ""])
        if column > 1:
            put(cell, text)
    sheet.row_dimensions[place + 4].height = _LINE * _lines(texts)


def _look(sheet: Worksheet, fill: str) -> Any:
    """How a cell of the list looks; openpyxl takes long to say the same of every cell anew."""
    cell: Any = sheet.cell(3, 1)
    cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), Border(bottom=_EDGE)
    cell.fill = PatternFill("solid", fgColor=fill) if fill else PatternFill()
    look = copy(cell._style)
    del sheet._cells[(3, 1)]
    return look


def _lay_out(sheet: Worksheet) -> None:
    """The header stays in sight, and a printed list is as wide as its page."""
    sheet.row_dimensions[4].height = 2 * _LINE
    sheet.freeze_panes = "A5"
    sheet.auto_filter.ref = f"A4:{get_column_letter(len(_HEADERS))}{sheet.max_row}"
    sheet.print_title_rows = "4:4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _lines(texts: Sequence[str]) -> int:
    """How many lines the longest text of a row needs in its column: not every program fits heights by itself."""
    return max(
        sum(-(-len(line) // (width - 2)) or 1 for line in text[:_LONGEST].split("\n"))
        for text, (_, width) in zip(texts, _HEADERS, strict=True)
    )


def _texts(found: Found) -> tuple[str, ...]:
    letters = found["cell"].rstrip("0123456789")
    return (
        found["sheet"], found["cell"][len(letters) :], letters, found["value"], _WEIGHTS[found["severity"]],
        found["message"], found["remedy"], found["message_kk"], found["remedy_kk"], found["clause"], found["code"],
    )  # fmt: skip


def answer(data: bytes, wanted: dict[str, Any]) -> tuple[bytes, bytes]:
    """The workbook that goes back."""
    book = load(data) if data else Workbook()
    if data:
        mark(book, wanted["findings"])
    else:
        book.remove(book.worksheets[0])
    add_list(book, wanted["findings"], wanted["submission"], wanted["name"])
    sink = io.BytesIO()
    with Still(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        InMemory(book, archive).write_data()
    return b"A", sink.getvalue()


if __name__ == "__main__":
    vars(openpyxl.worksheet._reader)["_cast_number"] = str  # numbers keep the characters that stand in the file
    run(answer)
