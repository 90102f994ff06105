"""Columns beside a form's own that say again what is known: who lives there, which flat, how much was used (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inbox_worker.core.text import fold, skeleton
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import Sheet

CUSTOMER = ("customer", "customer_name")  # labels above a table; in it, of a form of one Customer, they say it again


def find_compared(table: SheetTable, rule: FormRule, rules: Rules) -> dict[str, int]:
    """Return the columns of a sheet, by their names in the rules, that are compared and not read otherwise; none of two
    with one name."""
    found: dict[str, list[int]] = {}
    for at in table.head.extra:
        text = rules.vocabulary.spelled.unit.sub("", table.grid[table.head.place].get(at, ""))
        for column, names in _names(rule, rules):
            if {fold(text), skeleton(text)} & {spell(name) for name in names for spell in (fold, skeleton)}:
                found.setdefault(column, []).append(at)
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _names(rule: FormRule, rules: Rules) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((column.name, column.names) for column in rule.compared)
    if not rule.operator:
        yield from ((label, tuple(rules.vocabulary.labels[label])) for label in CUSTOMER)


def read_compared(sheet: Sheet, compared: Mapping[str, int], places: Ints) -> dict[str, dict[int, str]]:
    """Return what these columns say of rows: by the column's name and the sheet's row; of filled cells only."""
    return {
        name: {sheet.first_row + place: text for place in places.tolist() if (text := sheet.text(at, place))}
        for name, at in compared.items()
    }
