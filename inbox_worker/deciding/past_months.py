"""Tell in which months rows act: those that begin in a month which is closed or past, or inside one."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show

_BEGINS = {"directory": "from_month", "stops": "from_date"}  # registers whose rows act in months from a day on


@check
def no_past_months(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warn of rows that say a day before the month of account: months before it are not counted again (4.3.2)."""
    early = pc.less(table.column(column), pa.scalar(case.month.first_day, pa.date32()))
    return table.each("row.no_past_months", early, column, month=case.month.form_text)


@check
def leaves_by_day(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Tell since when a house is not charged, where that is another month than the form's: the day decides (4.3.11)."""
    found = []
    for index, day in enumerate(table.column(column).to_pylist()):
        if day is None:
            continue
        since = Period.of(day).plus(1)
        since = max(since, case.first_open) if case.first_open else since
        if since != case.month:
            facts = {"since": since.form_text, "month": case.month.form_text}
            found.append(table.make_finding("house.leaves_by_day", index, column, **facts))
    return found


@check
def stop_not_over(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse a stop that was over before the first open month: it would change nothing (4.1.4). A row that ends a stop
    which is known does."""
    if case.first_open is None or not len(table):
        return []
    first, known = case.first_open.first_day, _find_known(table, case)
    return [
        table.make_finding("stop.closed", index, "to_date", month=case.first_open.form_text)
        for index, last in enumerate(table.column("to_date").to_pylist())
        if last is not None and last < first and index not in known
    ]


@check
def stop_counts_months(table: CheckedTable, case: Case) -> list[Finding]:
    """Tell which months a stop leaves out where it begins or ends inside a month: the 1st decides (10.3). One that
    would leave out none is refused; a row that ends a stop which is known may well do so."""
    found, known = [], _find_known(table, case)
    for index, (begins, ends) in enumerate(rows_of(table.form.rows, "from_date", "to_date")):
        if begins is None or (begins.day == 1 and (ends is None or (ends + timedelta(1)).day == 1)):
            continue
        since = Period.of(begins) if begins.day == 1 else Period.of(begins).plus(1)
        since = max(since, case.first_open) if case.first_open else since
        if ends is None:
            found.append(table.make_finding("stop.counts_from", index, "from_date", since=since.form_text))
            continue
        last = Period.of(ends)
        facts = {"until": show(ends), "since": since.form_text, "last": last.form_text}
        if since <= last:
            found.append(table.make_finding("stop.counts_months", index, "from_date", **facts))
        elif index not in known and not (case.first_open and last < case.first_open):  # told as over
            found.append(table.make_finding("stop.no_month", index, "from_date", **facts))
    return found


def _find_known(table: CheckedTable, case: Case) -> set[int]:
    """Return the rows of a register whose key an earlier one has: they change what it said."""
    known = set(rows_of(case.earlier, *table.rule.key)) if case.earlier.num_rows else set()
    return {index for index, row in enumerate(rows_of(table.form.rows, *table.rule.key)) if row in known}


def tell_past_months(case: Case, rows: pa.Table) -> list[Finding]:
    """Return a warning for rows of an operator's register, new or changed, that begin in a closed month: they act from
    the first open one (4.1.4). `rows`: those that are to be posted."""
    if case.first_open is None or not rows.num_rows:
        return []
    first = case.first_open.first_day
    if case.rule.form == "customers":
        return _about_customers(case, rows, first)
    column = _BEGINS.get(case.rule.form)
    early = rows.filter(pc.less(rows.column(column), pa.scalar(first, pa.date32()))) if column else rows.slice(0, 0)
    if not early.num_rows or column is None:
        return []
    begins, sheet, row = min(rows_of(early, column, "sheet", "row"))
    facts = {"count": str(early.num_rows), "month": case.first_open.form_text}
    cell = f"{case.form.letters[sheet][column]}{row}"
    return [Finding("register.past_month", sheet, cell, Period.of(begins).form_text, facts)]


def _about_customers(case: Case, rows: pa.Table, first: date) -> list[Finding]:
    """Tell of details that are to count from a closed month on, and of contracts whose end is new and leaves closed
    months behind it: their lines were charged in them."""
    found, facts = [], {"count": "1", "month": Period.of(first).form_text}
    for bin_, until, since, sheet, row in rows_of(rows, "bin", "valid_until", "counts_from", "sheet", "row"):
        before, days = case.customers.get(bin_), list[tuple[str, date]]()
        if since is not None and since < first and before is not None:
            days.append(("counts_from", since))
        if until is not None and before is not None and before.valid_until != until:
            days += [("valid_until", until)] if Period.of(until).plus(1).first_day < first else []
        for column, day in days:
            cell = f"{case.form.letters[sheet][column]}{row}"
            found.append(Finding("register.past_month", sheet, cell, show(day), facts))
    return found
