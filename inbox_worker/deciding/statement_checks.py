"""Checks of a statement of the transit account, and of the register of banks (4.1.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import FactFile, Finding, FormTable, Period
from inbox_worker.core.money import show_ru
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show_sum
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.office import Office

_BALANCES = "statement_balances"
Span = Mapping[str, Any]  # first and last day of an account's lines, its balance before and after them


@check
def statement_sides(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse a line that is not exactly one of debit and credit, or whose sum is not above zero."""
    sides = [np.asarray(pc.fill_null(pc.not_equal(table.column(name), _ZERO), False)) for name in ("debit", "credit")]
    minus = [np.asarray(pc.fill_null(pc.less(table.column(name), _ZERO), False)) for name in ("debit", "credit")]
    filled = table.find_filled("debit") | table.find_filled("credit")
    if "statement.line" in {finding.code for finding in table.form.findings}:  # a sum that was not read was told
        sides[0] = sides[0] | ~filled
    return table.each("statement.sides", (sides[0] == sides[1]) | minus[0] | minus[1], "reference")


@check
def statement_balances(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse whole a statement without balances, or a blank whose lines are not the change that stands above them. Of
    files with balances that was compared, account by account, when they were read."""
    stated = table.form.control_sum
    if stated is None:
        missing = Finding("statement.no_balances", value="—")
        return [] if missing.code in {finding.code for finding in table.form.findings} else [missing]
    if table.form.balances:
        return []
    sums = [pc.sum(table.column(name)).as_py() or Decimal(0) for name in ("credit", "debit")]
    if stated == sums[0] - sums[1]:
        return []
    facts = {"stated": show_sum(stated), "counted": show_sum(sums[0] - sums[1])}
    return [Finding("statement.balance_differs", value="—", facts=facts)]


@check
def statement_follows(table: CheckedTable, case: Case) -> list[Finding]:
    """Tell where the balances of an account do not go on from those of the statements that were loaded before: one
    between is missing, or one of them is not right."""
    return [
        finding
        for own in spans_of(case.form)
        for finding in _compare_spans(own, _find_spans_near(case.office, own["iban"], own["first"]))
    ]


def _find_spans_near(office: Office, iban: str, first: date) -> list[Span]:
    """Return what was kept of the account's statements since the nearest that ended before the day; of all of them
    where none did. A file lies in the month of its last day."""
    by_month = defaultdict[Period, list[FactFile]](list)
    for file in office.journal.facts.files(_BALANCES):
        by_month[file.month].append(file)
    found: list[Span] = []
    for month in sorted(by_month, reverse=True):
        if any(month.first_day <= span["last"] < first for span in found):
            break
        spans = read_facts(office.home.ledger, _BALANCES, by_month[month]).to_pylist()
        found = [span for span in spans if span["iban"] == iban] + found
    return found


def spans_of(form: FormTable) -> list[Span]:
    """Return of each account with both balances the first and last day of its lines, and what it had before the first
    and after the last."""
    days: defaultdict[str, list[date]] = defaultdict(list)
    for iban, day in zip(*(form.rows.column(name).to_pylist() for name in ("iban", "day")), strict=True):
        if day is not None:
            days[iban].append(day)
    spans: list[Span] = []
    for iban, own in days.items():
        pages = [page for page in form.balances if page.iban == iban]
        if pages and pages[0].opening is not None and pages[-1].closing is not None:
            ends = {"opening": pages[0].opening, "closing": pages[-1].closing}
            spans.append({"iban": iban, "first": min(own), "last": max(own), **ends})
    return spans


def _compare_spans(own: Span, known: Sequence[Span]) -> list[Finding]:
    """Compare with the nearest statement before and after, and with those that begin or end on the same day, unless
    one of them goes on from the other within the day."""
    before = max((one for one in known if one["last"] < own["first"]), key=lambda one: one["last"], default=None)
    after = min((one for one in known if one["first"] > own["last"]), key=lambda one: one["first"], default=None)
    asked = [(own, "opening", before, "closing"), (own, "closing", after, "opening")]
    for end, day in (("opening", "first"), ("closing", "last")):
        beside = [one for one in known if one[day] == own[day] and not _goes_on(own, one)]
        asked += [(own, end, beside[-1], end)] if beside else []
    return [
        _does_not_follow(mine[end], other, other_end)
        for mine, end, other, other_end in asked
        if other is not None and mine[end] != other[other_end]
    ]


def _goes_on(own: Span, other: Span) -> bool:
    return bool(own["opening"] == other["closing"] or own["closing"] == other["opening"])


def _does_not_follow(stated: Decimal, other: Span, end: str) -> Finding:
    facts = {
        "stated": show_ru(stated), "counted": show_ru(other[end]), "submission": other["submission"],
        "first": f"{other['first']:%d.%m.%Y}", "last": f"{other['last']:%d.%m.%Y}",
    }  # fmt: skip
    return Finding("statement.does_not_follow", value=other["iban"], facts=facts)


@check
def bank_terms(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse a commission of more than all that is received, and a limit of an order that no sum could be within: one
    not above the bank's fee for a transfer waits for more."""
    limit, fee = table.column("order_limit"), pc.fill_null(table.column("transfer_fee"), Decimal(0))
    small = table.each("bank.limit_small", pc.less_equal(limit, fee), "order_limit")
    return small + table.each("bank.commission_absurd", pc.greater(table.column("commission"), 100), "commission")


_ZERO = pa.scalar(Decimal(0), pa.decimal128(18, 2))
