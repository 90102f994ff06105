"""Find what a form's table lacks (4.1.15)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from inbox_worker.core.model import Finding
from inbox_worker.forms.head_rows import are_names, goes_on
from inbox_worker.forms.misplaced_columns import find_groups, tell_zone
from inbox_worker.forms.near_heads import best_head, find_differences, nearest, what_is_missing
from inbox_worker.forms.recognise import Recognised
from inbox_worker.forms.rows import only_units
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.forms.tables import DIGITS, key_column
from inbox_worker.forms.turned_tables import find_headings_below, find_turned
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules

_ROWS_OF_HEAD = 3  # further ones, a blank one among them


def find_missing(found: Recognised, rules: Rules) -> list[Finding]:
    """Return an error for each required column that is not there, and for each header that is there twice; one where
    there is no table."""
    rule = found.rule
    if found.sheets:
        return [finding for table in found.sheets for finding in _find_in_head(table, rule, rules)]
    grids = [grid for _, grid in found.tops]
    if turned := find_headings_below(grids, [rule], rules):
        return turned
    head, cells = best_head(grids, rule, rules) or (None, {})
    facts = {"title_kk": rule.title.kk, **what_is_missing(head, cells, rule)}
    return [Finding("table.missing", value=rule.title.ru, facts=facts), *find_turned(found.tops, rules)]


def find_said_above(table: SheetTable, rule: FormRule) -> list[Finding]:
    """Return an info for each column that all rows take from a line above the table, or from the sheet's name."""
    found, sheet = [], table.sheet
    for name, over in table.head.over.items():
        cell = sheet.address(over.at, over.place) if over.place >= 0 else ""
        if over.text:
            found.append(Finding("column.said_above", sheet.name, cell, over.text, rule.column(name).facts))
    return found


def is_unclear(table: SheetTable, rule: FormRule, units: Collection[str]) -> bool:
    """Return whether a header says some column twice, or goes on in rows that say none: no row under it is read."""
    return bool(table.head.twice) or _last_of_head(table, rule, units) > table.head.place


def _last_of_head(table: SheetTable, rule: FormRule, units: Collection[str]) -> int:
    """Return the place of the last row that goes on with a table's header; the header's own where none does."""
    sheet, last = table.sheet, table.head.place
    over, key = sheet.row(last), key_column(table.head, rule)
    numbered = [at for column, at in table.head.pair_columns(rule) if column.type in DIGITS and at != key]
    for place in range(last + 1, min(last + 1 + _ROWS_OF_HEAD, sheet.height)):
        below = sheet.row(place)
        if below and not goes_on(over, below, key) and not _only_names(below, key, numbered, units):
            break
        last = place if below else last
    return last


def _only_names(below: Mapping[int, str], key: int, numbered: Iterable[int], units: Collection[str]) -> bool:
    """Return whether a row has words alone, which name no row, where the form has figures: `на конец` under `Сальдо`;
    units are no such words."""
    if key in below or any(sign.isdecimal() for text in below.values() for sign in text) or not are_names(below):
        return False
    words = (word for text in below.values() for word in text.split())
    return any(at in below for at in numbered) and not any(only_units([word], units) for word in words)


def _find_in_head(table: SheetTable, rule: FormRule, rules: Rules) -> list[Finding]:
    last = _last_of_head(table, rule, rules.vocabulary.spelled.units)
    first = table.head.place if table.head.first < 0 else table.head.first
    grouped = find_groups(table, last if last > table.head.place else last - 1, rule, rules)
    if last == table.head.place or grouped:
        return _find_missing(table, rule, rules, grouped)
    sheet, asked = table.sheet, [column for column in rule.columns if column.required]
    facts = {
        "first": str(sheet.first_row + first),
        "last": str(sheet.first_row + last),
        "columns": "; ".join(f"«{column.ru}»" for column in asked),
        "columns_kk": "; ".join(f"«{column.kk}»" for column in asked),
    }
    below = sheet.row(last)
    value = "; ".join(text for _, text in sorted(below.items()))[:200]
    return [Finding("head.several_rows", sheet.name, sheet.address(min(below), last), value, facts)]


def _find_missing(table: SheetTable, rule: FormRule, rules: Rules, grouped: list[Finding]) -> list[Finding]:
    """Return an error for each column that a table lacks or has twice; `grouped`: those about values that stand as
    columns instead."""
    place, findings = table.sheet.first_row + table.head.place, []
    said = {f"«{finding.facts['own']}»" for finding in grouped} | {finding.facts["into"] for finding in grouped}
    seen = [table.grid[table.head.place].get(at, "") for at in table.head.extra]
    differences = find_differences(table, rule, rules)
    for name in table.head.missing:
        column = rule.column(name)
        if f"«{column.ru}»" in said:
            continue
        if name in differences:
            findings.append(differences[name])
            continue
        facts = {**column.facts, "near": nearest(column, seen)}
        findings.append(Finding("column.missing", table.sheet.name, f"A{place}", column.ru, facts))
    named = {column.name for column in rule.columns if column.required}
    if len(table.head.twice) >= len(named) > 1:
        first = min(table.head.twice)
        text, cell = table.grid[table.head.place][first], table.sheet.address(first, table.head.place)
        return [*findings, Finding("table.beside", table.sheet.name, cell, text)]
    if grouped:
        return [*findings, *grouped]
    for at in table.head.twice:
        if rule.zones and rule.names_zone(table.grid[table.head.place][at]):
            findings.append(tell_zone(table, at, rule))
            continue
        text, cell = table.grid[table.head.place][at], table.sheet.address(at, table.head.place)
        findings.append(Finding("column.twice", table.sheet.name, cell, text, {"column": text}))
    return findings
