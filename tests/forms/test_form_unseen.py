"""4.1.15: what nobody sees on the sheet is not posted unsaid: text of its fill's colour, or next to no size."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlwt
from form_books import MANY, RECALCULATIONS, head, many, ods_cell, told, xlsx
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableCellProperties, TableRowProperties, TextProperties
from odf.table import Table, TableRow
from openpyxl.styles import Color, Font, PatternFill

from inbox_worker.workbooks.unseen_text import UnseenText

ROWS: list[list[Any]] = [
    *head("recalculations"), RECALCULATIONS,
    *[[f"1002003{n}", "Лифт", "06.2026", -10.0 - n, f"акт {n}"] for n in range(3)],
]  # fmt: skip
WHITE, GREEN = Color(rgb="FFFFFFFF"), Color(rgb="FF00B050")


def looking(font: Font, fill: Color | None = None, kind: str = "solid", further: int = 0) -> bytes:
    more = [["10020030", "Лифт", "06.2026", -10.0, f"акт {n}"] for n in range(9, further)]
    book, sink = openpyxl.load_workbook(io.BytesIO(xlsx([*ROWS, *more]))), io.BytesIO()
    for column in range(1, 6):
        book.active.cell(9, column).font = font
        if fill:
            book.active.cell(9, column).fill = PatternFill(kind, fgColor=fill)
    book.save(sink)
    return sink.getvalue()


UNSEEN = ("cells.unseen", "A9", "10020031")


@pytest.mark.parametrize(
    ("font", "fill"),
    [
        (Font(color=WHITE), None),
        (Font(color=Color(theme=0)), None),
        (Font(color=Color(indexed=9)), None),
        (Font(color=Color(rgb="FFFDFDFD")), WHITE),
        (Font(color=GREEN), GREEN),
        (Font(color=Color(theme=4, tint=0.4)), Color(theme=4, tint=0.4)),
        (Font(size=1), None),
    ],
)
def test_a_row_that_nobody_sees_is_read_and_told(read, font: Font, fill: Color | None) -> None:
    table = read(looking(font, fill))
    assert told(table) == [("cells.unseen", "A9", "10020031")]
    assert table.findings[0].facts["cells"] == "A9, B9, C9, D9, E9"


def test_among_many_rows_it_is_told_too(read) -> None:
    assert told(read(many(looking(Font(color=WHITE), further=MANY))))[0] == UNSEEN


@pytest.mark.parametrize(
    ("font", "fill"),
    [
        (Font(color=WHITE), GREEN),
        (Font(color=Color(theme=0)), Color(theme=4)),
        (Font(color=Color(theme=1)), None),
        (Font(color=GREEN), None),
        (Font(color=Color(theme=0, tint=-0.5)), None),
        (Font(size=6), None),
    ],
)
def test_what_is_seen_is_not_told(read, font: Font, fill: Color | None) -> None:
    assert told(read(looking(font, fill))) == []


@pytest.mark.quick("0-0.5-True", "0-2-True", "0-2.25-False", "0-12-False", "1000-2-True")
@pytest.mark.parametrize(("height", "hidden"), [(0.5, True), (2, True), (2.25, False), (12, False)])
@pytest.mark.parametrize("further", [0, MANY])
def test_a_row_of_next_to_no_height_is_hidden(read, height: float, hidden: bool, further: int) -> None:
    book, sink = openpyxl.load_workbook(io.BytesIO(looking(Font(), further=further))), io.BytesIO()
    book.active.row_dimensions[9].height = height
    book.save(sink)
    data = many(sink.getvalue()) if further else sink.getvalue()
    assert (("rows.hidden", "A9", "9") in told(read(data))) == hidden


SEEN_OR_NOT = [
    ({"colour": "white"}, True),
    ({"colour": "white", "under": "light_green"}, False),
    ({"colour": "light_green", "under": "light_green"}, True),
    ({"colour": "black"}, False),
    ({"size": 1}, True),
    ({"size": 6}, False),
    ({"height": 1}, None),
]
RGB = {"white": "#ffffff", "light_green": "#ccffcc", "black": "#000000"}


def in_xls(colour: str = "black", under: str = "", size: float = 10, height: float = 12) -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    sheet, plain = book.add_sheet("Лист"), xlwt.easyxf("font: colour black")
    fill = f"pattern: pattern solid, fore_colour {under}; " if under else ""
    odd = xlwt.easyxf(f"{fill}font: colour {colour}, height {size * 20}")
    for r, row in enumerate(ROWS, 1):
        for c, value in enumerate(row):
            sheet.write(r - 1, c, value, odd if r == 9 else plain)
    sheet.row(8).height, sheet.row(8).height_mismatch = height * 20, True
    book.save(sink)
    return sink.getvalue()


def in_ods(colour: str = "", under: str = "", size: float = 10, height: float = 12) -> bytes:
    """The colours stand in a style of the workbook, the cell's own one hangs on it, as LibreOffice writes them."""
    book, table, sink = OpenDocumentSpreadsheet(), Table(name="Лист"), io.BytesIO()
    above, own = Style(name="Odd", family="table-cell"), Style(name="ce1", family="table-cell", parentstylename="Odd")
    above.addElement(TextProperties(fontsize=f"{size}pt", **({"color": RGB[colour]} if colour else {})))
    own.addElement(TableCellProperties(**({"backgroundcolor": RGB[under]} if under else {})))
    low = Style(name="ro1", family="table-row")
    low.addElement(TableRowProperties(rowheight=f"{height / 28.35:.3f}cm"))
    book.styles.addElement(above)
    for style in (own, low):
        book.automaticstyles.addElement(style)
    for r, row in enumerate(ROWS, 1):
        line = TableRow(**({"stylename": "ro1"} if r == 9 else {}))
        for value in row:
            line.addElement(ods_cell(value, **({"stylename": "ce1"} if r == 9 else {})))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize(("kind", "make"), [("xls", in_xls), ("ods", in_ods)])
