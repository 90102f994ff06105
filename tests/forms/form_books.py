"""Workbooks as customers make them, and what is told of a form."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import xlsxwriter
from odf.table import TableCell
from odf.text import P

from inbox_worker.core.model import FormTable

ROOT = Path(__file__).parents[2]
READINGS = ["Лицевой счёт", "Услуга", "№ прибора", "Предыдущее", "Текущее", "Дата снятия"]
RECALCULATIONS = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
MANY = 1_000  # rows of a sheet that `many` makes as large as eight times as many do
REGISTER = ["Банк (БИК)", "Дата приёма", "№ платежа", "Лицевой счёт", "БИН", "Услуга", "Сумма"]


def head(form: str, month: object = "09.2026") -> list[list[object]]:
    """The rows above a table."""
    return [
        ["Форма", form],
        ["Версия", "1"],
        ["БИН заказчика", "971240003619"],
        ["Заказчик", "ТОО «Жайлы үй»"],
        ["Месяц учёта", month],
        [],
    ]


def xlsx(*sheets: list[list[object]], first: tuple[int, int] = (0, 0), **options: object) -> bytes:
    """A workbook of rows, a sheet each; a value may be (value, number format)."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True, **options}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for r, row in enumerate(rows, first[0]):
                for c, value in enumerate(row, first[1]):
                    if isinstance(value, tuple):
                        sheet.write(r, c, value[0], book.add_format({"num_format": value[1]}))
                    elif value is not None:
                        sheet.write(r, c, value)
    return sink.getvalue()


def with_merge(data: bytes, area: str) -> bytes:
    """The workbook with a merged cell, under which the cells keep what they hold, as a painted format leaves it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            part, merge = archive.read(name), f'<mergeCells count="1"><mergeCell ref="{area}"/></mergeCells>'
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"</sheetData>", b"</sheetData>" + merge.encode())
            copy.writestr(name, part)
    return sink.getvalue()


def many(data: bytes) -> bytes:
    """The workbook, whose sheet is too large to be parsed whatever it holds, by blanks after its last row: only signs
    are looked for. Its texts are letters, as Excel writes them: references to characters, as openpyxl writes them, are
    signs themselves."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb"&#(\d+);", lambda found: chr(int(found[1])).encode(), part)
                part = part.replace(b"</row></sheetData>", b"</row>" + b" \n" * 500_000 + b"</sheetData>")
                assert len(part) > 1_000_000
            copy.writestr(name, part)
    return sink.getvalue()


def ods_cell(value: object, **looks: str) -> TableCell:
    """A cell of an .ods: a number, or a text; `looks`: the name of its style."""
    number = {"valuetype": "float", "value": value} if isinstance(value, float) else {"valuetype": "string"}
    cell = TableCell(**looks, **number)
    cell.addElement(P(text=str(value)))
    return cell


def told(table: FormTable) -> list[tuple[str, str, str]]:
    """Code, cell and value of each finding."""
    return [(f.code, f.cell, f.value) for f in table.findings]
