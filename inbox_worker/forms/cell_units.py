"""Words beside values: `12,5 м3` is 12.5 where cubic metres are what the row's meter counts (7.2), `41,50 тг/м2` is a
price where the row is charged by m² (4.3.2.1).

Only the unit of the row's own service (rules/services.yaml), that of what a column itself counts (m² of an area, days,
residents, times), and that of the row's own base may stand there: any other one is left where it is, and the cell is
refused as no number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold, skeleton
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import names_another_measure
from inbox_worker.forms.column_task import ColumnTask
from inbox_worker.forms.sheet_words import judge_base
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import METERED, ColumnRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Column

_OF_COLUMN = {"area": "м²", "days": "дней", "grace_days": "дней", "residents": "чел.", "coefficient": "раз"}
_COUNTS = ("quantity", "integer")
_SUMS = ("money", "tariff")
_LONGEST = 60
_PLACES = 4  # of a price
_PLAIN = str.maketrans("³²", "32")


def without_units(tasks: Mapping[str, ColumnTask], rules: Rules) -> dict[str, ColumnTask]:
    """Return the columns of a sheet, quantities without the unit that their row counts in."""
    return {
        name: replace(task, cells=_strip_price(task, tasks, rules))
        if task.rule.type == "tariff"
        else replace(task, cells=_strip_unit(task, tasks.get("service"), rules))
        for name, task in tasks.items()
    }


def find_other_units(table: SheetTable, tasks: Mapping[str, ColumnTask], rules: Rules) -> list[Finding]:
    """Return an error for each column whose heading has a unit that its rows do not count in (`Текущее, Гкал` of hot
    water, `Сумма, м3`): read as they stand, the numbers would be of something else."""
    sheet, head, found = table.sheet, table.head, []
    for name, task in tasks.items():
        at = head.columns[name]
        text = table.grid[head.place].get(at, "")
        unit = _unit_of_heading(text, rules)
        if not unit or fold(text) in map(fold, task.rule.names):
            continue
        if task.rule.type == "money":
            meant = {""}
        elif task.rule.type == "quantity" and name not in _OF_COLUMN:
            services = tasks["service"].cells.texts.to_pylist() if "service" in tasks else [head.said.get("service")]
            units = {**_units_by_name(rules), **{one.code: one.unit.ru for one in rules.services if one.unit}}
            meant = {units[key] for said in services if (key := skeleton(str(said))) in units}
        else:
            meant = {_OF_COLUMN.get(name, unit)}
        if other := sorted(meant - {unit}):
            facts = {**task.rule.facts, "unit": ", ".join(other)}
            found.append(Finding(_code(task.rule), sheet.name, sheet.address(at, head.place), text, facts))
    return found


def tell_unsure(column: ColumnRule, text: str, sheet: str, cell: str, rules: Rules) -> Finding:
    """Return the error of a filled column that may be one which the table lacks: what to do before it is named so,
    where its heading counts in another measure."""
    if column.type not in (*_COUNTS, *_SUMS) or not names_another_measure(text):
        return Finding("column.unsure", sheet, cell, text, column.facts)
    units = dict.fromkeys(one.unit.ru for one in rules.services if one.unit)
    facts = {**column.facts, "unit": _OF_COLUMN.get(column.name) or ", ".join(units)}
    return Finding(_code(column), sheet, cell, text, facts)


def _code(column: ColumnRule) -> str:
    return "column.other_measure" if column.type in _SUMS else "column.other_unit"


def _unit_of_heading(text: str, rules: Rules) -> str:
    """Return the unit behind a heading, as services.yaml spells it; '' where there is none of them."""
    found = rules.vocabulary.spelled.unit.search(text)
    said = fold(found[1]) if found else ""
    return next((every[0] for every in rules.vocabulary.measures if said in map(fold, every)), "") if said else ""


def without_own_unit(cells: Column, column: ColumnRule, rules: Rules) -> Column:
    """Return the cells of a column that counts one thing only without its unit; those of another as they are."""
    unit = _OF_COLUMN.get(column.name) if column.type in (*_COUNTS, "number") else None
    if unit is None:
        return cells
    return _replace_texts(cells, {i: cut for i, text in _with_letters(cells) if (cut := _cut(text, unit, rules))})


def _strip_price(task: ColumnTask, tasks: Mapping[str, ColumnTask], rules: Rules) -> Column:
    """Return the cells of a price without what it is for, where that is what the row is charged by."""
    services = {skeleton(name): one for one in rules.services for name in (one.code, one.ru, one.kk, *one.names)}
    words = "".join(rf"|\b{re.escape(word)}\b" for word in rules.vocabulary.named.get("price", ()))
    per, found = re.compile(rf"\s*(?:/{words})\s*(?:1\s*)?$"), dict[int, str]()  # between price and unit
    named = judge_base(rules)
    for i, text in _with_letters(task.cells):
        service = services.get(skeleton(_text_of(tasks.get("service"), i)))
        base = str(named(_text_of(tasks.get("base"), i)).value or (service.base if service else ""))
        unit = service.unit.ru if base == METERED and service and service.unit else base
        head = _cut(text, unit, rules, before=per) if unit else ""
        if head and isinstance(values.read_scaled(values.without_currency(head), _PLACES), int):
            found[i] = head
    return _replace_texts(task.cells, found)


def _text_of(task: ColumnTask | None, at: int) -> str:
    return (task.cells.texts[at].as_py() or "") if task is not None else ""


def _strip_unit(task: ColumnTask, services: ColumnTask | None, rules: Rules) -> Column:
    if task.rule.type != "quantity" or task.rule.name in _OF_COLUMN or services is None:
        return without_own_unit(task.cells, task.rule, rules)
    lettered, found = _with_letters(task.cells), {}
    units = _units_by_name(rules) if lettered else {}
    for i, text in lettered:
        unit = units.get(skeleton(services.cells.texts[i].as_py() or ""))
        if unit and (cut := _cut(text, unit, rules)):
            found[i] = cut
    return _replace_texts(task.cells, found)


def _units_by_name(rules: Rules) -> dict[str, str]:
    """Return what the meters of each service count, by every spelling of the service's name."""
    return {
        skeleton(name): service.unit.ru
        for service in rules.services
        if service.unit
        for name in (service.code, service.ru, service.kk, *service.names)
    }


