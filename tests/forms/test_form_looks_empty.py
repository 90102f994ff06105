"""Cells that look empty or like zero and are not: a price for one house never becomes one for all (4.1.15)."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
import xlwt
from form_books import READINGS, REGISTER, head, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

TARIFFS = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
UNDELIVERED = ["Лицевой счёт", "Код дома", "Услуга", "С", "По", "Дней", "Причина"]
Rows = list[list[object]]


class Formula(str):
    """A formula whose saved result is an empty text."""


class Result(float):
    """The number that a formula gives."""


def in_xlsx(rows: Rows) -> bytes:
    """As Excel keeps it: an empty result is there, and nothing waits for a calculation, as xlsxwriter says."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, Formula):
                    sheet.write_formula(r, c, '=IFERROR(1/0,"")', None, "@@")
                elif isinstance(value, Result):
                    sheet.write_formula(r, c, "=Z1*2", None, float(value))
                elif value is not None:
                    sheet.write(r, c, value)
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sink.getvalue())) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            part = source.read(name).replace(b' fullCalcOnLoad="1"', b"")
            target.writestr(name, part.replace(b"<v>@@</v>", b"<v></v>"))
    return kept.getvalue()


def in_xls(rows: Rows) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Лист1")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, xlwt.Formula('IF(1;"";"")') if isinstance(value, Formula) else value)
    book.save(sink)
    return sink.getvalue()


def in_ods(rows: Rows) -> bytes:
    document, sheet, sink = OpenDocumentSpreadsheet(), Table(name="Лист1"), io.BytesIO()
    for row in rows:
        line = TableRow()
        for value in row:
            number = isinstance(value, int | float)
            cell = TableCell(valuetype="float", value=value) if number else TableCell(valuetype="string")
            if isinstance(value, Formula):
                cell = TableCell(valuetype="string", formula='of:=IFERROR(1/0;"")')
            cell.addElement(P(text="" if value is None else str(value)))
            line.addElement(cell if value is not None else TableCell())
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(sink)
    return sink.getvalue()


FORMATS = {"xlsx": in_xlsx, "xls": in_xls, "ods": in_ods}
every_format = pytest.mark.parametrize("kind", FORMATS)
PAYMENT = ["CASPKZKA", "05.09.2026", "70011", "10020030", "971240003619", "Отопление", 5000]


def changed(row: list[object], at: int, value: object) -> list[object]:
    return [*row[:at], value, *row[at + 1 :]]


@every_format
@pytest.mark.parametrize(
    ("form", "headers", "row", "at"),
    [
        ("tariffs", TARIFFS, ["Лифт", "A-001", "чел.", 46.5, "09.2026", "акт"], 1),
        ("undelivered", UNDELIVERED, ["1", "A-001", "Отопление", "03.08.2026", "07.08.2026", 5, "авария"], 0),
        ("bank_register", REGISTER, PAYMENT, 4),
        ("bank_register", REGISTER, PAYMENT, 5),
    ],
)
def test_a_cell_that_only_looks_empty_is_never_everything(
    read, kind: str, form: str, headers: list[object], row: list[object], at: int
) -> None:
    cell = "ABCDEFG"[at] + "8"
    book = [*head(form), headers, changed(row, at, Formula())]
    found = [f for f in told(read(FORMATS[kind](book), f"форма.{kind}")) if f[0] != "workbook.formulas"]
    worked_out = kind != "xls"  # xlwt works nothing out
    assert {code for code, *_ in found} == {"value.blank_formula" if worked_out else "value.formula_empty"}
    assert found[0][1] == cell
    unseen = [*head(form), headers, changed(row, at, "\u200b\ufeff")]
    assert told(read(FORMATS[kind](unseen), f"форма.{kind}")) == [("value.unseen", cell, "")]
    for blank in (None, " ", "\u00a0"):
        assert told(read(FORMATS[kind]([*head(form), headers, changed(row, at, blank)]), f"форма.{kind}")) == []


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_note_and_a_number_beside_may_look_empty(read, kind: str) -> None:
    row = ["1", None, "Отопление", "03.08.2026", "07.08.2026", 5, Formula()]
    assert [c for c, *_ in told(read(FORMATS[kind]([*head("undelivered"), UNDELIVERED, row]), f"форма.{kind}"))] == [
        "workbook.formulas"
    ]


def tariffs(*values: object) -> Rows:
    services = ["Лифт", "Домофон", "Уборка подъездов"]
    rows = [[services[at], "A-001", "кв.", value, "09.2026", "акт"] for at, value in enumerate(values)]
    return [*head("tariffs"), TARIFFS, *rows]


def test_prices_of_a_file_that_was_never_calculated_are_refused(read) -> None:
    found = [f for f in read(in_xlsx(tariffs(31.5, Result(0), Result(0)))).findings if f.code != "workbook.formulas"]
    assert [(f.code, f.cell, f.facts["count"]) for f in found] == [("value.never_calculated", "D9", "2")]


def test_a_zero_beside_other_results_is_worked_out(read) -> None:
    assert ("value.formula_zero", "D8", "0") in told(read(in_xlsx(tariffs(Result(0), Result(31.5)))))


def test_a_zero_formula_where_a_number_may_lack_is_only_told(read) -> None:
    row = ["10020030", "Холодная вода", "С-1", Result(0), 5, "20.08.2026"]
    assert ("value.formula_zero", "D8", "0") in told(read(in_xlsx([*head("meter_readings"), READINGS, row])))


def test_an_unseen_cell_where_a_value_must_stand_is_missing(read) -> None:
    assert told(read(xlsx(tariffs("\u200b")))) == [("value.missing", "D8", "")]
