"""Find what two forms of one letter say differently: which of them is right, no order of files tells (4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.deciding.alike import restore_codes
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.corrections import match_earlier
from inbox_worker.deciding.identify import identify
from inbox_worker.deciding.repeated_rows import find_unread
from inbox_worker.deciding.table import CheckedTable


def find_contradictions(case: Case, table: CheckedTable) -> list[Finding]:
    """Return an error for each row that another form of the same letter, of the same kind and Customer, tells with
    another value. Both forms get it, so that neither posts."""
    found: list[Finding] = []
    if case.rule.corrections != "replace":
        return found
    for other in case.beside:
        known = identify(other)
        same_month = not case.rule.per_month or known.month == case.month
        if other.same_as is None and known.bin == case.bin and same_month:
            beside = compare_rows(table, known)
            found += [replace(one, code="row.same_letter") for one in beside if one.code == "row.replaced"]
    return found


def compare_rows(table: CheckedTable, other: Case) -> Sequence[Finding]:
    """Return what would be found in a form's rows if another form, not posted, stood already."""
    theirs = CheckedTable(other)
    restore_codes(theirs, other, lambda: other.earlier)
    names = [*table.rule.key, *table.rule.compares, "sheet", "row"]
    if not set(names) <= set(theirs.form.rows.column_names):
        return []
    rows = theirs.form.rows.select(names).filter(pa.array(~find_unread(theirs)))
    rows = rows.append_column("submission", pa.array([other.id] * rows.num_rows, pa.string()))
    rows = rows.append_column("month", pa.nulls(rows.num_rows, pa.date32()))
    return match_earlier(table, ~find_unread(table), rows, pa.table({}), None).findings
