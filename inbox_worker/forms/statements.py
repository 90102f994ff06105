"""A statement of an account, of any format -> the typed form bank_statement; its balances must agree with its lines
(4.1.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from inbox_worker.core.account_days import AccountDays
from inbox_worker.core.model import Finding, FormTable, Severity
from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.layout_table import LayoutTable, as_texts
from inbox_worker.forms.typing import type_column
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet
from inbox_worker.workbooks.statement_rows import BALANCES, ENTRIES, PROBLEMS, Balance, Entry, UnreadPlace

FORM = "bank_statement"
_NO_REFERENCE = "—"  # banks leave their own fees without a number: the occurrence tells them apart
_ZERO = Decimal(0)
_COMPARED = {"statement.batch_differs", "statement.count_differs"}  # errors of a file whose every line was read


def read_rows(sheets: Iterable[Sheet], rules: Rules) -> FormTable:
    """Return the statement that the reading process found in a file of 1C, SWIFT or ISO 20022."""
    texts = {sheet.name: texts_of_sheet(sheet) for sheet in sheets}
    entries = [Entry(int(row[0]), *row[1:]) for row in texts.get(ENTRIES, [])]
    balances = [Balance(int(row[0]), *row[1:]) for row in texts.get(BALANCES, [])]
    problems = [UnreadPlace(int(row[0]), row[1], row[2]) for row in texts.get(PROBLEMS, [])]
    findings = [Finding(one.code, cell=str(one.line), value=one.text) for one in problems]
    rule, rows = rules.forms[FORM], np.array([entry.line for entry in entries], np.int64)
    columns: dict[str, pa.Array] = {}
    for column in rule.columns:
        if column.name in Entry._fields:
            cells = as_texts([getattr(entry, column.name) for entry in entries])
            known = column.name in (*rule.key, *rule.compares)
            task = ColumnTask(cells, column, "", "", rows, rules.texts.written, compared=known)
            columns[column.name] = type_column(task, rules)
            findings += task.findings
    days = [_days_of(balance) for balance in balances]
    return statement_table(columns, days, rows, rules, findings)


def read_laid(table: LayoutTable) -> FormTable:
    """Return a statement in a layout: one account, its balances above or below the lines."""
    columns = table.columns()
    figures = {name: table.amount(name) for name in ("opening", "closing", "debit_sum", "credit_sum")}
    for name in ("debit", "credit"):
        count = table.amount(f"{name}_count")
        there = sum(bool(amount) for amount in columns[name].to_pylist())
        if count is not None and count != there:
            facts = {"stated": str(int(count)), "counted": str(there)}
            table.findings.append(Finding("statement.count_differs", value=name, facts=facts))
    iban = next((iban for iban in columns["iban"].to_pylist() if iban), "")
    findings, sheet = [*table.laid.problems, *table.findings], table.laid.lines.sheet.name
    days = [AccountDays(iban, "", "", **figures)]
    return statement_table(columns, days, table.rows, table.rules, findings, sheet, table.letters())


def statement_table(
    columns: Mapping[str, pa.Array],
    days: Sequence[AccountDays],
    rows: Any,
    rules: Rules,
    findings: Sequence[Finding],
    sheet: str = "",
    letters: Mapping[str, str] | None = None,
) -> FormTable:
    """Return typed lines as the form, each with its side and its number among those alike."""
    made = dict(columns)
    made["reference"] = pa.array([text or _NO_REFERENCE for text in made["reference"].to_pylist()], pa.string())
    names = ("iban", "day", "reference", "debit", "credit")
    lines = list(zip(*(made[name].to_pylist() for name in names), strict=True))
    rule = rules.forms[FORM]
    came, went = rule.column("side").choices
    sides = [came if line[4] else went for line in lines]
    made["side"] = pa.array(sides, pa.string())
    made["occurrence"] = pa.array(_count_alike(lines, sides), pa.int64())
    nets = [one.net for one in days]
    total = sum((net for net in nets if net is not None), _ZERO) if nets and None not in nets else None
    places = {"sheet": pa.array([sheet] * len(rows), pa.string()), "row": pa.array(rows.astype(np.int32))}
    table = pa.table({**places, **{column.name: made[column.name] for column in rule.columns}})
    empty = {"code": "value.missing", "column": rule.column("reference").ru}  # no number is told by _NO_REFERENCE
    known = [f for f in findings if {"code": f.code, "column": f.facts.get("column")} != empty]
    places_of = {sheet: dict(letters or {})}
    severe = {f.code for f in known if rules.findings[f.code].severity is Severity.ERROR}
    unread = severe - _COMPARED
    wrong = [] if unread else _compare(lines, days)  # without what was not read they would differ by it
    return FormTable(FORM, rule.version, {}, table, places_of, (*known, *wrong), None, total, tuple(days))


def _count_alike(lines: Sequence[tuple[Any, ...]], sides: Sequence[str]) -> list[int]:
    """Number the lines of one account, day, reference and side by their sums: banks list them from the first or from
    the last, and the same line must have the same number in both."""
    counts, seen = [0] * len(lines), Counter[tuple[Any, ...]]()
    for at in sorted(range(len(lines)), key=lambda at: (lines[at][3] or _ZERO, lines[at][4] or _ZERO, at)):
        alike = (*lines[at][:3], sides[at])
        seen[alike] += 1
        counts[at] = seen[alike]
    return counts


def _compare(lines: Sequence[tuple[Any, ...]], days: Sequence[AccountDays]) -> list[Finding]:
    """Return what does not agree: pages that do not follow each other, lines that do not lead from one balance to the
    other, by account and by day, sums of one side."""
    findings: list[Finding] = []
    for iban in dict.fromkeys(one.iban for one in days):
        pages, own = [one for one in days if one.iban == iban], [line for line in lines if line[0] == iban]
        for before, after in pairwise(pages):
            if before.closing != after.opening:
                findings.append(_differs("statement.balance_gap", iban, after.opening, before.closing))
        if (net := _net(pages)) is not None and net != _turnover(own):
            findings.append(_differs("statement.balance_differs", iban, net, _turnover(own)))
        findings += [*_by_day(iban, pages, own), *_outside(iban, pages, own)]
        for name, place in (("debit_sum", 3), ("credit_sum", 4)):
            stated = [getattr(page, name) for page in pages]
            counted = sum((line[place] or _ZERO for line in own), _ZERO)
            if None not in stated and sum(stated, _ZERO) != counted:
                findings.append(_differs("statement.turnover_differs", iban, sum(stated, _ZERO), counted))
    strangers = {line[0] for line in lines if line[0]} - {one.iban for one in days}
    return [*findings, *(Finding("statement.no_balances", value=iban) for iban in sorted(strangers))]


def _net(pages: Sequence[AccountDays]) -> Decimal | None:
    nets = [page.net for page in pages]
    return None if None in nets else sum((net for net in nets if net is not None), _ZERO)


def _by_day(iban: str, pages: Sequence[AccountDays], own: Sequence[tuple[Any, ...]]) -> list[Finding]:
    """Compare a day's own balances with its lines, where the file has a section a day."""
    if len(pages) < 2 or any(page.first != page.last or not page.first for page in pages):
        return []
    found = []
    for page in pages:
        of_day = [line for line in own if line[1] is not None and f"{line[1]:%d.%m.%Y}" == page.first]
        if page.net is not None and page.net != _turnover(of_day):
            found.append(_differs("statement.balance_differs", f"{iban} {page.first}", page.net, _turnover(of_day)))
    return found


