"""4.1.15: numbers that can be read in two ways, or that their cells show as others, are refused and never guessed."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
import xlwt
from form_books import READINGS, RECALCULATIONS, head, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = list[list[object]]


def text(rows: Rows, delimiter: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode()


def sums(*written: object) -> Rows:
    rows = [["10020030", "Лифт", "06.2026", value, f"акт {place}"] for place, value in enumerate(written)]
    return [*head("recalculations"), RECALCULATIONS, *rows]


def readings(*written: object) -> Rows:
    rows = [["10020030", "Холодная вода", f"С-{n}", None, value, "20.08.2026"] for n, value in enumerate(written)]
    return [*head("meter_readings"), READINGS, *rows]


@pytest.mark.parametrize("kind", ["xlsx", ";", ","])
def test_money_with_three_digits_after_its_sign_may_be_thousands(read, kind: str) -> None:
    rows = sums("-1,250", "-1.250", "(5,000)", "-1250,500", "-0,500", "-2,50", "-1 250,500")
    table = read(xlsx(rows)) if kind == "xlsx" else read(text(rows, kind), "форма.csv")
    bad = [
        ("value.ambiguous_thousands", f"D{row}", value) for row, value in enumerate(("-1,250", "-1.250", "(5,000)"), 8)
    ]
    assert told(table) == bad
    assert (table.findings[0].facts["small"], table.findings[0].facts["large"]) == ("-1,25", "-1250")
    assert table.rows["amount"].to_pylist()[3:] == [Decimal(v) for v in ("-1250.50", "-0.50", "-2.50", "-1250.50")]


def test_quantity_with_three_digits_is_a_fraction_unless_the_file_says_otherwise(read) -> None:
    assert read(xlsx(readings("1,250", "7,5"))).rows["current"].to_pylist() == [Decimal("1.250"), Decimal("7.500")]
    assert told(read(text(readings("1,250"), ";"), "форма.csv")) == []
    assert told(read(text(readings("1.250", "1,5"), ","), "форма.csv")) == [
        ("value.ambiguous_thousands", "E8", "1.250")
    ]
    assert told(read(text(readings("1,250"), ","), "форма.csv")) == [("value.ambiguous_thousands", "E8", "1,250")]
    assert told(read(xlsx(readings("1,250", "500.5")))) == [("value.ambiguous_thousands", "E8", "1,250")]


def test_a_number_that_is_no_text_is_what_it_is(read) -> None:
    assert read(xlsx(sums((-1250.0, "#,##0"), -5.0))).rows["amount"].to_pylist() == [
        Decimal("-1250.00"),
        Decimal("-5.00"),
    ]


def in_ods(rows: Rows) -> bytes:
    """A value may be (number, format): the cell shows what LibreOffice shows by it."""
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    for row in rows:
        line = TableRow()
        for value in row:
            number = value[0] if isinstance(value, tuple) else value
            is_number = isinstance(number, int | float)
            cell = TableCell(valuetype="float", value=number) if is_number else TableCell(valuetype="string")
            shown = SHOWN_ALL[value] if isinstance(value, tuple) else str(number)
            if number is not None:
                cell.addElement(P(text=shown))
            line.addElement(cell if number is not None else TableCell())
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    return sink.getvalue()


def in_xls(rows: Rows) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Лист")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, tuple):
                sheet.write(r, c, value[0], xlwt.easyxf(num_format_str=value[1]))
            elif value is not None:
                sheet.write(r, c, value)
    book.save(sink)
    return sink.getvalue()


SHOWN = {
    (-1.5, '0.0" тыс."'): "-1,5 тыс.", (100.5, '"-"0.00'): "-100,50", (-2500.0, "0.00,"): "-2,50",
    (-7.0, '0.00" руб."'): "-7,00 руб.", (-7.0, '0" МВт·ч"'): "-7 МВт·ч", (-7.0, "0.00;0.00"): "7,00",
    (-7.0, '0"%"'): "-7%", (5.0, '0"000"'): "5000", (-7.0, '0;"нет"'): "нет",
}  # fmt: skip
ORDINARY = {
    (-1234.5, "#,##0.00"): "-1 234,50", (-1234.5, "#,##0.00 ₸"): "-1 234,50 ₸", (-5.0, '0.00" м³"'): "-5,00 м³",
    (-1234.5, "_-* #,##0.00_-;\\-* #,##0.00_-"): "-1 234,50 ", (-5.5, "[Red]-0.00"): "-5,50",
    (5.5, "+0.00;-0.00"): "+5,50", (-5.5, "0.00_);(0.00)"): "(5,50)",
    (-5.5, "0.00;[Red]-0.00"): "-5,50", (-5.5, "0.0"): "-5,5", (-0.5, "0"): "-1",
    (-1234.0, "#,##0.00[$ тг-43F]"): "-1 234,00 тг",
}  # fmt: skip
MAKERS = pytest.mark.parametrize(("kind", "make"), [("xlsx", xlsx), ("xls", in_xls), ("ods", in_ods)])
SHOWN_ALL = SHOWN | ORDINARY


@MAKERS
def test_a_number_that_its_format_shows_as_another_is_refused(read, kind: str, make) -> None:
    table = read(make(sums(*SHOWN)), f"a.{kind}")
    assert [f.code for f in table.findings] == ["value.shown_otherwise"] * len(SHOWN)
    assert [f.value for f in table.findings] == [str(n).replace(".0", "").replace(".", ",") for n, _ in SHOWN]
    assert "тыс" in table.findings[0].facts["format"] and table.rows["amount"].null_count == len(SHOWN)


@MAKERS
def test_formats_that_people_use_are_no_matter(read, kind: str, make) -> None:
    table = read(make(sums(*ORDINARY)), f"a.{kind}")
    assert told(table) == []
    assert table.rows["amount"].to_pylist() == [Decimal(str(number)) for number, _ in ORDINARY]


def test_among_many_rows_such_a_format_is_found(read) -> None:
    table = read(xlsx(sums(*[-5.0] * 30_000, (-1.5, '0.0" тыс."'))))
    assert told(table) == [("value.shown_otherwise", "D30008", "-1,5")]
