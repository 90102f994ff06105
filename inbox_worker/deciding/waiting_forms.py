"""Find what earlier forms that still wait say of a form's rows: who sends both must hear which counts (4.3.2)."""

from __future__ import annotations

from dataclasses import replace

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.same_letter import compare_rows
from inbox_worker.deciding.table import CheckedTable

_CODES = {"row.replaced": "row.waits_otherwise", "row.unchanged": "row.waits_too"}


def find_waiting(case: Case, table: CheckedTable, *, acts: bool) -> list[Finding]:
    """Return a warning for each row that an earlier form of the same kind and Customer, which waits, tells with another
    value, and information for each that it tells alike; of several such forms, of the last. The later form's rows count
    whichever of them acts first. `acts`: it is accepted now, so that the one which it replaces waits no more."""
    found = dict[tuple[str, int], Finding]()
    for other in case.waiting:
        gone = acts and other.id == case.replaces
        if other.bin == case.bin and not gone and not (case.rule.per_month and other.month != case.month):
            beside = (finding for finding in compare_rows(table, other) if finding.code in _CODES)
            found |= {(one.sheet, one.row): replace(one, code=_CODES[one.code]) for one in beside}
    return [*found.values()]
