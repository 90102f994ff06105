"""Справочник лицевых счетов of the Customer (4.1.16): who lives where, which lines stand there, by what they are
charged; a row a line and meter, as of the 1st of the month.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import SheetColumn, service_rows, text_columns
from inbox_worker.documents.view import unit_words
from inbox_worker.settings.rules import Rules

SHEET = "Справочник"
COLUMNS = (
    *text_columns(house=10, address=34, flat=7, account=13, name=33),
    SheetColumn("area", "quantity", 10),
    SheetColumn("residents", "integer", 10),
    *text_columns(service_ru=26, service_kk=26, base_shown=14),
    SheetColumn("tariff", "tariff", 10),
    SheetColumn("meter", width=16),
    SheetColumn("reading", "quantity", 12),
    SheetColumn("from_month", "date", 11),
    SheetColumn("service", width=14),
)
SHOWN_FIELDS = {"area": "area", "residents": "residents", "tariff": "tariff", "reading": "reading"}
FIELDS = ("account", "service", "house", "address", "flat", "name", "area", "residents", "base", "tariff", "meter",
          "reading", "from_month")  # fmt: skip


def render_directory(table: Any, month: Period, customer: Customer, operator: Operator, rules: Rules) -> Rendered:
    """Render the directory as a workbook. `table`: pyarrow rows with the columns of FIELDS, of this Customer only.

    Sorted by house, account, service in the bill's order, meter.
    """
    heading = Heading("directory", rules, month, operator, customer)
    book = heading.open_book(table.num_rows)
    page = heading.add_page(book, SHEET, COLUMNS)
    page.start()
    for row in sorted(_rows(table, rules), key=lambda r: (r["house"] or "", r["account"], r["order"], r["meter"])):
        page.add([row[column.name] for column in COLUMNS])
    page.end(table=True)
    return Rendered("directory", f"directory-{month}.xlsx", book.finish(), "", page.figures(SHOWN_FIELDS))


def _rows(table: Any, rules: Rules) -> Iterator[dict[str, Any]]:
    for row in service_rows(table, FIELDS, rules):
        base = " / ".join(dict.fromkeys(unit_words(rules, row["base"])))
        yield {**row, "meter": row["meter"] or "", "base_shown": base}
