"""Список задолжников (4.1.8): who owes the Customer at the end of the month, how much, for how many months, when
they paid last.

A payment settles the oldest debt first, so what is owed is made of the latest charges: the debt's age is that of
the oldest month still unpaid. What was owed before the ledger began has no known month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.flat import render_flat
from inbox_worker.documents.grouped import Group, Ranges, Row, Rows, sum_rows, write_grouped_table
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import (
    Formula,
    join_figures,
    largest_numbers,
    money_columns,
    records,
    service_rows,
    text_columns,
)
from inbox_worker.documents.sheet_style import Headers, SheetColumn, Words, in_both
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
    lines = _lines(close, rules, ages, {row[0]: row[1:] for row in records(last_payments, PAID_FIELDS)})
    accounts = [_account(of) for of in _by_account(lines)]
    texts = rules.texts.written
    upto = in_both(texts.words("heading.on_day", day=show_date(close.month.plus(1).first_day)))
    heading = Heading("debtors", rules, close.month, operator, customer, f", {upto}")
    book = heading.open_book()
    summary = heading.add_page(book, SUMMARY, SUMMARY_COLUMNS, {"debt": sum((a["debt"] for a in accounts), _ZERO)})
    houses = Group(
        ("house",),
        lambda own: _house(own, heading),
        lambda own: heading.in_both("total.of_house", house=own[0]["house"] or "–"),
    )
    services = Group(("service",), _service, lambda own: heading.in_both("total.service"))
    by_house = sorted(accounts, key=lambda r: (r["house"], *_largest_first(r)))
    of_accounts, ranges = _write_part(heading, book, "section.debtors", ACCOUNT_COLUMNS, by_house, houses)
    by_service = sorted(lines, key=lambda r: (r["order"], *_largest_first(r)))
    of_lines, _ = _write_part(heading, book, "section.by_service", LINE_COLUMNS, by_service, services)
    shown = {"debt": "debt", "closing_penalty": "debt.closing_penalty", **{name: f"debt.{name}" for name in AGES}}
    figures = join_figures(
        _write_summary(summary, accounts, of_accounts, [last + 1 for _, last in ranges], heading),
        of_accounts.figures({**shown, "last_paid": "last_paid"}),
        of_lines.figures(shown),
    )
    name = f"debtors-{close.month}"
    return [
        Rendered("debtors", f"{name}.xlsx", book.finish(), "", figures),
        render_flat("debtors", f"{name}.csv", FLAT, lines, Headers(texts, "debtors")),
    ]


def _write_part(
    heading: Heading, book: Book, code: str, columns: Sequence[SheetColumn], rows: Rows, group: Group
) -> tuple[Page, Ranges]:
    """Write a sheet of debts in groups, with bars, and return it with the rows of each group."""
    page = heading.add_part(book, heading.texts.words(code), columns, largest_numbers(columns, rows))
    shown = [_show_months(row) for row in rows]
    ranges = write_grouped_table(page, columns, shown, (group,), (("debt",), AGES))
    page.add_bars("debt", ranges)
    return page, ranges


def _write_summary(page: Page, accounts: Rows, of: Page, totals: Sequence[int], heading: Heading) -> dict[str, str]:
    """Write how much is owed and for how long, then the houses, both as live links to the list of accounts, where the
    `totals` of houses stand."""
    every = sum_rows(ACCOUNT_COLUMNS, accounts)
    page.start()
    page.add_section("section.ages")
    page.write_head()
    ages = [
        {"what": heading.in_both(f"sheet.{name}"), "accounts": sum(1 for account in accounts if account[name] > 0),
         "debt": of.total_cell(name, 0, every[name])} for name in AGES
    ]  # fmt: skip
    first = _write_shares(page, ages, len(accounts), every["debt"])
    figures = {f"{page.letters['debt']}{row}": f"debt.{name}" for row, name in enumerate(AGES, first)}
    page.add_line()
    page.add_section("section.by_house")
    page.write_head({"what": heading.texts.words("heading.house")})
    owing = Group(("house",)).split(sorted(accounts, key=lambda r: r["house"]))
    rows = [
        {"what": f"{own[0]['house']}  {own[0]['address'] or ''}", "accounts": len(own), "house": own[0]["house"],
         "debt": of.total_cell("debt", total, sum_rows(ACCOUNT_COLUMNS, own)["debt"])}
        for own, total in zip(owing, totals, strict=True)
    ]  # fmt: skip
    _write_shares(page, rows, len(accounts), every["debt"])
    return {**page.figures({"debt": "debt"}), **figures, f"{page.letters['debt']}{first + len(AGES)}": "debt"}


def _write_shares(page: Page, rows: Rows, accounts: int, whole: Decimal) -> int:
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


def _house(own: Rows, heading: Heading) -> Words:
    count = heading.in_both("heading.debtors", count=len(own))
    house = own[0]["house"] or heading.in_both("report.no_house")
    return ("name", house), ("strong", f"   {own[0]['address'] or ''}"), ("soft", f"    {count}")


def _of_house(own: Rows, heading: Heading) -> str:
    return heading.in_both("total.of_house", house=own[0]["house"] or "–")


def _service(own: Rows) -> Words:
    return ("strong", own[0]["service_ru"]), ("soft", f" · {own[0]['service_kk']}")


def _lines(close: CloseData, rules: Rules, ages: Any, paid: Mapping[str, tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return the lines that owe, with the ages of the debt and the account's last payment."""
    by_line = {row[:2]: dict(zip(AGE_FIELDS, row, strict=True)) for row in records(ages, AGE_FIELDS)}
    lines = []
    for line in service_rows(close.lines, LINE_FIELDS, rules):
        if line["closing"] <= 0:
            continue
        age = by_line.get((line["account"], line["service"]))
        if age is None or sum(age[name] for name in AGES) != line["closing"]:
            raise ValueError(f"the debt of account {line['account']}, {line['service']} is not made of its ages: {age}")
        last_paid_on, last_paid = paid.get(line["account"], (None, None))
        last = {"last_paid_on": last_paid_on, "last_paid": last_paid}
        lines.append({**line, **age, **last, "debt": line["closing"], "house": line["house"] or ""})
    return lines


def _by_account(lines: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    accounts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        accounts[line["account"]].append(line)
    return list(accounts.values())


def _account(lines: Sequence[Row]) -> dict[str, Any]:
    sums = {name: sum((line[name] for line in lines), _ZERO) for name in SUMS}
    return {**lines[0], **sums, "months": max(line["months"] for line in lines), "order": 0}


def _largest_first(row: Row) -> tuple[Any, ...]:
    return -row["debt"], -row["months"], row["account"], row["order"]


def _show_months(row: Row) -> Row:
    """Return a row whose months are at least so many when a part of the debt is from before the books."""
    return {**row, "months": f"≥ {row['months']}" if row["age_before"] > 0 else Decimal(row["months"])}
