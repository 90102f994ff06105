"""Справочник лицевых счетов of the Customer (4.1.16): who lives where, which lines stand there, by what they are
charged; a row a line and meter, as of the 1st of the month.
"""

from __future__ import annotations

from typing import Any

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import SheetColumn, records
from inbox_worker.documents.view import unit_words
from inbox_worker.settings.rules import Rules

SHEET = "Справочник"
COLUMNS = (
    SheetColumn("house", width=10),
    SheetColumn("address", width=34),
    SheetColumn("flat", width=7),
    SheetColumn("account", width=13),
    SheetColumn("name", width=33),
    SheetColumn("area", "quantity", 10),
    SheetColumn("residents", "integer", 10),
    SheetColumn("service_ru", width=26),
    SheetColumn("service_kk", width=26),
    SheetColumn("base_shown", width=14),
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
    """The directory as a workbook. `table`: pyarrow rows with the columns of FIELDS, of this Customer only.

    Sorted by house, account, service in the bill's order, meter.
    """
    heading = Heading("directory", rules, month, operator, customer)
    book = heading.book(table.num_rows)
    page = book.page(SHEET, COLUMNS, heading.titles, heading.footer)
    page.start()
    for row in sorted(_rows(table, rules), key=lambda r: (r["house"] or "", r["account"], r["order"], r["meter"])):
        page.add([row[column.name] for column in COLUMNS])
    page.end(page.next_row - 1, table=True)
    figures = page.figures(SHOWN_FIELDS, (page.header_row + 1, page.next_row - 1))
    return Rendered("directory", f"directory-{month}.xlsx", book.finish(), "", figures)


def _rows(table: Any, rules: Rules) -> list[dict[str, Any]]:
    rows = []
    for record in records(table, FIELDS):
        row = dict(zip(FIELDS, record, strict=True))
        service = rules.service(row["service"])
        rows.append(
            {
                **row,
                "meter": row["meter"] or "",
                "service_ru": service.ru,
                "service_kk": service.kk,
                "base_shown": " / ".join(dict.fromkeys(unit_words(rules, row["base"]))),
                "order": rules.service_order[service.code],
            }
        )
    return rows