@pytest.mark.parametrize(("looks", "unseen"), SEEN_OR_NOT)
def test_so_it_is_in_workbooks_of_other_programs(
    read, kind: str, make: Callable[..., bytes], looks: dict[str, Any], unseen: bool | None
) -> None:
    found = told(read(make(**looks), f"a.{kind}"))
    assert found == {True: [UNSEEN], False: [], None: [("rows.hidden", "A9", "9")]}[unseen]


def test_odd_styles_are_no_damage() -> None:
    """What a program wrote as a colour or a size does not keep a form from being read."""
    seen = UnseenText()
    for name, attrs in [
        ("color", {"theme": "0"}), ("fgColor", {}), ("patternFill", {}), ("sz", {"val": "11pt"}), ("font", {}),
        ("sz", {"val": ""}), ("color", {"theme": "x", "tint": "light"}), ("fill", {}),
        ("patternFill", {"patternType": "solid"}), ("fgColor", {"indexed": "-"}),
    ]:  # fmt: skip
        seen.take(name, attrs)
    assert not seen.is_unseen(0, 0) and not seen.is_unseen(7, 7)


def red_sum(kind: str, colour: str, amount: float) -> bytes:
    """A correction whose sum, and nothing else, has that colour: RRGGBB."""
    rows = [*head("recalculations"), RECALCULATIONS, ["10020030", "Лифт", "06.2026", amount, "акт"]]
    sink = io.BytesIO()
    if kind == "xls":
        book, style = xlwt.Workbook(), xlwt.easyxf(f"font: colour {'red' if colour == 'FF0000' else 'blue'}")
        page = book.add_sheet("Лист1")
        for place, row in enumerate(rows):
            for at, value in enumerate(row):
                page.write(place, at, value, *([style] if value == amount else []))
        book.save(sink)
    elif kind == "ods":
        text = OpenDocumentSpreadsheet()
        text.automaticstyles.addElement(red := Style(name="red", family="table-cell"))
        red.addElement(TextProperties(color=f"#{colour}"))
        text.spreadsheet.addElement(table := Table(name="Лист1"))
        for row in rows:
            table.addElement(line := TableRow())
            for value in row:
                looks = {"stylename": "red"} if value == amount else {}
                line.addElement(ods_cell(value, **looks))
        text.save(sink)
    else:
        made = openpyxl.load_workbook(io.BytesIO(xlsx(rows)))
        made.active["D8"].font = Font(color=Color(rgb=f"FF{colour}"))
        made.save(sink)
    return sink.getvalue()


@pytest.mark.quick(
    "xlsx-FF0000-100.0-True", "xls-FF0000-100.0-True", "ods-FF0000-100.0-True", "xlsx-FF0000--100.0-False"
)
@pytest.mark.parametrize(
    ("colour", "amount", "told_of"),
    [("FF0000", 100.0, True), ("C00000", 100.0, True), ("FF0000", -100.0, False), ("0070C0", 100.0, False)],
)
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_4_3_2_4_a_red_sum_above_zero_may_be_a_minus(
    read, kind: str, colour: str, amount: float, told_of: bool
) -> None:
    """Accountants write a minus in red; whose sum is meant so would be charged what he was to get back."""
    if kind == "xls" and colour == "C00000":
        colour = "FF0000"
    expected = [("value.red_sum", "D8", "100")] if told_of else []
    assert told(read(red_sum(kind, colour, amount))) == expected


@pytest.mark.parametrize(
    ("code", "amount", "told_of"),
    [
        ("[Red]0.00", 100, True),
        ("0.00;[Red]0.00", 100, False),
        ("0.00;[Red]0.00", -100, False),
        ('"[red]"0', 100, False),
    ],
)
def test_4_3_2_4_a_format_that_makes_a_sum_above_zero_red_is_asked_about(
    read, code: str, amount: int, told_of: bool
) -> None:
    row = ["10020030", "Лифт", "06.2026", (amount, code), "акт"]
    codes = [one for one, *_ in told(read(xlsx([*head("recalculations"), RECALCULATIONS, row])))]
    assert ("value.red_sum" in codes) == told_of


def test_red_outside_of_a_signed_sum_says_nothing(read) -> None:
    made = openpyxl.load_workbook(io.BytesIO(xlsx([*ROWS])))
    made.active["A8"].font = made.active["B8"].font = Font(color=Color(rgb="FFFF0000"))
    made.save(sink := io.BytesIO())
    assert told(read(sink.getvalue())) == []
