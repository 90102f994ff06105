"""Checks of the operator's registers beside what stood before: a lost comma, an account of two Customers (4.1.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, Mask, check, rows_of, show
from inbox_worker.ledger.facts import read_facts

_LINE = ("bin", "account", "service")
_SLIPS = (Decimal(10), Decimal(100), Decimal(1000))  # what a lost or a moved comma makes of a number
_FIGURE = pa.decimal128(24, 4)  # as wide as any figure of a register; times a limit it still fits


@check
def figures_as_before(table: CheckedTable, case: Case, far: Mapping[str, str], slips: str = "") -> list[Finding]:
    """Warn of figures of a line that are as many times more or less as `far` says than the register said last; of the
    column `slips` only of those that are exactly 10, 100 or 1000 times as much or little. One finding a column."""
    kind, files = table.rule.form, case.office.journal.facts.files(table.rule.form)
    columns = [*far, *([slips] if slips else [])]
    if not files or not len(table):
        return []
    known = read_facts(case.office.home.ledger, kind, files, ["customer", *_LINE, *columns, "from_month"])
    accounts = pc.unique(table.column("account"))
    known = known.filter(pc.is_in(known.column("account"), value_set=accounts))
    known = known.sort_by([("from_month", "descending"), ("sequence", "descending")])  # the latest is met first
    known = known.rename_columns(["bin" if name == "customer" else name for name in known.column_names])
    places = table.places_in(known, _LINE)
    found = []
    for column in columns:
        new, old = table.column(column), known.column(column).take(pa.array(places, mask=places < 0))
        odd = _are_slips(new, old) if column == slips else _are_far(new, old, Decimal(far[column]))
        if rows := table.where(odd):
            first = rows[0]
            before = show(known.column(column)[int(places[first])].as_py())
            facts = {"known": before, "count": str(len(rows)), "account": show(table.value(first, "account"))}
            found.append(table.make_finding("directory.far_from_known", first, column, **facts))
    return found


@check
def register_figures(table: CheckedTable, case: Case, limits: Mapping[str, str]) -> list[Finding]:
    """Warn of figures over their limits, whatever their sign: one finding a column, at the largest."""
    return [
        finding
        for column, limit in limits.items()
        for finding in find_largest(table, column, Decimal(limit), "directory.figure_unusual")
    ]


def find_largest(table: CheckedTable, column: str, limit: Decimal, code: str) -> list[Finding]:
    """Return one finding where figures of a column are over a limit, at the largest, with how many there are."""
    values = pc.fill_null(pc.abs(table.column(column)), 0)
    rows = table.where(np.asarray(pc.greater(values, pa.scalar(limit))))
    if not rows:
        return []
    first = max(rows, key=lambda index: abs(table.value(index, column)))
    return [table.make_finding(code, first, column, most=show(limit), count=str(len(rows)))]


@check
def area_not_zero(table: CheckedTable, case: Case, base: str) -> list[Finding]:
    """Warn of lines that are charged by an area of 0: they are charged nothing (4.3.1). One finding, at the first."""
    bare = table.among("base", [base]) & np.asarray(pc.fill_null(pc.equal(table.column("area"), 0), False))
    rows = table.where(bare)
    return [table.make_finding("directory.area_zero", rows[0], "area", count=str(len(rows)))] if rows else []


@check
def one_house_per_account(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that an account is one address: its rows name one house and one flat, and no line of it, of whatever
    Customer, stays in the house that they leave (2.1.11)."""
    frame = table.frame
    places = frame.drop_duplicates(["account", "house", "flat"])
    twice = places[places.duplicated("account")]["account"]
    last_rows = ~frame.duplicated("account", keep="last") & frame["account"].isin(twice)
    return [*table.each("directory.two_addresses", last_rows, "account"), *_find_lines_that_stay(table, case)]


