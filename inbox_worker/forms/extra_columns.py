"""Filled columns under unknown headers: foreign ones are reported, those that may be a column of the form refuse it.

An optional column that is empty means something: a tariff without a house is for all houses. So a filled column
that may be such a column under another name is never left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from difflib import SequenceMatcher
from functools import lru_cache, partial

import numpy as np

from inbox_worker.core.model import Finding
from inbox_worker.core.text import LOOKALIKES, fold, skeleton
from inbox_worker.forms import values
from inbox_worker.forms.beside import first_said, names_all, rival, shares, turned_by, turned_in
from inbox_worker.forms.bilingual import without_day
from inbox_worker.forms.cell_units import tell_unsure
from inbox_worker.forms.column_task import ColumnTask, Ints
from inbox_worker.forms.compared import find_compared, find_contradicting
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.header import row_pairs
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.misplaced_columns import find_misplaced, find_ticks, find_zones
from inbox_worker.forms.sheet_words import judges
from inbox_worker.forms.sheets_of_form import SheetTable, has_numbers
from inbox_worker.forms.typing import type_column
from inbox_worker.forms.words_around import find_ticked, find_words_beside
from inbox_worker.settings.form_headers import Uncounted
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.sheet import CellKind, Column

_ALIKE = 0.62  # of two headers' letters in their order: «Примечание» is not «Причина»
_WORD = re.compile(r"[^\W\d_]+")
_DATES = (CellKind.DATE, CellKind.DATETIME, CellKind.TIME)
_LISTED = ("service", "services", "base", "category")  # types whose values are known by themselves
_MOST_VALUES = 200


def with_dated(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> SheetTable:
    """Return the table with columns whose header is a column's name and a day (`Сальдо на 01.09.2026`), where the day
    is the one that `Действует с` says in every row. A day that differs leaves the column unknown."""
    sheet, head, names = table.sheet, table.head, names_of(rule, rules)
    rows = table.grid[head.place]
    begins = next((c for c, _ in head.pair_columns(rule) if c.name == "from_month"), None)
    found: dict[int, tuple[str, date]] = {}
    for at in head.extra if begins else ():
        bare, day = without_day(rows.get(at, ""))
        meant = names.find_meaning(bare) if day else ""
        if day and meant and meant not in head.columns:
            found[at] = meant, day
    if not found or begins is None or len({name for name, _ in found.values()}) < len(found):
        return table
    task = ColumnTask(
        _take_rows(sheet.columns[head.columns["from_month"]], places),
        begins,
        "",
        "",
        places,
        rules.texts.written,
        shift=sheet.shift,
    )
    months = set(type_column(task, rules).to_pylist())
    fit = {at: name for at, (name, day) in found.items() if months and months <= {day, day + timedelta(days=1)}}
    columns = {**head.columns, **{name: at for at, name in fit.items()}}
    extra = tuple(at for at in head.extra if at not in fit)
    return replace(table, head=replace(head, columns=columns, extra=extra))


def find_extra_columns(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[Finding]:
    """Return a finding for each column that is none of the form's: an error where it may be one that the table lacks,
    else an info; for a filled one without a header an error or a warning."""
    sheet, head = table.sheet, table.head
    lacking = _find_lacking(table, rule, places)
    numbered = has_numbers(table, rule)
    found = _nameless(table, lacking, rules, places, numbered=numbered)
    zones = find_zones(table, rule, places)
    ticked = find_ticks(table, lacking, rule, rules, places)
    misplaced = ticked | find_misplaced(table, lacking, rule, rules, places) | zones
    found += (finding for at, finding in zones.items() if at not in head.extra)
    found += (twice := find_contradicting(table, rule, rules, places)).values()
    compared = {*find_compared(table, rule, rules).values(), *twice}
    for at in head.extra:
        text = table.grid[head.place].get(at, "") or table.grid[max(0, head.place - 1)].get(at, "")
        if not text or sheet.columns[at].kinds[head.place] in (CellKind.ERROR, CellKind.FORMULA):
            continue
        cell, cells = sheet.address(at, head.place), _take_rows(sheet.columns[at], places)
        filled = np.flatnonzero(cells.kinds != CellKind.EMPTY)
        if uncounted := _find_uncounted(text, rule):
            found += _about_uncounted(uncounted, cells, sheet.name, cell, {"column": text}, operator=rule.operator)
            continue
        if at in misplaced:
            found.append(misplaced[at])
            continue
        meant = _find_meant(text, cells.take(filled), lacking, rules) if len(filled) else None
        found += find_words_beside(table, at, places[filled], rules, numbered=numbered)
        found += find_ticked(table, at, places[filled], text, rules)
        if meant:
            found.append(tell_unsure(meant, text, sheet.name, cell, rules))
        elif len(filled) and (beside := _find_rival(text, cells, table, rule, rules, places)):
            found.append(Finding("column.rival", sheet.name, cell, text, {"column": beside}))
        elif at not in compared or not len(filled):
            found.append(Finding("column.extra", sheet.name, cell, text, {"column": text}))
    return found


def _find_rival(text: str, cells: Column, table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> str:
    """Return the header of the table's column of numbers that a filled one may be meant for; '' when there is none."""
    own = tuple(_numbers_of(table, rule, places))
    if fold(text) in rules.vocabulary.around.of_signs:
        return turned_by(cells, own)
    beside = rival(text, cells, own, names_of(rule, rules).find_meaning(text), rules.vocabulary)
    return beside or turned_in(cells, own, rules.vocabulary.around.turning.are_all)


