"""Find what a form's table lacks (4.1.15)."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.forms.near_heads import best_head, nearest, what_is_missing
from inbox_worker.forms.recognise import Recognised
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules


def find_missing(found: Recognised, rules: Rules) -> list[Finding]:
    """Return an error for each required column that is not there, and for each header that is there twice; one where
    there is no table."""
    rule = found.rule
    if found.sheets:
        return [finding for table in found.sheets for finding in _find_missing(table, rule)]
    head, cells = best_head(found.tops, rule, rules) or (None, {})
    facts = what_is_missing(head, cells, rule)
    return [Finding("table.missing", value=rule.title.ru, facts={"title_kk": rule.title.kk, **facts})]


def _find_missing(table: SheetTable, rule: FormRule) -> list[Finding]:
    place, findings = table.sheet.first_row + table.head.place, []
    seen = [table.grid[table.head.place].get(at, "") for at in table.head.extra]
    for name in table.head.missing:
        column = rule.column(name)
        facts = {**column.facts, "near": nearest(column, seen)}
        findings.append(Finding("column.missing", table.sheet.name, f"A{place}", column.ru, facts))
    for at in table.head.twice:
        text, cell = table.grid[table.head.place][at], table.sheet.address(at, table.head.place)
        findings.append(Finding("column.twice", table.sheet.name, cell, text, {"column": text}))
    return findings