def _find_lines_that_stay(table: CheckedTable, case: Case) -> list[Finding]:
    """One finding an account, at its first row that names another house than the register said last."""
    rows = {str(table.value(index, "account")): index for index in reversed(_find_moved(table, case))}
    by_month: dict[date, list[str]] = {}
    for account, index in rows.items():
        if (month := table.value(index, "from_month")) and table.value(index, "house"):
            by_month.setdefault(month, []).append(account)
    moving, staying = set(rows_of(table.form.rows, *_LINE)), dict[str, list[dict[str, str]]]()
    for month, accounts in by_month.items():
        for line in case.office.directory.of_others("", accounts, Period.of(month)):
            account = line["account"]
            away = line["house"] != table.value(rows[account], "house")
            if away and (line["customer"], account, line["service"]) not in moving:
                staying.setdefault(account, []).append(line)
    return [
        _tell_lines_that_stay(table, case, index, staying[account])
        for account, index in sorted(rows.items(), key=lambda one: one[1])
        if account in staying
    ]


def _find_moved(table: CheckedTable, case: Case) -> list[int]:
    kind, files = table.rule.form, case.office.journal.facts.files(table.rule.form)
    if not files or not len(table):
        return []
    known = read_facts(case.office.home.ledger, kind, files, ["account", "house", "from_month"])
    known = known.filter(pc.is_in(known.column("account"), value_set=pc.unique(table.column("account"))))
    known = known.sort_by([("from_month", "descending"), ("sequence", "descending")])  # the latest is met first
    places = table.places_in(known, ["account"])
    before = known.column("house").take(pa.array(places, mask=places < 0))
    return table.where(np.asarray(pc.fill_null(pc.not_equal(table.column("house"), before), False), np.bool_))


def _tell_lines_that_stay(table: CheckedTable, case: Case, index: int, lines: list[dict[str, str]]) -> Finding:
    services = [case.rules.service(code) for code in sorted({line["service"] for line in lines})]
    facts = {
        "account": show(table.value(index, "account")),
        "known": ", ".join(sorted({line["house"] for line in lines})),
        "services": ", ".join(service.ru for service in services),
        "services_kk": ", ".join(service.kk for service in services),
    }
    return table.make_finding("directory.lines_stay", index, "house", **facts)


@check
def account_of_one(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a bank account (ИИК) that two Customers have: one of them would be paid what is the other's (4.3.3)."""
    rows = list(rows_of(table.form.rows, "bin", "iban"))
    stated = {bin_ for bin_, _ in rows}
    owners = {one.iban: one.bin for one in case.customers.values() if one.iban and one.bin not in stated}
    found = []
    for index, (bin_, iban) in enumerate(rows):
        owner = owners.setdefault(iban, bin_) if iban and bin_ else bin_
        if owner != bin_:
            found.append(table.make_finding("iban.of_two", index, "iban", owner=owner))
    return found


def _are_far(new: pa.ChunkedArray, old: pa.ChunkedArray, times: Decimal) -> Mask:
    return _compare(pc.greater_equal, new, old, times)


def _are_slips(new: pa.ChunkedArray, old: pa.ChunkedArray) -> Mask:
    odd = np.zeros(len(new), np.bool_)
    for times in _SLIPS:
        odd |= _compare(pc.equal, new, old, times)
    return odd


def _compare(test: Callable[..., Any], new: pa.ChunkedArray, old: pa.ChunkedArray, times: Decimal) -> Mask:
    """Return where either figure passes the test beside so many times the other; nowhere where one is missing or 0."""
    a, b = (pc.cast(pc.abs(values), _FIGURE) for values in (new, old))
    either = pc.or_(test(a, pc.multiply(b, pa.scalar(times))), test(b, pc.multiply(a, pa.scalar(times))))
    zero = pa.scalar(Decimal(0))
    said = pc.and_(either, pc.and_(pc.greater(a, zero), pc.greater(b, zero)))
    return np.asarray(pc.fill_null(said, False), np.bool_)