def _outside(iban: str, pages: Sequence[AccountDays], own: Sequence[tuple[Any, ...]]) -> list[Finding]:
    """Tell of lines of days that are not within the days that the file states of the account."""
    if not pages or any(not page.first or not page.last for page in pages):
        return []
    first, last = (pick(_day_of(day) for page in pages for day in (page.first, page.last)) for pick in (min, max))
    days = {line[1] for line in own if line[1] is not None and not first <= line[1] <= last}
    facts = {"first": f"{first:%d.%m.%Y}", "last": f"{last:%d.%m.%Y}"}
    return [Finding("statement.outside", value=f"{iban} {day:%d.%m.%Y}", facts=facts) for day in sorted(days)]


def _day_of(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007


def _turnover(lines: Sequence[tuple[Any, ...]]) -> Decimal:
    return sum(((line[4] or _ZERO) - (line[3] or _ZERO) for line in lines), _ZERO)


def _differs(code: str, account: str, stated: Decimal | None, counted: Decimal | None) -> Finding:
    facts = {"stated": _write_sum(stated), "counted": _write_sum(counted)}
    return Finding(code, value=account, facts=facts)


def _write_sum(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:.2f}".replace(".", ",")


def _days_of(balance: Balance) -> AccountDays:
    sums = [Decimal(text) if text else None for text in balance[4:]]
    return AccountDays(balance.iban, balance.first, balance.last, *sums)


def texts_of_sheet(sheet: Sheet) -> list[list[str]]:
    """Return the rows of a sheet of the reading process as texts."""
    columns = [[text or "" for text in sheet.columns[at].texts.to_pylist()] for at in sorted(sheet.columns)]
    return [list(row) for row in zip(*columns, strict=True)]
