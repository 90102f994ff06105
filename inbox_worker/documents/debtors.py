"""Список задолжников (4.1.8): who owes the Customer at the end of the month, how much, for how many months, when
they paid last.

A payment settles the oldest debt first, so what is owed is made of the latest charges: the debt's age is that of
the oldest month still unpaid. What was owed before the ledger began has no known month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import Group, Ranges, RowGroup, sum_rows, write_grouped_table
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import (
    Formula,
    add_services,
    join_figures,
    largest_in,
    money_columns,
    number_or_text,
    text_columns,
)
from inbox_worker.documents.sheet_style import Headers, SheetColumn, Words, in_both, in_tones
from inbox_worker.documents.sheets import Book, Page
from inbox_worker.documents.view import show_date
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

SUMMARY = "Список задолжников"
AGES = ("age_1", "age_2_3", "age_4_6", "age_7_12", "age_over_12", "age_before")
_AGES = money_columns(**dict.fromkeys(AGES, 16.0))
_WHO = (*text_columns(flat=9, account=17), SheetColumn("name", width=44, flexible=True))
_DEBT = (*money_columns(debt=18), SheetColumn("months", "count", 15), *_AGES, *money_columns(closing_penalty=14))
ACCOUNT_COLUMNS = (
    *_WHO,
    *_DEBT,
    SheetColumn("last_paid_on", "date", 18),
    SheetColumn("last_paid", "money", 16),
    SheetColumn("house", hidden=True),
)
LINE_COLUMNS = (*_WHO, *_DEBT, SheetColumn("service", hidden=True))
SUMMARY_COLUMNS = (
    SheetColumn("what", width=80, flexible=True),
    SheetColumn("accounts", "integer", 16),
    *money_columns(debt=26),
    SheetColumn("share", "share", 16),
    SheetColumn("bar", "money", 60, head=Bilingual(ru=" ", kk=" ")),
    SheetColumn("house", hidden=True),
)
FLAT = ("account", "house", "address", "flat", "name", "service", "service_ru", "service_kk", "debt", "closing_penalty",
        "months", *AGES, "last_paid_on", "last_paid")  # fmt: skip
_ZERO = Decimal(0)
_LARGEST_FIRST = (("debt", "descending"), ("months", "descending"), ("account", "ascending"))
SUMS = ("debt", "closing_penalty", *AGES)
LINE_FIELDS = ("account", "service", "house", "address", "flat", "name", "closing", "closing_penalty")
AGE_FIELDS = ("account", "service", *AGES, "months")
PAID_FIELDS = ("account", "last_paid_on", "last_paid")


def render_debtors(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, ages: Any, last_payments: Any
) -> list[Rendered]:
    """Render the list as a workbook, ages and houses first, then accounts by houses and lines by services, the largest
    debt first; and as flat .csv, a row a line.

    `close` holds this Customer's lines only. `ages`: pyarrow rows AGE_FIELDS of the lines that owe, whose parts add
    up to the line's closing balance; `months` counts the months unpaid. `last_payments`: rows PAID_FIELDS, the sum
    of an account's last day of payment. The debt's total is the debit of the turnover statement's closing balance.
    Raises ValueError when a line that owes has no age or its parts do not add up.
    """
    lines = _lines(close, rules, ages, last_payments)
    accounts = _accounts(lines)
    texts = rules.texts.written
    upto = in_both(texts.words("heading.on_day", day=show_date(close.month.plus(1).first_day)))
    heading = Heading("debtors", rules, close.month, operator, customer, f", {upto}")
    book = heading.open_book()
    every = sum_rows(SUMS, accounts)
    summary = heading.add_page(book, SUMMARY, SUMMARY_COLUMNS, {"debt": every["debt"]})
    by_house = accounts.sort_by([("house", "ascending"), *_LARGEST_FIRST])
    of_accounts, parts, ranges = _write_part(heading, book, "section.debtors", ACCOUNT_COLUMNS, by_house)
    by_service = lines.sort_by([("order", "ascending"), *_LARGEST_FIRST])
    of_lines, _, _ = _write_part(heading, book, "section.by_service", LINE_COLUMNS, by_service)
    shown = {"debt": "debt", "closing_penalty": "debt.closing_penalty", **{name: f"debt.{name}" for name in AGES}}
    totals = [last + 1 for _, last in ranges]
    figures = join_figures(
        _write_summary(summary, accounts, every, of_accounts, list(zip(parts, totals, strict=True))),
        of_accounts.figures({**shown, "last_paid": "last_paid"}),
        of_lines.figures(shown),
    )
    name = f"debtors-{close.month}"
    return [
        Rendered("debtors", f"{name}.xlsx", book.finish(), "", figures),
        render_flat("debtors", f"{name}.csv", FLAT, lines, Headers(texts, "debtors")),
    ]


def _write_part(
    heading: Heading, book: Book, code: str, columns: Sequence[SheetColumn], rows: pa.Table
) -> tuple[Page, Sequence[RowGroup], Ranges]:
    """Write a sheet of debts by houses or services, with bars, and return it with the groups and the rows of each."""
    summed = sum_rows([column.name for column in columns if column.total], rows)
    page = heading.add_part(book, heading.texts.words(code), columns, largest_in(rows, columns, summed))
    months = rows.column_names.index("months")
    shown = rows.set_column(months, "months", _show_months(rows))
    houses = Group(("house",), lambda own: _house(own, heading), lambda own: _of_house(own, heading))
    services = Group(("service",), _service, lambda own: heading.in_both("total.service"))
    group = houses if columns is ACCOUNT_COLUMNS else services
    parts, ranges = write_grouped_table(page, columns, shown, (group,), (("debt",), AGES))
    page.add_bars("debt", ranges)
    return page, parts, ranges


def _write_summary(
    page: Page, accounts: pa.Table, every: Mapping[str, Decimal], of: Page, houses: Sequence[tuple[RowGroup, int]]
) -> dict[str, str]:
    """Write how much is owed and for how long, then the houses, both as live links to the list of accounts, where each
    of the `houses` has its total in a row."""
    page.start()
    page.add_section("section.ages")
    page.write_head()
    ages = [
        {"what": page.in_both(f"sheet.{name}"), "accounts": pc.sum(pc.greater(accounts.column(name), 0)).as_py() or 0,
         "debt": of.total_cell(name, 0, every[name])} for name in AGES
    ]  # fmt: skip
    first = _write_shares(page, ages, accounts.num_rows, every["debt"])
    figures = {f"{page.letters['debt']}{row}": f"debt.{name}" for row, name in enumerate(AGES, first)}
    page.add_line()
    page.add_section("section.by_house")
    page.write_head({"what": page.texts.words("heading.house")})
    rows = [
        {"what": f"{own.first['house']}  {own.first['address'] or ''}", "accounts": own.count,
         "house": own.first["house"], "debt": of.total_cell("debt", total, own.sums["debt"])}
        for own, total in houses
    ]  # fmt: skip
    _write_shares(page, rows, accounts.num_rows, every["debt"])
    return {**page.figures({"debt": "debt"}), **figures, f"{page.letters['debt']}{first + len(AGES)}": "debt"}


def _write_shares(page: Page, rows: Sequence[Mapping[str, Any]], accounts: int, whole: Decimal) -> int:
    """Write a table of parts of the debt with their shares and bars, and its total; return its first row."""
    first, debt = page.next_row, page.letters["debt"]
    total = f"{debt}{first + len(rows)}"
    for number, row in enumerate(rows, first):
        part = row["debt"].value
        share = Formula(f"=IF({total}=0,0,{debt}{number}/{total}*100)", part / whole * 100 if whole else _ZERO)
        cells = {**row, "accounts": Decimal(row["accounts"]), "share": share, "bar": Formula(f"={debt}{number}", part)}
        page.add([cells.get(column.name) for column in SUMMARY_COLUMNS])
    page.add_bars("bar", [(first, page.next_row - 1)], alone=True)
    page.add_total(page.in_both("total.all"), {"debt": whole}, first, keys={"accounts": Decimal(accounts)})
    return first


def _house(own: RowGroup, heading: Heading) -> Words:
    count = heading.in_both("heading.debtors", count=own.count)
    house = own.first["house"] or heading.in_both("report.no_house")
    return ("name", house), ("strong", f"   {own.first['address'] or ''}"), ("soft", f"    {count}")


def _of_house(own: RowGroup, heading: Heading) -> str:
    return heading.in_both("total.of_house", house=own.first["house"] or "–")


def _service(own: RowGroup) -> Words:
    return in_tones(own.first["service_ru"], own.first["service_kk"])


def _lines(close: CloseData, rules: Rules, ages: pa.Table, last_payments: pa.Table) -> pa.Table:
    """Return the lines that owe, with the ages of the debt and the account's last payment."""
    owing = close.lines.select(LINE_FIELDS).filter(pc.greater(close.lines.column("closing"), 0))
    lines = add_services(owing, rules).append_column("debt", owing.column("closing"))
    penalty = pc.min_element_wise(lines.column("closing_penalty"), lines.column("debt"))  # the rest is paid in advance
    lines = lines.set_column(lines.column_names.index("closing_penalty"), "closing_penalty", penalty)
    of_line = pc.index_in(_line_keys(lines), _line_keys(ages))
    lines = _append(lines, ages, of_line, AGE_FIELDS[2:])
    _prove_ages(lines)
    of_account = pc.index_in(lines.column("account"), last_payments.column("account"))
    return _append(lines, last_payments, of_account, PAID_FIELDS[1:])