def _with_letters(cells: Column) -> list[tuple[int, str]]:
    """Return places and texts of cells that are more than digits and signs."""
    if cells.texts.null_count == len(cells.texts):
        return []
    lettered = pc.fill_null(pc.match_substring_regex(cells.texts, r"\d\s*[\p{L}₸/]"), False)
    at = np.flatnonzero(np.asarray(lettered.to_numpy(zero_copy_only=False)) & (cells.kinds == CellKind.TEXT))
    return [(int(i), cells.texts[int(i)].as_py()) for i in at]


def _cut(text: str, unit: str, rules: Rules, before: re.Pattern[str] | None = None) -> str:
    """Return the number before a unit in one of its spellings; '' when something else stands there. `before`: what
    must stand between them."""
    if len(text) > _LONGEST:
        return ""
    plain = text.casefold().translate(_PLAIN).rstrip(" .\u00a0")
    for spelling in next((every for every in rules.vocabulary.measures if every[0] == unit), ()):
        number = plain.removesuffix(spelling.casefold().translate(_PLAIN).rstrip(" .")).rstrip()
        if number == plain:
            continue
        if before is None and number[-1:].isdigit():
            return number
        if before and (cut := before.sub("", number)) != number and cut[:1].isdigit():
            return cut
    return ""


def _replace_texts(cells: Column, found: Mapping[int, str]) -> Column:
    if not found:
        return cells
    mask = np.zeros(len(cells.kinds), np.bool_)
    mask[list(found)] = True
    texts = pc.replace_with_mask(cells.texts, pa.array(mask), pa.array([found[i] for i in sorted(found)], pa.string()))
    return Column(cells.kinds, cells.numbers, texts)
