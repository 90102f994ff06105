"""The Customer's lines for consumers' bills (4.1.1): what an account sees of this Customer, a row a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import Group, write_grouped_table
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import largest_numbers, money_columns, records, service_rows, text_columns
from inbox_worker.documents.sheet_style import Headers, SheetColumn
from inbox_worker.documents.view import unit_words
from inbox_worker.settings.rules import Rules

SHEET = "Строки счетов"
COLUMNS = (
    *text_columns(flat_shown=9, account_shown=17),
    SheetColumn("name_shown", width=38, flexible=True),
    SheetColumn("service_shown", width=42, flexible=True),
    SheetColumn("unit", width=19),
    SheetColumn("quantity", "quantity", 13),
    SheetColumn("tariff", "tariff", 14),
    *money_columns(opening=17, charged=17, corrected=17, penalty=12, paid=17, moved=14, closing=17),
    *(SheetColumn(name, hidden=True) for name in ("account", "service", "house")),
)
FLAT = ("account", "house", "address", "flat", "name", "service", "service_ru", "service_kk", "unit", "quantity",
        "tariff", "opening", "charged", "corrected", "penalty", "paid", "moved", "closing")  # fmt: skip
TOTALS = tuple(column.name for column in COLUMNS if column.total)
PLUS = ("opening", "charged", "corrected", "penalty", "moved")
MINUS = ("paid", "closing")
SHOWN_FIELDS = {name: name for name in ("tariff", "quantity", *TOTALS)} | {"corrected": "undelivered+recalculated"}
FIELDS = ("account", "house", "address", "flat", "name", "service", "quantity", "tariff", "opening", "charged",
          "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_bill_rows(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, directory: Any = None
) -> list[Rendered]:
    """Render the Customer's bill lines as a workbook, by house, by account and then in the bill's order of services
    (2.1.7), and as flat .csv.

    `close` holds this Customer's lines only. `directory`: rows with `account, service, base` tell by what a line is
    charged; one without is charged as its service mostly is. `figures` as in the turnover statement; `corrected`
    stands for undelivered + recalculated together.
    """
    heading = Heading("bill_rows", rules, close.month, operator, customer)
    texts = heading.texts
    bases = (
        {row[:2]: row[2] for row in records(directory, ("account", "service", "base"))} if directory is not None else {}
    )
    rows = sorted(_rows(close, rules, bases), key=lambda row: (row["house"], row["account"], row["order"]))
    houses = Group(
        ("house",),
        lambda own: (
            ("name", own[0]["house"] or heading.in_both("report.no_house")),
            ("strong", f"   {own[0]['address'] or ''}"),
        ),
        lambda own: heading.in_both("total.of_house", house=own[0]["house"] or "–"),
    )
    book = heading.open_book()
    page = heading.add_page(book, SHEET, COLUMNS, largest_numbers(COLUMNS, rows))
    write_grouped_table(page, COLUMNS, list(_once(rows)), (houses,), (PLUS, MINUS))
    name = f"bill-rows-{close.month}"
    return [
        Rendered("bill_rows", f"{name}.xlsx", book.finish(), "", page.figures(SHOWN_FIELDS)),
        render_flat("bill_rows", f"{name}.csv", FLAT, rows, Headers(texts, "bill_rows")),
    ]


def _once(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows with flat, account and name on the first of an account alone."""
    before = None
    for row in rows:
        account = row["house"], row["account"]
        shown = {f"{name}_shown": row[name] if account != before else None for name in ("flat", "account", "name")}
        yield {**row, **shown}
        before = account


def _rows(close: CloseData, rules: Rules, bases: Mapping[tuple[Any, ...], str]) -> Iterator[Mapping[str, Any]]:
    for row in service_rows(close.lines, FIELDS, rules):
        corrected = row["undelivered"] + row["recalculated"]
        service = rules.service(row["service"])
        base = bases.get((row["account"], row["service"]), service.base)
        unit = " · ".join(dict.fromkeys(unit_words(rules, base, service)))
        yield {**row, "house": row["house"] or "", "unit": unit, "corrected": corrected}
