"""A column of the year beside one of months: `июнь` or `6`, and `2026` (4.1.15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from inbox_worker.core.text import fold
from inbox_worker.forms import values
from inbox_worker.forms.column_task import ColumnTask, Ints
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.sheet import CellKind, Column

_YEAR = re.compile(r"(?i)((?:20)?\d\d)\s*(?:[гж][^\W\d_]{0,5})?\.?")  # perhaps a word for it, or a letter
_MONTHS = ("month", "first_day")
_NUMBER_OF_MONTH = re.compile(r"0?[1-9]|1[0-2]")
_DAYS = (CellKind.DATE, CellKind.DATETIME)


def find_year_column(table: SheetTable, tasks: Mapping[str, ColumnTask], rules: Rules) -> int:
    """Return the place of the one column of the year beside a form's one column of months; -1 where there is none."""
    head = table.grid[table.head.place]
    found = [at for at in table.head.extra if fold(head.get(at, "")) in rules.vocabulary.year_names]
    months = [task for task in tasks.values() if task.rule.type in _MONTHS]
    return found[0] if len(found) == len(months) == 1 else -1


def with_years(
    table: SheetTable, tasks: Mapping[str, ColumnTask], rules: Rules, places: Ints
) -> tuple[dict[str, ColumnTask], str]:
    """Return the columns with the years beside their months, and the letter of the column that says them, '' = none. A
    month that says another year than the one beside it is an error: which of them counts is not ours to guess."""
    at = find_year_column(table, tasks, rules)
    if at < 0:
        return {**tasks}, ""
    years = [_year_of(table.sheet.text(at, int(place))) for place in places.tolist()]
    name, task = next((name, task) for name, task in tasks.items() if task.rule.type in _MONTHS)
    written = {i: f"{month}.{year}" for i, year in enumerate(years) if year and (month := _bare_month(task.cells, i))}
    header = table.grid[table.head.place][at]
    for i, year in enumerate(years):
        said = _month_of(task.cells, i) if year and i not in written else None
        if said and said.year != year:
            task.note([i], "value.other_year", {"year": str(year), "year_column": header})
    return {**tasks, name: replace(task, cells=_put(task.cells, written))}, letters(at)


def _year_of(text: str) -> int:
    found = _YEAR.fullmatch(text.strip())
    return int(found[1]) % 100 + 2000 if found else 0


def _bare_month(cells: Column, i: int) -> str:
    """Return the number of a month that lacks its year; '' of any other cell."""
    text = cells.text(i).strip()
    if cells.kinds[i] not in (CellKind.TEXT, CellKind.NUMBER):
        return ""
    return text.zfill(2) if _NUMBER_OF_MONTH.fullmatch(text) else values.without_year(text, days=False)


def _month_of(cells: Column, i: int) -> date | None:
    if cells.kinds[i] in _DAYS:
        return date.fromordinal(int(cells.numbers[i]))
    if cells.kinds[i] == CellKind.NUMBER:
        return values.month_of_number(float(cells.numbers[i]))
    return values.first_day(cells.text(i)) if cells.kinds[i] == CellKind.TEXT else None


def _put(cells: Column, written: Mapping[int, str]) -> Column:
    if not written:
        return cells
    kinds, texts = cells.kinds.copy(), cells.texts.to_pylist()
    for i, text in written.items():
        kinds[i], texts[i] = CellKind.TEXT, text
    return Column(kinds, np.where(kinds == CellKind.TEXT, np.nan, cells.numbers), pa.array(texts, pa.string()))
