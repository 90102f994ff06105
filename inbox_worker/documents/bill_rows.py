"""The Customer's lines for consumers' bills (4.1.1): what an account sees of this Customer, a row a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import SheetColumn, money_columns, records, service_rows, text_columns
from inbox_worker.documents.view import unit_words
from inbox_worker.settings.rules import Rules

SHEET = "Строки счетов"
COLUMNS = (
    *text_columns(account=12, address=28, flat=6, name=33, service_ru=22, service_kk=22, unit=18),
    SheetColumn("quantity", "quantity", 10),
    SheetColumn("tariff", "tariff", 9),
    *money_columns(opening=17, charged=15, corrected=14, penalty=11, paid=15, moved=12.5, closing=15),
    SheetColumn("service", width=12, hidden=True),
)
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening", "charged", "corrected", "penalty", "moved")
MINUS = ("paid", "closing")
SHOWN_FIELDS = {name: name for name in ("tariff", "quantity", *TOTALS)} | {"corrected": "undelivered+recalculated"}
FIELDS = ("account", "address", "flat", "name", "service", "quantity", "tariff", "opening", "charged",
          "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_bill_rows(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, directory: Any = None
) -> Rendered:
    """Render the Customer's bill lines as a workbook, by account and then in the bill's order of services (2.1.7).

    `close` holds this Customer's lines only. `directory`: rows with `account, service, base` tell by what a line is
    charged; one without is charged as its service mostly is. `figures` as in the turnover statement; `corrected`
    stands for undelivered + recalculated together.
    """
    heading = Heading("bill_rows", rules, close.month, operator, customer)
    book = heading.open_book(close.lines.num_rows)
    page = heading.add_page(book, SHEET, COLUMNS)
    bases = (
        {row[:2]: row[2] for row in records(directory, ("account", "service", "base"))} if directory is not None else {}
    )
    rows = sorted(_rows(close, rules, bases), key=lambda row: (row["account"], row["order"]))
    page.write_table(rows, "account", PLUS, MINUS)
    return Rendered("bill_rows", f"bill-rows-{close.month}.xlsx", book.finish(), "", page.figures(SHOWN_FIELDS))


def _rows(close: CloseData, rules: Rules, bases: Mapping[tuple[Any, ...], str]) -> Iterator[Mapping[str, Any]]:
    for row in service_rows(close.lines, FIELDS, rules):
        corrected = row["undelivered"] + row["recalculated"]
        service = rules.service(row["service"])
        base = bases.get((row["account"], row["service"]), service.base)
        unit = " / ".join(dict.fromkeys(unit_words(rules, base, service)))
        yield {**row, "unit": unit, "corrected": corrected}