def _find_uncounted(text: str, rule: FormRule) -> Uncounted | None:
    words = frozenset(map(fold, _WORD.findall(text)))
    named = (one for one in rule.uncounted if names_all(text, one.names) or fold(text) in map(fold, one.whole))
    return next((one for one in named if words.isdisjoint(map(fold, one.unless))), None)


def _about_uncounted(
    uncounted: Uncounted, cells: Column, sheet: str, cell: str, facts: dict[str, str], *, operator: bool
) -> list[Finding]:
    if not uncounted.known:
        first, code = first_said(cells), "column.not_used" if operator else "column.not_counted"
        return [Finding(code, sheet, cell, first, facts)] if first else []
    known = {skeleton(value) for value in uncounted.known}
    said = (cells.text(int(place)).strip() for place in np.flatnonzero(cells.kinds != CellKind.EMPTY))
    other = next((text for text in said if text and skeleton(text) not in known), None)
    facts = {**facts, "known": ", ".join(uncounted.known)}
    return [Finding("column.another_value", sheet, cell, other, facts)] if other else []


def _numbers_of(
    table: SheetTable, rule: FormRule, places: Ints
) -> Iterator[tuple[ColumnRule, str, Callable[[], Column]]]:
    """Yield the table's columns of numbers: rule, header as written, cells of the form's rows."""
    for column, at in table.head.pair_columns(rule):
        if column.type in SCALES:
            header = table.grid[table.head.place].get(at, "")
            yield column, header, partial(_take_rows, table.sheet.columns[at], places)


def _nameless(
    table: SheetTable, lacking: Iterable[ColumnRule], rules: Rules, places: Ints, *, numbered: bool
) -> list[Finding]:
    """Return a finding for each column with values in the form's rows and nothing in its header. Only its values can
    tell what it is: numbers of the rows before the first column are nobody's question."""
    sheet, head, found = table.sheet, table.head, []
    named = {at for place in (head.place - 1, head.place) if place >= 0 for at in _heads_of_row(table, place, rules)}
    last = max(table.grid[head.place]) if sheet.lines else max(sheet.columns)  # past it text_lines.py reports all
    for at in sorted(sheet.columns.keys() - named - set(head.columns.values())):
        if at > last:
            continue
        taken = _take_rows(sheet.columns[at], places)
        said = np.flatnonzero((taken.kinds != CellKind.EMPTY) & (taken.kinds != CellKind.ERROR))  # errors are reported
        filled = [i for i in said.tolist() if taken.text(i).strip()]
        if not filled:
            continue
        cells = taken.take(np.array(filled))
        first, counts = cells.text(0), [values.read_scaled(cells.text(i), 0) for i in range(len(filled))]
        cell, facts = sheet.address(at, head.place), {"letter": letters(at)}
        found += find_words_beside(table, at, places[filled], rules, numbered=numbered)
        if at < min(head.columns.values()) and counts == list(range(1, len(filled) + 1)):
            continue
        if not sheet.name and at > max(table.grid[head.place]):
            continue  # a line of text with a separator too many: reported as such
        meant = next((c for c in lacking if not _clashes(c, cells) and _fits(c, cells, rules)), None)
        if meant:
            facts |= meant.facts
        found.append(Finding("column.nameless_unsure" if meant else "column.nameless", sheet.name, cell, first, facts))
    return found


