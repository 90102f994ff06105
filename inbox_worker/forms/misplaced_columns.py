"""Columns of sums in the place of the form's one: of one sign each, or of one service or month each (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import names_another_measure
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.days_in_words import month_without_year
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.sheet_words import judges
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind


def find_misplaced(
    table: SheetTable, lacking: Iterable[ColumnRule], rule: FormRule, rules: Rules, places: Ints
) -> dict[int, Finding]:
    """Return an error, by its place, for each filled column of numbers whose header is a value of a column that the
    table lacks (`Лифт` where it has no `Услуга`), or that stands for its one column of sums, where one is said to lower
    (`Снять` beside `Доначислить`)."""
    missing, head = [column for column in lacking if column.required], table.grid[table.head.place]
    summed = {at: head.get(at, "") for at in _find_numbered(table, places)}
    found = {}
    for at, text in summed.items():
        said = next((column for column in missing if _is_value(text, column, rules)), None)
        if said:
            found[at] = _tell("column.of_one_value", table, at, said)
    own, names = next((column for column in missing if column.type == "money"), None), names_of(rule, rules)
    lowers = [
        text for text in summed.values() if own and not names_another_measure(text) and names.turns(own.name, text)
    ]
    if own and lowers:
        found |= {at: _tell("column.of_one_sign", table, at, own) for at in summed if at not in found}
    return found


def _tell(code: str, table: SheetTable, at: int, own: ColumnRule) -> Finding:
    text, cell = table.grid[table.head.place].get(at, ""), table.sheet.address(at, table.head.place)
    return Finding(code, table.sheet.name, cell, text, {"column": text, "own": own.ru, "own_kk": own.kk})


def _find_numbered(table: SheetTable, places: Ints) -> Iterator[int]:
    """Yield the columns that are none of the form's and have numbers only in its rows, one at least."""
    for at in table.head.extra:
        column = table.sheet.columns[at]
        rows = places[places < len(column.kinds)]
        texts = [column.text(place) for place in rows[column.kinds[rows] != CellKind.EMPTY].tolist()]
        if texts and all(isinstance(values.read_scaled(values.written_sum(text), 6), int) for text in texts):
            yield at


def _is_value(text: str, column: ColumnRule, rules: Rules) -> bool:
    if column.type == "month":
        return bool(values.month(text) or (not text.isdecimal() and month_without_year(text)))
    judge = judges(rules, column) if column.type == "service" else None
    return judge is not None and judge(text).value is not None
