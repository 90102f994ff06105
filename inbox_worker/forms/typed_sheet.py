"""The rows of one sheet of a form -> typed columns, and everything that is found in them and around them (4.1.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.forms.cell_units import find_other_units, without_units
from inbox_worker.forms.column_task import ColumnTask, Ints, merges_over, places_said
from inbox_worker.forms.compared import find_compared, read_compared
from inbox_worker.forms.ditto import take_above
from inbox_worker.forms.extra_columns import find_extra_columns, with_dated
from inbox_worker.forms.header import Pairs, pairs_below
from inbox_worker.forms.house_above import find_house_above, read_houses_over
from inbox_worker.forms.opposite_words import find_opposite, find_other_sign, find_red_sums
from inbox_worker.forms.passed_over import PassedOver
from inbox_worker.forms.rows import Rows, select_rows
from inbox_worker.forms.several_values import tell_several
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.forms.spans import take_end, with_span
from inbox_worker.forms.spelled_totals import compare_spelled
from inbox_worker.forms.tables import stretches
from inbox_worker.forms.text_lines import shifted_rows
from inbox_worker.forms.totals import (
    Control,
    compare_totals,
    header_control,
    row_control,
    unread_control,
)
from inbox_worker.forms.typing import arrow_type, type_column, type_part
from inbox_worker.forms.unread import errors_beside, find_covered, odd_looks, unread_totals, zero_formulas
from inbox_worker.forms.words_around import find_beyond, find_for_some, find_narrowed
from inbox_worker.forms.years_beside import with_years
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.sheet import Column, Sheet

_ASKS_OF_COLUMN = ("row.words_against", "notes.narrowed", "notes.for_some", "notes.other_measure", "value.error_cell")


@dataclass(frozen=True)
class TypedSheet:
    """One sheet's rows, typed, with what is found there. `letters`: of its columns, by name; `below`: labels and values
    under the rows; `beside`: what columns that are compared say of rows, by name and row."""

    table: pa.Table
    letters: Mapping[str, str]
    control: Control
    findings: tuple[Finding, ...]
    below: Pairs
    beside: Mapping[str, Mapping[int, str]]


def type_sheet(table: SheetTable, rule: FormRule, rules: Rules) -> TypedSheet:
    """Return the typed rows of a sheet of a form; each cell that cannot be read has a finding."""
    sheet, meant = table.sheet, stretches(table, rule, rules)
    picked = select_rows(table, rule, rules, meant.places)
    table = with_dated(table, rule, rules, picked.places)
    head, rows, compared = table.head, picked.places + sheet.first_row, find_compared(table, rule, rules)
    columns: dict[str, pa.Array] = {
        "sheet": pa.array([sheet.name], pa.string()).take(pa.array(np.zeros(len(rows), np.int64))),
        "row": pa.array(rows.astype(np.int32)),
    }
    read = without_units(with_span(_column_tasks(table, rule, rules, picked.places), rule), rules)
    tasks, year_column = with_years(table, read, rules, picked.places)
    for column in rule.columns:
        task = tasks.get(column.name)
        said = pa.scalar(head.said.get(column.name), arrow_type(column))
        columns[column.name] = type_column(task, rules) if task else pa.repeat(said, len(rows))
    for part in rule.parts:
        columns[part.name] = type_part(part, rule, rules, tasks, columns)
    findings = [
        *meant.findings,
        *find_extra_columns(table, rule, rules, picked.places),
        *(finding for task in tasks.values() for finding in tell_several(task.findings, task.rule, rules)),
    ]
    findings += [*_of_places(table, rule, picked), *find_other_units(table, tasks, rules)]
    findings += PassedOver(table, rule, rules, picked).find(meant.places[-1][1], meant.findings)
    findings += [*zero_formulas(tasks.values(), sheet.marks), *find_opposite(table, rule, rules, picked)]
    findings += find_covered(table, read)
    findings += _of_words(table, rule, rules, picked.places)
    control = Control()
    if any(check.check in ("control_row", "statement_balances") for check in rule.checks):
        control = header_control(table).merge_with(row_control(table, rule, picked.totals))
        findings += unread_control(table, rule, rules.texts.written, picked.totals)
    else:
        findings += [*compare_totals(table, rule, picked, columns), *compare_spelled(table, rule, picked, columns)]
    where = {name: letters(at) for name, at in {**head.columns, **compared}.items()}
    after = int(picked.places[-1]) + 1 if len(picked.places) else sheet.height
    below = pairs_below(sheet, rules, after, meant.places[-1][1])
    beside, findings = _read_beside(table, rule, rules, picked, compared), _without_contradicted(findings, year_column)
    return TypedSheet(pa.table(columns), where, control, tuple(findings), below, beside)


def _read_beside(
    table: SheetTable, rule: FormRule, rules: Rules, picked: Rows, compared: Mapping[str, int]
) -> dict[str, dict[int, str]]:
    """Return what compared columns say of rows, and what headings between rows say of their house."""
    said = read_compared(table.sheet, compared, picked.places)
    if picked.groups and any(one.name == "house" for one in rule.compared):
        said.setdefault("house", read_houses_over(table.sheet, picked, rules))
    return said


def _of_places(table: SheetTable, rule: FormRule, picked: Rows) -> list[Finding]:
    """Return what is found by where rows and totals stand, and by how they look."""
    headings = (_house_heading(table.sheet, place) for place in picked.houses)
    found = [*headings, *_below_signature(table.sheet, picked), *shifted_rows(table, picked.places)]
    found += [*odd_looks(table, rule, picked.places), *errors_beside(table, picked.places, picked.totals)]
    return [*found, *unread_totals(table, rule, picked.totals)]


def _of_words(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[Finding]:
    """Return what words in and around the rows mean beside what the form does."""
    found = [*find_narrowed(table, rule, rules, places), *find_beyond(table, rule, places)]
    found += find_for_some(table, rule, places)
    found += find_house_above(table, rule, rules, places)
    return [*found, *find_other_sign(table, rule, rules, places), *find_red_sums(table, rule, places)]


def _without_contradicted(findings: list[Finding], read: str) -> list[Finding]:
    """Return the findings, by row, without "nothing to do" of a column that another one asks about, or that is `read`
    with another."""
    zones = {finding.cell for finding in findings if finding.code == "column.of_one_zone"}  # its word narrows, too
    odd = {
        finding.cell for finding in findings if finding.code == "value.shown_otherwise"
    }  # its colour is the format's
    again = {"notes.narrowed": zones, "value.red_sum": odd}
    findings = [finding for finding in findings if finding.cell not in again.get(finding.code, ())]
    asked = {finding.cell.rstrip("0123456789") for finding in findings if finding.code in _ASKS_OF_COLUMN} | {read}
    left = [f for f in findings if f.code != "column.extra" or f.cell.rstrip("0123456789") not in asked]
    return sorted(left, key=lambda finding: finding.row)


def _column_tasks(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> dict[str, ColumnTask]:
    """Return the columns to be typed that the table has, by their names in the rules."""
    sheet, head, rows = table.sheet, table.head, places + table.sheet.first_row
    known = {*rule.key, *rule.compares, *(part.column for part in rule.parts)}
    tasks = {}
    for column in rule.columns:
        if (at := head.columns.get(column.name)) is not None:
            merged = merges_over(sheet.merged, at, rows)
            commas, compared = sheet.delimiter == ",", column.name in known
            said = places_said(column, merged, rows, compared=compared) - sheet.first_row
            cells = _long(sheet.columns[at], sheet.height).take(said)
            ends = (rule.span.first, rule.span.last) if rule.span else ()
            if rule.span and head.columns.get(rule.span.first) == head.columns.get(rule.span.last):
                cells = take_end(cells, last=column.name == rule.span.last) if column.name in ends else cells
            task = ColumnTask(
                cells,
                column,
                sheet.name,
                letters(at),
                rows,
                rules.texts.written,
                [],
                merged,
                sheet.shift,
                commas,
                compared,
                rule.operator,
            )
            tasks[column.name] = take_above(task, rules.vocabulary, sheet.marks.hidden_rows)
    return tasks


def _house_heading(sheet: Sheet, place: int) -> Finding:
    """Return an error for a heading with a house over rows that say no house: they would be for all houses."""
    [(at, text)] = sheet.row(place).items()
    return Finding("row.house_heading", sheet.name, sheet.address(at, place), text, {}, sheet.first_row + place)


def _below_signature(sheet: Sheet, picked: Rows) -> list[Finding]:
    """Return an error for each row below a line to sign on: whoever signed may not have meant it."""
    if picked.signature < 0:
        return []
    said = "; ".join(text for _, text in sorted(sheet.row(picked.signature).items()))
    below, at = picked.places[picked.places > picked.signature], min(sheet.row(picked.signature))
    facts = {"first": sheet.address(at, picked.signature)}
    rows = [(int(place), int(place) + sheet.first_row) for place in below]
    return [
        Finding(
            "row.below_signature", sheet.name, sheet.address(at, place), said, {**facts, "row_number": str(row)}, row
        )
        for place, row in rows
    ]


def _long(column: Column, height: int) -> Column:
    """Return a column as long as its sheet (a sheet's columns may end at different rows)."""
    more = height - len(column.kinds)
    if more == 0:
        return column
    blank = _blank(more)
    texts = pa.concat_arrays([column.texts, blank.texts])
    return Column(np.concatenate([column.kinds, blank.kinds]), np.concatenate([column.numbers, blank.numbers]), texts)


def _blank(height: int) -> Column:
    return Column(np.zeros(height, np.int8), np.full(height, np.nan), pa.nulls(height, pa.string()))


def no_rows(rule: FormRule) -> pa.Table:
    """Return the table of a form without a row."""
    named = [*rule.columns, *(rule.column(part.name) for part in rule.parts)]
    fields = [("sheet", pa.string()), ("row", pa.int32()), *((c.name, arrow_type(c)) for c in named)]
    return pa.schema(fields).empty_table()
