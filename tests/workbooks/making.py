"""How the odd workbooks are made: sheets of rows, and surgery on the XML of a sound one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from csv import writer
from datetime import datetime

import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = Sequence[Sequence[object]]
STAMP = datetime(2026, 8, 1)  # noqa: DTZ001 - workbooks know no zones


def xlsx(*sheets: Rows, names: Sequence[str] = (), hide: Sequence[int] = (), **options: object) -> bytes:
    """A workbook as Excel writes it, a sheet of rows each; a value may be (value, number format), or a
    formula: (text,), with the zero that XlsxWriter saves for it."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        book.set_properties({"created": STAMP})
        for place, rows in enumerate(sheets):
            sheet = book.add_worksheet(names[place] if names else None)
            if place in hide:
                sheet.hide()
            elif place == len(hide):
                sheet.activate()
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, tuple) and len(value) == 1:
                        sheet.write_formula(r, c, value[0])
                    elif isinstance(value, tuple):
                        sheet.write(r, c, value[0], book.add_format({"num_format": value[1]}))
                    elif value is not None:
                        sheet.write(r, c, value)
    return sink.getvalue()


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def saved(book: openpyxl.Workbook) -> bytes:
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip whose members are all dated alike."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, (2026, 8, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return sink.getvalue()


def operated(data: bytes, old: str, new: str, member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The workbook with a piece of its XML replaced; the piece must be there."""
    parts = members(data)
    text = parts[member].decode()
    assert old in text, (old, text[:600])
    return zipped({**parts, member: text.replace(old, new).encode()})


def xls(*sheets: Rows, hide: Sequence[int] = (), date_1904: bool = False) -> bytes:
    """A workbook of Excel 97, a sheet of rows each; a value may be (value, number format)."""
    book = xlwt.Workbook()
    book.dates_1904 = date_1904
    for place, rows in enumerate(sheets):
        sheet = book.add_sheet(f"Данные {place}" if place else "Данные")
        sheet.visibility = int(place in hide)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, tuple):
                    sheet.write(r, c, value[0], xlwt.easyxf(num_format_str=value[1]))
                elif value is not None:
                    sheet.write(r, c, value)
    book.active_sheet = len(hide)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def ods(rows: Rows) -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Данные")
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, int | float):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string") if value else TableCell()
            if value is not None:
                cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def csv(rows: Rows, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Numbers with a decimal comma where the delimiter is none."""

    def written(value: object) -> str:
        text = "" if value is None else str(value)
        return text.replace(".", ",") if isinstance(value, float) and delimiter != "," else text

    sink = io.StringIO(newline="")
    writer(sink, delimiter=delimiter).writerows([written(value) for value in row] for row in rows)
    return sink.getvalue().encode(encoding)
