"""The Customer's lines for consumers' bills (4.1.1): what an account sees of this Customer, a row a line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import RowGroup, split_rows, sum_rows
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import add_services, largest_in, money_columns, records, text_columns
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
    heading = Heading("bill_rows", rules, close.month, operator, customer).with_steps_noted(close)
    lines, houses = _lines(close, rules, directory)
    sums = sum_rows(TOTALS, lines)
    book = heading.open_book()
    page = heading.add_page(book, SHEET, COLUMNS, largest_in(lines, COLUMNS, sums))
    page.start_table(PLUS, MINUS, lines.num_rows + 2 * len(houses))
    page.start_rows(_once(lines).select([column.name for column in COLUMNS]), [house.count for house in houses])
    for house in houses:
        code, address = house.first["house"], house.first["address"] or ""
        page.add_heading((("name", code or page.in_both("report.no_house")), ("strong", f"   {address}")))
        first = page.next_row
        page.add_rows(house.count)
        page.add_total(page.in_both("total.of_house", house=code or "–"), house.sums, first, "part", {"house": code})
    page.end()
    page.add_total(page.in_both("total.all"), sums, page.first_row)
    name = f"bill-rows-{close.month}"
    return [
        Rendered("bill_rows", f"{name}.xlsx", book.finish(), "", page.figures(SHOWN_FIELDS)),
        render_flat("bill_rows", f"{name}.csv", FLAT, lines, Headers(heading.texts, "bill_rows")),
    ]


def _lines(close: CloseData, rules: Rules, directory: Any) -> tuple[pa.Table, list[RowGroup]]:
    """Return the rows in the columns of both files and in their order, and the houses."""
    lines = add_services(close.lines.select(FIELDS), rules)
    lines = lines.append_column("unit", _units(lines, rules, directory))
    corrected = pc.add(lines.column("undelivered"), lines.column("recalculated"))
    lines = lines.append_column("corrected", corrected.cast(lines.schema.field("charged").type))
    lines = lines.sort_by([(name, "ascending") for name in ("house", "account", "order")])
    return lines, split_rows(lines, ("house",), TOTALS)


def _units(lines: pa.Table, rules: Rules, directory: Any) -> pa.Array:
    """Return by what each line is charged, in words."""
    known_bases = records(directory, ("account", "service", "base")) if directory is not None else ()
    bases = {row[:2]: row[2] for row in known_bases}
    known: dict[tuple[str, str], str] = {}
    words = []
    for line in records(lines, ("account", "service")):
        service = rules.service(line[1])
        charged_by = service.code, bases.get(line, service.base)
        if charged_by not in known:
            known[charged_by] = " · ".join(dict.fromkeys(unit_words(rules, charged_by[1], service)))
        words.append(known[charged_by])
    return pa.array(words, pa.string())


def _once(lines: pa.Table) -> pa.Table:
    """Return the rows with flat, account and name on the first of an account alone, as they are shown."""
    first_of = np.zeros(lines.num_rows, np.bool_)
    for name in ("house", "account") if lines.num_rows else ():
        codes = lines.column(name).combine_chunks().dictionary_encode().indices.to_numpy()
        changed = np.append(True, codes[1:] != codes[:-1])
        first_of = changed if name == "house" else first_of | changed
    for name in ("flat", "account", "name"):
        column = lines.column(name)
        shown = pc.if_else(pa.array(first_of), column, pa.scalar(None, column.type))
        lines = lines.append_column(f"{name}_shown", shown)
    return lines
