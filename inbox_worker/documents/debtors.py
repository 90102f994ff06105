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
from inbox_worker.documents.heading import Heading
from inbox_worker.documents.sheet_columns import (
    SheetColumn,
    join_figures,
    money_columns,
    records,
    service_rows,
    text_columns,
)
from inbox_worker.documents.sheets import Page
from inbox_worker.documents.view import show_date
from inbox_worker.settings.rules import Rules

ACCOUNTS, LINES = "Задолжники", "По услугам"
AGES = ("age_1", "age_2_3", "age_4_6", "age_7_12", "age_over_12", "age_before")
_WHO = text_columns(account=13, address=32, flat=6, name=33)
_DEBT = (
    *money_columns(debt=15, closing_penalty=12),
    SheetColumn("months", width=9),
    *money_columns(age_1=14, age_2_3=14, age_4_6=14, age_7_12=14, age_over_12=14, age_before=14),
)
ACCOUNT_COLUMNS = (*_WHO, *_DEBT, SheetColumn("last_paid_on", "date", 11), SheetColumn("last_paid", "money", 14))
LINE_COLUMNS = (
    *_WHO,
    *text_columns(service_ru=22, service_kk=22),
    *_DEBT,
    SheetColumn("service", width=12, hidden=True),
)
SUMS = ("debt", "closing_penalty", *AGES)
LINE_FIELDS = ("account", "service", "address", "flat", "name", "closing", "closing_penalty")
AGE_FIELDS = ("account", "service", *AGES, "months")
PAID_FIELDS = ("account", "last_paid_on", "last_paid")
Row = Mapping[str, Any]


def render_debtors(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, ages: Any, last_payments: Any
) -> Rendered:
    """Render the list as a workbook: accounts, the longest debt first, then the same by services.

    `close` holds this Customer's lines only. `ages`: pyarrow rows AGE_FIELDS of the lines that owe, whose parts add
    up to the line's closing balance; `months` counts the months unpaid. `last_payments`: rows PAID_FIELDS, the sum
    of an account's last day of payment. The debt's total is the debit of the turnover statement's closing balance.
    Raises ValueError when a line that owes has no age or its parts do not add up.
    """
    lines = _lines(close, rules, ages)
    paid = {row[0]: row[1:] for row in records(last_payments, PAID_FIELDS)}
    accounts = [_account(of, paid) for of in _by_account(lines)]
    upto = f", {rules.texts.written.both('heading.on')} {show_date(close.month.plus(1).first_day)}"
    heading = Heading("debtors", rules, close.month, operator, customer, upto)
    book = heading.open_book(len(lines))
    by_account = heading.add_page(book, ACCOUNTS, ACCOUNT_COLUMNS)
    _write(by_account, accounts)
    by_service = heading.add_page(book, LINES, LINE_COLUMNS)
    _write(by_service, lines)
    shown = {"debt": "debt", "closing_penalty": "debt.closing_penalty", **{name: f"debt.{name}" for name in AGES}}
    figures = join_figures(by_account.figures({**shown, "last_paid": "last_paid"}), by_service.figures(shown))
    return Rendered("debtors", f"debtors-{close.month}.xlsx", book.finish(), "", figures)


def _lines(close: CloseData, rules: Rules, ages: Any) -> list[dict[str, Any]]:
    """Return the lines that owe, with the ages of the debt."""
    by_line = {row[:2]: dict(zip(AGE_FIELDS, row, strict=True)) for row in records(ages, AGE_FIELDS)}
    lines = []
    for line in service_rows(close.lines, LINE_FIELDS, rules):
        if line["closing"] <= 0:
            continue
        age = by_line.get((line["account"], line["service"]))
        if age is None or sum(age[name] for name in AGES) != line["closing"]:
            raise ValueError(f"the debt of account {line['account']}, {line['service']} is not made of its ages: {age}")
        lines.append({**line, **age, "debt": line["closing"]})
    return lines


def _by_account(lines: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    accounts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        accounts[line["account"]].append(line)
    return list(accounts.values())


def _account(lines: Sequence[Row], paid: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    sums = {name: sum((line[name] for line in lines), Decimal(0)) for name in SUMS}
    last_paid_on, last_paid = paid.get(lines[0]["account"], (None, None))
    months = max(line["months"] for line in lines)
    return {**lines[0], **sums, "months": months, "order": 0, "last_paid_on": last_paid_on, "last_paid": last_paid}


def _longest_first(row: Row) -> tuple[Any, ...]:
    return -row["months"], -row["debt"], row["account"], row["order"]


def _write(page: Page, rows: Sequence[Row]) -> None:
    """Write a sheet; a cell above the table proves that the ages make the debt."""
    shown = [
        {**row, "months": f"≥ {row['months']}" if row["age_before"] > 0 else Decimal(row["months"])}
        for row in sorted(rows, key=_longest_first)
    ]
    page.write_table(shown, "account", ("debt",), AGES)