def _heads_of_row(table: SheetTable, place: int, rules: Rules) -> set[int]:
    """Return columns with something in a row of the header; header pairs above it are none."""
    cells = table.grid[place]
    return set() if place < table.head.place and row_pairs(cells, rules) else set(cells)


def _take_rows(column: Column, places: Ints) -> Column:
    return column.take(places[places < len(column.kinds)])


def _find_lacking(table: SheetTable, rule: FormRule, places: Ints) -> list[ColumnRule]:
    """Return columns of the form that the table has not. A house is not missed where every row names its account."""
    columns = table.head.columns
    lacking = [column for column in rule.columns if column.name not in columns]
    account = columns.get("account", -1)
    if account >= 0 and len(places):
        kinds = _take_rows(table.sheet.columns[account], places).kinds
        if len(kinds) == len(places) and bool((kinds != CellKind.EMPTY).all()):
            lacking = [column for column in lacking if column.name != "house"]
    return lacking


def _find_meant(text: str, cells: Column, lacking: Iterable[ColumnRule], rules: Rules) -> ColumnRule | None:
    """Return the missing column that a filled one may be: by a word of its header, by its likeness, by its values."""
    vocabulary = rules.vocabulary
    words = _words(text, vocabulary.common)
    foreign = not vocabulary.strangers.isdisjoint(word.casefold() for word in _WORD.findall(text))
    fitting = [column for column in lacking if not _clashes(column, cells)]
    shared = [c for c in fitting if not foreign and shares(words, _words_of(c, vocabulary))]
    if shared:
        return max(shared, key=lambda c: (_fits(c, cells, rules), _likeness(c, text)))
    for column in fitting:
        if column.type in _LISTED and _fits(column, cells, rules):
            return column
    if not foreign:
        alike = [c for c in fitting if _likeness(c, text) >= _ALIKE and _fits(c, cells, rules)]
        return max(alike, key=lambda c: _likeness(c, text), default=None)
    return None


def _clashes(column: ColumnRule, cells: Column) -> bool:
    """Return whether every cell is a day where the column has none."""
    dated = bool(np.isin(cells.kinds, _DATES).all())
    return dated and column.type not in ("date", "month", "first_day")


def _fits(column: ColumnRule, cells: Column, rules: Rules) -> bool:
    """Return whether the cells are such as the column has."""
    return fits_column(column, {cells.text(i) for i in range(min(len(cells.kinds), _MOST_VALUES))}, rules)


def fits_column(column: ColumnRule, texts: Iterable[str], rules: Rules) -> bool:
    """Return whether every text is a value that a column may have; never of a column of plain text."""
    if column.type in SCALES:
        return all(isinstance(values.read_scaled(values.without_currency(t), 6), int) for t in texts)
    if column.type in ("date", "month", "first_day"):
        return all(values.first_day(text) for text in texts)
    judge = judges(rules, column)
    if judge is not None:
        return all(judge(text).value is not None for text in texts)
    return column.type != "text" and all(re.search(r"\d", text) for text in texts)


def _likeness(column: ColumnRule, text: str) -> float:
    names = [skeleton(name) for name in column.names]
    return max(SequenceMatcher(None, name, skeleton(text)).ratio() for name in names)


@lru_cache(maxsize=1000)
def _words(text: str, common: frozenset[str]) -> frozenset[str]:
    """Return the words of a header that distinguish it from others, look-alike letters made the same."""
    words = (word.casefold().replace("ё", "е") for word in _WORD.findall(text))
    return frozenset(w.translate(LOOKALIKES) for w in words if w not in common and len(w) > 1)


def _words_of(column: ColumnRule, vocabulary: Vocabulary) -> frozenset[str]:
    further = vocabulary.meant.get(column.name, ())
    return _words(" ".join((*column.names, *further)), vocabulary.common)
