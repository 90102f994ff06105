"""Rows written as a band are the cells that one call a cell writes: values, formats, heights; and what follows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pytest

from inbox_worker.core.rendered import Operator
from inbox_worker.documents import sheet_bulk, sheet_lines, sheet_table
from inbox_worker.documents.sheet_bulk import SheetTooLong
from inbox_worker.documents.sheet_columns import number_or_text
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_measure import count_lines
from inbox_worker.documents.sheet_style import Headers, SheetColumn, lines_of
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.outbox.sample import sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import KINDS, TORTURE, tortured, with_sums, workbook

COLUMNS = (
    SheetColumn("name", width=40), SheetColumn("amount", "money", 20, total=True), SheetColumn("count", "count", 15),
    SheetColumn("day", "date", 20), SheetColumn("months", "count", 15), SheetColumn("code", hidden=True),
)  # fmt: skip
NAMES = (*TORTURE, "", " x", "x ", "_x0041_", "<r>x</r>", "Ұ" * 40_000, "a\nb", "&amp;", "два  пробела", "😀")
VALUES: tuple[Any, ...] = (1234.5, Decimal("-0.01"), Decimal("1e15"), 0.0, None, 1 / 3)
ROWS = [
    [name, VALUES[at % len(VALUES)], (Decimal(at), f"≥ {at}")[at % 2], (date(2026, 9, 1), None)[at % 3 == 0], at, "x"]
    for at, name in enumerate(NAMES * 3)
]

AMOUNTS = ("-0.01", "1234.50", "0.00", None, "9993.81", "100.00")
TABLE = pa.table({
    "name": pa.array([*NAMES * 3, None]),
    "amount": pa.array([Decimal(AMOUNTS[at % 6]) if AMOUNTS[at % 6] else None for at in range(len(NAMES) * 3 + 1)],
                       pa.decimal128(18, 2)),
    "count": pa.array([Decimal(at % 3 * 10**15 + at).scaleb(-3) for at in range(len(NAMES) * 3 + 1)],
                      pa.decimal128(22, 3)),
    "day": pa.array([date(1899, 12, 31), None, *[date(2026, 9, 1)] * (len(NAMES) * 3 - 1)], pa.date32()),
    "months": number_or_text(
        pa.array([at if at % 4 else None for at in range(len(NAMES) * 3 + 1)], pa.int64()),
        pa.array([None if at % 3 else f"≥ {at} & <b>"[: at + 1] for at in range(len(NAMES) * 3 + 1)]),
    ),
    "code": pa.nulls(len(NAMES) * 3 + 1),
})  # fmt: skip


def begin(rules: Rules) -> tuple[Book, Page]:
    made = Book("t", "s", "a", date(2026, 9, 30), Headers(rules.texts.written, "turnover"))
    page = made.add_page("Лист", COLUMNS, [(("title", "Т"),)], PageSetup("f"))
    page.start_table()
    return made, page


def book(rules: Rules, band: bool) -> bytes:
    made, page = begin(rules)
    for part in (ROWS[:5], ROWS[5:6], [], ROWS[6:]):
        if band:
            page.add_band(part)
        else:
            for row in part:
                page.add(row)
        page.add_total("Итого", {"amount": Decimal(1)}, page.first_row, "part")
    return made.finish()


def table_book(rules: Rules) -> bytes:
    """The same columns out of a table, in parts with a heading above and a total below each."""
    made, page = begin(rules)
    counts = (5, 0, 1, TABLE.num_rows - 6)
    page.start_rows(TABLE, counts)
    for count in counts:
        page.add_heading((("name", "Д-1"), ("strong", "   г. Алматы & <b>"), ("soft", NAMES[count % len(NAMES)][:30])))
        first = page.next_row
        page.add_rows(count)
        page.add_total("Итого", {"amount": Decimal("1.10")}, first, "part", {"code": "Д-1"})
    page.end()
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


def test_a_band_is_the_same_cells_as_one_call_a_cell(rules: Rules) -> None:
    """Odd texts, long ones, empty ones, dates, sums; total rows between the bands."""
    by_cell, by_band = (book(rules, band) for band in (False, True))
    assert looks(by_cell) == looks(by_band)
    with ZipFile(BytesIO(by_cell)) as one, ZipFile(BytesIO(by_band)) as other:
        sheet = "xl/worksheets/sheet1.xml"
        assert len(one.read(sheet)) == len(other.read(sheet))


@pytest.mark.quick(0, 1, 2)
@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl does not know bars
@pytest.mark.parametrize("kind", KINDS)
def test_documents_streamed_in_bands_are_the_same(
    kind: str, operator: Operator, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tortured(with_sums(sample(operator, rules), Decimal("-1234.56"), 60), "Ұлттық & <b> Мүлік " * 3)
    by_band = workbook(kind, made, operator, rules).data
    monkeypatch.setattr(sheet_lines, "can_take_bands", lambda sheet: False)
    assert looks(workbook(kind, made, operator, rules).data) == looks(by_band)


def test_rows_of_a_table_are_the_same_cells_as_one_call_a_cell(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever texts, numbers and days a table holds, and wherever a part of its rows ends."""
    monkeypatch.setattr(sheet_lines, "can_take_bands", lambda sheet: False)
    by_cell = looks(table_book(rules))
    monkeypatch.undo()
    for rows in (sheet_table.PART, 4):
        monkeypatch.setattr(sheet_table, "PART", rows)
        assert looks(table_book(rules)) == by_cell


@pytest.mark.parametrize("mm", [3.0, 20.0, 46.5])
def test_many_texts_are_measured_as_one_is(mm: float) -> None:
    """By words and blanks of any number, with letters of any alphabet."""
    texts = [f"{name}{' ' * at}{NAMES[at % 7]}" for at, name in enumerate(NAMES) if len(name) < 100]
    texts += [f"{name}-{NAMES[at % 5]}-ұлы {name}" for at, name in enumerate(NAMES) if len(name) < 60]
    for some in (texts, [text for text in texts if "\n" not in text and max(text, default="") < "\u2300"]):
        assert count_lines(some, mm, 20).tolist() == [min(lines_of(text, mm), 20) for text in some]


def test_a_band_that_would_lose_rows_is_refused(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_bulk, "LAST_ROW", 9)
    with pytest.raises(SheetTooLong, match="render it in parts"):
        book(rules, True)
    with pytest.raises(SheetTooLong, match="render it in parts"):
        table_book(rules)
