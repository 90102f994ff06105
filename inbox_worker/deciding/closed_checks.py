"""Checks of rows whose key a closed month has: it keeps its own, and what comes now is added to it (4.3.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show_sum


@check
def counted_before(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warn of rows whose key stands in a closed month already, with the same sum in this column or another: a month
    that is closed keeps its own, and these are added to it (4.3.2.4). One that changes an open row was told before."""
    closed, key = _closed_sums(table, case, column), table.rule.key
    opened = {row for rows in (case.earlier, case.replaced_rows) if rows.num_rows for row in rows_of(rows, *key)}
    found = []
    for index, (value, *named) in enumerate(rows_of(table.form.rows, column, *key)):
        before = closed.get(tuple(named))
        if not value or before is None:
            continue
        facts = {**before.facts, "month": case.month.form_text}
        if value in before.sums:
            found.append(table.make_finding("row.counted_before", index, column, **facts | before.sums[value]))
        elif tuple(named) not in opened and before.total:
            facts |= {"old": show_sum(before.total), "difference": show_sum(value - before.total)}
            found.append(table.make_finding("row.counted_otherwise", index, column, **facts))
    return found


@check
def zero_replaces(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warn of a sum of zero where no earlier one of its key is open: it takes nothing back and adds nothing, nor does
    it change what a closed month has (4.3.2.4). A form that replaces another whole has taken its rows back already."""
    if case.replaces:
        return []
    key, found = table.rule.key, []
    known = set(rows_of(case.earlier, *key)) if case.earlier.num_rows else set()
    closed = _closed_sums(table, case, column)
    for index, (value, *named) in enumerate(rows_of(table.form.rows, column, *key)):
        if value != 0 or tuple(named) in known:
            continue
        before = closed.get(tuple(named))
        if before and before.total:
            facts = {**before.facts, "old": show_sum(before.total), "difference": show_sum(-before.total)}
            found.append(table.make_finding("row.zero_closed", index, column, **facts))
        else:
            found.append(table.make_finding("row.zero_alone", index, column))
    return found


@dataclass
class _ClosedSums:
    """The sums of one key that closed months have. `sums`: each with its last place; `facts`: the last place of all."""

    total: Decimal
    facts: dict[str, str]
    sums: dict[Decimal, dict[str, str]]


def _closed_sums(table: CheckedTable, case: Case, column: str) -> dict[tuple[Any, ...], _ClosedSums]:
    """Return what closed months have of the keys of this form's accounts."""
    facts = case.facts(table.rule.form)
    of_accounts = pc.is_in(facts["account"], value_set=pc.unique(table.column("account")).cast(pa.string()))
    closed = facts.filter(pc.and_(of_accounts, pc.and_(facts["closed"], pc.not_equal(facts[column], 0))))
    found = dict[tuple[Any, ...], _ClosedSums]()
    for row in closed.to_pylist():
        place = {"old_month": Period.of(row["month"]).form_text, "submission": str(row["submission"])}
        place |= {"old_row": str(row["row"])}
        one = found.setdefault(tuple(row[name] for name in table.rule.key), _ClosedSums(Decimal(0), {}, {}))
        one.total, one.facts = one.total + row[column], place
        one.sums[row[column]] = place
    return found
