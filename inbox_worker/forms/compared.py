"""Columns beside a form's own that say again what is known: who lives there, which flat, how much was used (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold, skeleton
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet

CUSTOMER = ("customer", "customer_name")  # labels above a table; in it, of a form of one Customer, they say it again


def find_compared(table: SheetTable, rule: FormRule, rules: Rules) -> dict[str, int]:
    """Return the columns of a sheet, by their names in the rules, that are compared and not read otherwise; none of two
    with one name, but the first that names the Customer."""
    every = _find_every(table, rule, rules)
    found = {name: places[0] for name, places in every.items() if len(places) == 1 or name in CUSTOMER}
    alone = {one.name for one in rule.compared if one.beside and one.beside not in found}
    return {name: place for name, place in found.items() if name not in alone}


def find_contradicting(table: SheetTable, rule: FormRule, rules: Rules, rows: Ints) -> dict[int, Finding]:
    """Return an error for each further column, by its place, of one name that says another Customer than the first does
    in some row."""
    sheet, every, found = table.sheet, _find_every(table, rule, rules), dict[int, Finding]()
    for first, *further in (every[name] for name in CUSTOMER if name in every):
        said = [sheet.text(first, place) for place in rows.tolist()]
        for at in further:
            if said != [sheet.text(at, place) for place in rows.tolist()]:
                text, cell = table.grid[table.head.place][at], sheet.address(at, table.head.place)
                found[at] = Finding("column.twice", sheet.name, cell, text, {"column": text})
    return found


def _find_every(table: SheetTable, rule: FormRule, rules: Rules) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at in table.head.extra:
        text = rules.vocabulary.spelled.unit.sub("", table.grid[table.head.place].get(at, ""))
        for column, names in _names(rule, rules):
            if {fold(text), skeleton(text)} & {spell(name) for name in names for spell in (fold, skeleton)}:
                found.setdefault(column, []).append(at)
    return found


def _names(rule: FormRule, rules: Rules) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((column.name, column.names) for column in rule.compared)
    if not rule.operator:
        yield from ((label, tuple(rules.vocabulary.labels[label])) for label in CUSTOMER)


def read_compared(sheet: Sheet, compared: Mapping[str, int], places: Ints) -> dict[str, dict[int, str]]:
    """Return what these columns say of rows: by the column's name and the sheet's row; of filled cells only. A Customer
    that stands once over several rows, in a merged cell or in the first of them, is that of each."""
    said = {name: dict(_texts(sheet, at, places)) for name, at in compared.items()}
    for name in CUSTOMER:
        last = ""
        for place in places.tolist() if said.get(name) else ():
            last = said[name].setdefault(sheet.first_row + place, last) or last
    return said


def _texts(sheet: Sheet, at: int, places: Ints) -> Iterator[tuple[int, str]]:
    return ((sheet.first_row + place, text) for place in places.tolist() if (text := sheet.text(at, place)))
