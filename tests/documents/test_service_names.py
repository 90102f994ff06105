"""6.3: a service's name is shown as it is written, and makes a sheet that every program opens."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest

from inbox_worker.documents.sheet_columns import SheetColumn
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import Headers
from inbox_worker.documents.sheets import Book
from inbox_worker.settings.rules import Rules

COLUMNS = (SheetColumn("what", width=40), SheetColumn("amount", "money", 20))


@pytest.mark.parametrize("name", ["History", "HISTORY", "_x0041_ лифт"])
def test_sheets_and_cells_of_odd_services(name: str, rules: Rules) -> None:
    """Excel refuses a sheet called History; `_x0041_` stands for the letter A unless its first sign is written so."""
    book = Book("t", "s", "a", date(2026, 9, 30), Headers(rules.texts.written, "turnover"))
    pages = [book.add_page(name, COLUMNS, [(("title", name),)], PageSetup("f")) for _ in range(2)]
    for page in pages:
        page.start_table()
        page.add_toned((("strong", name), ("soft", f" · {name}")), [1], linked=False)
    with ZipFile(BytesIO(book.finish())) as parts:
        named = parts.read("xl/workbook.xml").decode()
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    titles = [page.name for page in pages]
    assert all(f'name="{title}"' in named for title in titles)
    assert len({title.casefold() for title in titles} - {"history"}) == 2
    assert not any("_x" in title for title in titles)
    shown = name.replace("_x0041_", "_x005F_x0041_", 1)
    assert f">{shown}</t>" in sheet and f"> · {shown}</t>" in sheet
    assert "_x005F_x005F" not in sheet
