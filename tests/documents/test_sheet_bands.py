"""Rows written as a band are the cells that one call a cell writes: values, formats, heights; and what follows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from inbox_worker.core.rendered import Operator
from inbox_worker.documents import sheets
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import Headers, SheetColumn
from inbox_worker.documents.sheets import Book, SheetTooLong
from inbox_worker.outbox.sample import sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import KINDS, TORTURE, tortured, with_sums, workbook

COLUMNS = (
    SheetColumn("name", width=40), SheetColumn("amount", "money", 20, total=True), SheetColumn("count", "count", 15),
    SheetColumn("day", "date", 20), SheetColumn("code", hidden=True),
)  # fmt: skip
NAMES = (*TORTURE, "", " x", "x ", "_x0041_", "<r>x</r>", "Ұ" * 40_000, "a\nb", "&amp;", "два  пробела", "😀")
VALUES: tuple[Any, ...] = (1234.5, Decimal("-0.01"), Decimal("1e15"), 0.0, None, 1 / 3)
ROWS = [
    [name, VALUES[at % len(VALUES)], (Decimal(at), f"≥ {at}")[at % 2], (date(2026, 9, 1), None)[at % 3 == 0], "x"]
    for at, name in enumerate(NAMES * 3)
]


def book(rules: Rules, streamed: bool, monkeypatch: pytest.MonkeyPatch, band: bool) -> bytes:
    monkeypatch.setattr(sheets, "SMALL_BOOK_ROWS", 0 if streamed else 10**6)
    made = Book("t", "s", "a", date(2026, 9, 30), len(ROWS), Headers(rules.texts.written, "turnover"))
    page = made.add_page("Лист", COLUMNS, [(("title", "Т"),)], PageSetup("f"))
    page.start_table()
    for part in (ROWS[:5], ROWS[5:6], [], ROWS[6:]):
        if band:
            page.add_band(part)
        else:
            for row in part:
                page.add(row)
        page.add_total("Итого", {"amount": Decimal(1)}, page.first_row, "part")
    return made.finish()


def looks(data: bytes) -> dict[tuple[str, str], Any]:
    """Of every cell its value and all of its look; of every row its height."""
    read = openpyxl.load_workbook(BytesIO(data), rich_text=True)
    found: dict[tuple[str, str], Any] = {}
    styles: dict[tuple[int, ...], tuple[str, ...]] = {}
    for sheet in read:
        for number, row in enumerate(sheet.iter_rows(), 1):
            found[sheet.title, f"row {number}"] = sheet.row_dimensions[number].height
            for cell in row:
                key = tuple(getattr(cell, "_style", None) or ())
                if key not in styles:
                    parts = (cell.number_format, cell.font, cell.alignment, cell.border, cell.fill)
                    styles[key] = tuple(map(repr, parts)) if cell.has_style else ()
                found[sheet.title, cell.coordinate] = (cell.data_type, cell.value, styles[key])
    return found


def test_a_band_is_the_same_cells_as_one_call_a_cell(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Odd texts, long ones, empty ones, dates, sums; total rows between the bands."""
    by_cell, by_band = (book(rules, True, monkeypatch, band) for band in (False, True))
    assert looks(by_cell) == looks(by_band)
    assert looks(book(rules, False, monkeypatch, True)) == looks(book(rules, False, monkeypatch, False))
    with ZipFile(BytesIO(by_cell)) as one, ZipFile(BytesIO(by_band)) as other:
        sheet = "xl/worksheets/sheet1.xml"
        assert len(one.read(sheet)) == len(other.read(sheet))


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl does not know bars
@pytest.mark.parametrize("kind", KINDS)
def test_documents_streamed_in_bands_are_the_same(
    kind: str, operator: Operator, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tortured(with_sums(sample(operator, rules), Decimal("-1234.56"), 60), "Ұлттық & <b> Мүлік " * 3)
    monkeypatch.setattr(sheets, "SMALL_BOOK_ROWS", 0)
    by_band = workbook(kind, made, operator, rules).data
    monkeypatch.setattr(sheets, "can_take_bands", lambda sheet: False)
    assert looks(workbook(kind, made, operator, rules).data) == looks(by_band)


def test_a_band_that_would_lose_rows_is_refused(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LAST_ROW", 9)
    with pytest.raises(SheetTooLong, match="render it in parts"):
        book(rules, True, monkeypatch, True)