def _line_keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table.column("account"), table.column("service"), "\n")


def _append(table: pa.Table, other: pa.Table, at: Any, names: Iterable[str]) -> pa.Table:
    """Return a table with those columns of another, of its rows at those places."""
    for name in names:
        table = table.append_column(name, other.column(name).take(at))
    return table


def _prove_ages(lines: pa.Table) -> None:
    """Raise ValueError for a line whose debt is not made of its ages."""
    added = lines.column(AGES[0])
    for name in AGES[1:]:
        added = pc.add(added, lines.column(name))
    wrong = pc.invert(pc.fill_null(pc.equal(added, lines.column("debt")), False))
    if pc.any(wrong).as_py():
        one = lines.filter(wrong).slice(0, 1).to_pylist()[0]
        age = {name: one[name] for name in AGES}
        raise ValueError(f"the debt of account {one['account']}, {one['service']} is not made of its ages: {age}")


def _accounts(lines: pa.Table) -> pa.Table:
    """Return a row an account: its first line with the sums of all."""
    codes = lines.column("account").combine_chunks().dictionary_encode().indices
    numbered = lines.select([*SUMS, "months"]).append_column("at", codes)
    sums = [*((name, "sum") for name in SUMS), ("months", "max")]
    added = numbered.group_by("at").aggregate(sums).sort_by("at")  # arrow keeps no order
    accounts = lines.take(pa.array(np.unique(codes.to_numpy(), return_index=True)[1]))
    for name, of_all in sums:
        accounts = accounts.set_column(accounts.column_names.index(name), name, added.column(f"{name}_{of_all}"))
    return accounts


def _show_months(rows: pa.Table) -> pa.Array:
    """Return months that are at least so many where a part of the debt is from before the books."""
    before, months = pc.greater(rows.column("age_before"), 0), rows.column("months")
    at_least = pc.binary_join_element_wise("≥ ", months.cast(pa.string()), "")
    texts = pc.if_else(before, at_least, pa.scalar(None, pa.string()))
    return number_or_text(months.combine_chunks(), texts.combine_chunks())
