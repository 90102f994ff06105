"""Оборотная ведомость (4.1.8): every line of the Customer with its balances, charges and payments of the month.

A summary by services and houses, then a sheet a service with its houses; on every row and total opening + charged +
undelivered + recalculated + penalty - paid + moved = closing, and cells in the workbook itself keep proving it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import split_rows
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import add_services, join_figures, money_columns, text_columns, widest
from inbox_worker.documents.sheet_style import Headers, SheetColumn
from inbox_worker.documents.sheets import Page
from inbox_worker.documents.turnover_summary import COLUMNS as SUMMARY_COLUMNS
from inbox_worker.documents.turnover_summary import (
    MINUS,
    PLUS,
    SIDES,
    SUMS,
    Accounts,
    HousePart,
    ServicePart,
    add_up,
    write_summary,
)
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

SHEET = "Оборотная ведомость"
ZERO = Decimal(0)
COLUMNS = (
    *text_columns(flat=9, account=17),
    SheetColumn("name", width=46, flexible=True),
    SheetColumn("tariff", "tariff", 14),
    SheetColumn("quantity", "quantity", 13),
    *money_columns(opening_debit=17, opening_credit=17, charged=17, undelivered=14, recalculated=14, penalty=12),
    *money_columns(paid=17, moved=14, closing_debit=17, closing_credit=17),
    SheetColumn("house", hidden=True),
)
FLAT = ("service", "service_ru", "service_kk", "house", "address", "flat", "account", "name", "tariff", "quantity",
        *SUMS)  # fmt: skip
SHOWN_FIELDS = {name: SIDES.get(name, name) for name in ("tariff", "quantity", *SUMS)}
FIELDS = ("service", "house", "address", "flat", "account", "name", "tariff", "quantity", "opening",
          "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")  # fmt: skip


def render_turnover(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> list[Rendered]:
    """Render the Customer's statement as a workbook and as flat .csv. `close` holds this Customer's lines only.

    `figures`: of the summary and of each service's sheet, column letter -> field of lines.parquet (a balance with its
    side: `closing.debit`), the columns that name a line, the rows of the table, and the `service` of a sheet.
    """
    every, houses = _lines(close, rules)
    heading = Heading("turnover", rules, close.month, operator, customer)
    book = heading.open_book()
    whole = add_up(houses)
    summary = heading.add_page(book, SHEET, SUMMARY_COLUMNS, {name: widest([value]) for name, value in whole.items()})
    parts, at = [], 0
    for code, of_service in groupby(houses, key=lambda house: house["service"]):
        own = list(of_service)
        title = Bilingual(ru=own[0]["service_ru"], kk=own[0]["service_kk"])
        rows = every.slice(at, sum(house["rows"] for house in own))
        at += rows.num_rows
        note = heading.in_both("heading.stepped") if (customer.bin, code) in close.stepped else ""
        page = heading.add_part(book, title, COLUMNS, _largest(rows, own), note=note)
        parts.append(ServicePart(code, title, page, *_write_service(page, rows, own)))
    figures = write_summary(summary, parts, _accounts(close), close.month)
    shown = [part.page.figures(SHOWN_FIELDS, service=part.code) for part in parts]
    name, headers = f"turnover-{close.month}", Headers(rules.texts.written, "")
    return [
        Rendered("turnover", f"{name}.xlsx", book.finish(), "", join_figures(figures, *shown)),
        render_flat("turnover", f"{name}.csv", FLAT, every, headers),
    ]


def _lines(close: CloseData, rules: Rules) -> tuple[pa.Table, list[Mapping[str, Any]]]:
    """Return the statement's rows in its columns and order, and of each house of each service in that order the words
    and exact sums of its rows, and how many they are (`rows`).
    """
    lines = add_services(close.lines.select(FIELDS), rules)
    for balance in ("opening", "closing"):
        value = lines.column(balance)
        zero = pa.scalar(ZERO, value.type)
        lines = lines.append_column(f"{balance}_debit", pc.max_element_wise(value, zero))
        lines = lines.append_column(f"{balance}_credit", pc.negate(pc.min_element_wise(value, zero)))
    lines = lines.drop_columns(["opening", "closing", "service_shown"])
    lines = lines.sort_by([(name, "ascending") for name in ("order", "house", "account")])
    parts = split_rows(lines.drop_columns(["flat", "account", "name", "tariff", "quantity"]), ("order", "house"), SUMS)
    return lines, [{**part.first, **part.sums, "rows": part.count} for part in parts]


def _accounts(close: CloseData) -> Accounts:
    """Return how many accounts stand in each house, and in all of them under None."""
    accounts = close.lines.column("account").combine_chunks().dictionary_encode()
    table = pa.table({"house": pc.fill_null(close.lines.column("house"), ""), "account": accounts.indices})
    counted = table.group_by("house").aggregate([("account", "count_distinct")]).to_pylist()
    of_houses = {row["house"]: row["account_count_distinct"] for row in counted}
    return {**of_houses, None: len(accounts.dictionary)}


def _largest(rows: pa.Table, houses: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return of every column the number that takes the most place, sums included."""
    ends = {name: pc.min_max(rows.column(name)).as_py().values() for name in SHOWN_FIELDS}
    sums = {name: [*(house[name] for house in houses), whole] for name, whole in add_up(houses).items()}
    return {name: widest([*ends[name], *sums.get(name, ())]) for name in ends}


def _write_service(page: Page, lines: pa.Table, houses: Sequence[Mapping[str, Any]]) -> tuple[list[HousePart], int]:
    """Write a service's lines, a heading and a total row a house, a total for all; return where the totals stand."""
    page.start_table(PLUS, MINUS, lines.num_rows + 2 * len(houses))
    rows = lines.select([column.name for column in COLUMNS if not column.hidden])
    rows = rows.append_column("house", pa.nulls(rows.num_rows))
    page.start_rows(rows, [house["rows"] for house in houses])
    parts = []
    for house in houses:
        code, address, count = house["house"], house["address"] or "", house["rows"]
        counted = page.in_both("heading.accounts", count=count)
        page.add_heading((("name", code or page.in_both("report.no_house")), ("strong", f"   {address}"),
                          ("soft", f"    {counted}")))  # fmt: skip
        first = page.next_row
        page.add_rows(count)
        label = page.in_both("total.of_house", house=code or "–")
        row_of_total = page.add_total(label, house, first, "part", {"house": code})
        parts.append(HousePart(code, address, row_of_total, count, house))
    page.end()
    return parts, page.add_total(page.in_both("total.service"), add_up(houses), page.first_row, "group")
