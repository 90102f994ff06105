"""The header row of a workbook that is most like a form's, and what it lacks, for what senders are told (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from inbox_worker.core.model import Finding
from inbox_worker.core.text import skeleton
from inbox_worker.forms.compared import find_compared
from inbox_worker.forms.heads import Grid, TableHead, names_of
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules

_ALIKE = 0.5
_LONGEST = 80  # characters of a header
_MOST_HEADERS = 60


def best_head(grids: Iterable[Grid], rule: FormRule, rules: Rules) -> tuple[TableHead, Mapping[int, str]] | None:
    """Return the row of a workbook with most of a form's columns, and its cells; None where no row has any."""
    names, best = names_of(rule, rules), None
    for grid in grids:
        for place, cells in enumerate(grid):
            head = names.match(place, cells) if len(cells) > 1 else None
            if head and head.columns and (best is None or head.score > best[0].score):
                best = head, cells
    return best


def what_is_missing(head: TableHead | None, cells: Mapping[int, str], rule: FormRule) -> dict[str, str]:
    """Return facts for a finding: `found`, `missing` (each with its nearest header), in both languages. Where no column
    that must be there lacks, the others are named: by one alone, beside strange ones, no table is known."""
    columns = head.columns if head else {}
    headers = [text for at, text in sorted(cells.items()) if at not in columns.values() and len(text) <= _LONGEST]
    found = [column for column in rule.columns if column.name in columns]
    lacking = [column for column in rule.columns if column.required and column.name not in columns]
    lacking = lacking or [column for column in rule.columns if column.name not in columns]
    near = {column.name: nearest(column, headers) for column in lacking}
    return {
        "found": "; ".join(f"«{column.ru}»" for column in found) or "—",
        "found_kk": "; ".join(f"«{column.kk}»" for column in found) or "—",
        "missing": "; ".join(f"«{column.ru}»{near[column.name]}" for column in lacking) or "—",
        "missing_kk": "; ".join(f"«{column.kk}»{near[column.name]}" for column in lacking) or "—",
    }


def find_differences(table: SheetTable, rule: FormRule, rules: Rules) -> dict[str, Finding]:
    """Return an error, by the name of the form's column, for each column that says a difference in its place: whether
    it is to be added or taken off, nobody can tell (4.3.2.4)."""
    there, found = find_compared(table, rule, rules), dict[str, Finding]()
    for one in rule.compared:
        if one.instead_of and one.name in there:
            at, place = there[one.name], table.head.place
            cell, facts = table.sheet.address(at, place), rule.column(one.instead_of).facts
            found[one.instead_of] = Finding(
                "column.only_difference", table.sheet.name, cell, table.grid[place][at], facts
            )
    return found


def nearest(column: ColumnRule, headers: list[str]) -> str:
    """Return the header most like one of a column's names, as ` (≈ «…»)`; '' when none is."""
    names = [skeleton(name) for name in column.names]
    rated = [(max(_likeness(name, skeleton(text)) for name in names), text) for text in headers[:_MOST_HEADERS]]
    share, text = max(rated, default=(0.0, ""))
    return f" (≈ «{text}»)" if share >= _ALIKE else ""


def _likeness(name: str, written: str) -> float:
    if not name or not written:
        return 0.0
    if min(len(name), len(written)) > 3 and (name in written or written in name):
        return 0.9
    return SequenceMatcher(None, name, written).ratio()
