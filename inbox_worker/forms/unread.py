"""Cells of a form that could not be read, outside its rows: headers with errors, lines of text too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from inbox_worker.core.model import Finding
from inbox_worker.forms.column_task import ColumnTask, Ints, places_said
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.header import unread_code
from inbox_worker.forms.notes import first_ten
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.texts import Texts
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.hidden_by_rule import find_hidden
from inbox_worker.workbooks.sheet import CellKind, Sheet, SheetMarks


def unread_above(table: SheetTable, texts: Texts) -> list[Finding]:
    """Return errors above the table and in its headers, but for those of header pairs, which have findings: a label or
    a column that cannot be read is not one that is not there."""
    findings, sheet = [], table.sheet
    noted = {finding.cell for finding in table.pairs.findings}
    for place, cells in enumerate(table.grid[: table.head.place + 1]):
        for at, text in cells.items():
            code, cell = unread_code(sheet, place, at), sheet.address(at, place)
            headed = place == table.head.place
            if cell not in noted and (code == "value.error_cell" or (code and headed)):
                findings.append(Finding(code, sheet.name, cell, text, _name_cell(cells, at, headed, texts)))
    return findings


def _name_cell(cells: Mapping[int, str], at: int, headed: bool, texts: Texts) -> dict[str, str]:
    """Return the name of a cell above the rows: a column's header, or the label left of it."""
    if headed:
        return texts.words("cell.header", letters=letters(at)).facts("column")
    label = max((place for place in cells if place < at), default=-1)
    text = cells.get(label, "").strip(" :")[:80]
    return {"column": text, "column_kk": text} if text else texts.words("cell.above").facts("column")


def unread_totals(table: SheetTable, rule: FormRule, places: Iterable[int]) -> list[Finding]:
    """Return formulas without value in the columns of numbers of totals rows; errors are found by `errors_beside`."""
    sheet, findings = table.sheet, []
    for column, at in table.head.pair_columns(rule):
        for place in places if column.type in SCALES else ():
            if (code := unread_code(sheet, place, at)) and code != "value.error_cell":
                row, text, cell = sheet.first_row + place, sheet.text(at, place), sheet.address(at, place)
                findings.append(Finding(code, sheet.name, cell, text, column.facts, row))
    return findings


def errors_beside(table: SheetTable, rows: Ints, totals: Sequence[int]) -> list[Finding]:
    """Return errors that are no values of the form: an error for each in its totals, or in its rows under a header that
    is not the form's; one warning for those under no header."""
    sheet, head, findings, strays = table.sheet, table.head, list[Finding](), list[tuple[int, int]]()
    summed = np.array(totals, np.int64)
    beside = np.concatenate([rows, summed])
    for at, column in sheet.columns.items():
        if header := table.grid[head.place].get(at, ""):
            places = summed if at in head.columns.values() else beside
            places = places[places < len(column.kinds)]
            for place in places[column.kinds[places] == CellKind.ERROR].tolist():
                row, facts = sheet.first_row + place, {"column": header, "column_kk": header}
                cell = sheet.address(at, place)
                findings.append(Finding("value.error_cell", sheet.name, cell, column.text(place), facts, row))
        else:
            places = np.flatnonzero(column.kinds[head.place + 1 :] == CellKind.ERROR) + head.place + 1
            strays += [(place, at) for place in places.tolist()]
    if strays:
        place, at = min(strays)
        cell = sheet.address(at, place)
        facts = {"count": str(len(strays)), "cell": cell}
        findings.append(Finding("value.stray_error", sheet.name, cell, sheet.columns[at].text(place), facts))
    return findings


def odd_looks(table: SheetTable, rule: FormRule, rows: Ints) -> list[Finding]:
    """Return findings for what is struck out in the form's rows, for what is written over, and for what nobody sees."""
    return [*_struck_out(table, rule, rows), *_parted_values(table, rule, rows), *_unseen_cells(table, rows)]


def _parted_values(table: SheetTable, rule: FormRule, rows: Ints) -> list[Finding]:
    """Return an error for each value of the form's rows, but plain text, with a part struck out or a digit raised
    behind a digit: people read another value."""
    sheet, marks = table.sheet, table.sheet.marks
    odd, findings = marks.parted | marks.raised, list[Finding]()
    for column, at in table.head.pair_columns(rule) if odd else ():
        for place in rows.tolist():
            row = sheet.first_row + place
            if (row, at) in odd and column.type != "text":
                text = sheet.text(at, place)
                findings.append(Finding("value.parted", sheet.name, sheet.address(at, place), text, column.facts, row))
    return findings


def _struck_out(table: SheetTable, rule: FormRule, rows: Ints) -> list[Finding]:
    """Return an error for each row of the form that is struck out wholly, and for each struck value by which a row
    counts; one warning for single texts."""
    sheet, findings, cells = table.sheet, list[Finding](), list[tuple[str, str]]()
    struck = sheet.marks.struck | _struck_by_rule(table, rows)
    texts = {at for column, at in table.head.pair_columns(rule) if column.type == "text"}
    if not struck and not sheet.marks.parted:
        return []
    columns = sorted((at, sheet.columns[at]) for at in table.head.columns.values())
    for place in rows.tolist():
        row = sheet.first_row + place
        filled = [(at, c) for at, c in columns if place < len(c.kinds) and c.kinds[place] != CellKind.EMPTY]
        crossed = [(at, c) for at, c in filled if (row, at) in struck]
        if crossed and len(crossed) == len(filled):
            at, column = crossed[0]
            findings.append(Finding("rows.struck_out", sheet.name, f"{letters(at)}{row}", column.text(place), {}, row))
            continue
        for at, column in crossed:
            if at not in texts:
                cell = sheet.address(at, place)
                findings.append(Finding("value.struck_out", sheet.name, cell, column.text(place), {}, row))
        crossed += [(at, c) for at, c in filled if (row, at) in sheet.marks.parted]
        cells += [(sheet.address(at, place), column.text(place)) for at, column in crossed if at in texts]
    if cells:
        facts = {"cells": first_ten([cell for cell, _ in cells])}
        findings.append(Finding("cells.struck_out", sheet.name, *cells[0], facts))
    return findings


def _struck_by_rule(table: SheetTable, rows: Ints) -> frozenset[tuple[int, int]]:
    """Return the cells, by row and column, that a rule of conditional formatting is sure to strike out."""
    sheet, found = table.sheet, set[tuple[int, int]]()
    for rule in (rule for rule in sheet.marks.hiding if rule.struck):
        for at in set(table.head.columns.values()):
            places, certain = find_hidden(rule, sheet, at, rows[rows < len(sheet.columns[at].kinds)])
            found.update((sheet.first_row + place, at) for place in places.tolist() if certain)
    return frozenset(found)


def _unseen_cells(table: SheetTable, rows: Ints) -> list[Finding]:
    """Return one warning for the cells of the form's rows in which nobody sees what was read, and one for those that a
    rule of conditional formatting may hide (4.1.15)."""
    sheet, read = table.sheet, set(table.head.columns.values())
    if not sheet.marks.unseen and not sheet.marks.hiding:
        return []
    places = set(rows.tolist())
    unseen = {(row - sheet.first_row, at) for row, at in sheet.marks.unseen if at in read}
    unseen, doubtful = {one for one in unseen if one[0] in places}, set[tuple[int, int]]()
    for rule in sheet.marks.hiding:
        for at in read:
            hidden, certain = find_hidden(rule, sheet, at, rows[rows < len(sheet.columns[at].kinds)])
            if not (certain and rule.struck):
                (unseen if certain else doubtful).update((place, at) for place in hidden.tolist())
    found = (("cells.unseen", unseen), ("cells.may_be_unseen", doubtful - unseen))
    return [_name_cells(code, sheet, sorted(cells)) for code, cells in found if cells]


def find_covered(table: SheetTable, tasks: Mapping[str, ColumnTask]) -> list[Finding]:
    """Return one warning for the cells that were read though a merged cell covers them: nobody sees them."""
    found, sheet = list[tuple[int, int]](), table.sheet
    for name, task in ((name, task) for name, task in tasks.items() if task.merged):
        said = places_said(task.rule, task.merged, task.rows, compared=task.compared)
        filled = (task.cells.kinds != CellKind.EMPTY) & (said == task.rows)
        covered = [row for row in task.rows[filled].tolist() if row in task.merged]
        found += [(row - sheet.first_row, table.head.columns[name]) for row in covered]
    return [_name_cells("cells.unseen", sheet, sorted(found))] if found else []


def _name_cells(code: str, sheet: Sheet, cells: Sequence[tuple[int, int]]) -> Finding:
    place, at = cells[0]
    facts = {"cells": first_ten([sheet.address(at, place) for place, at in cells])}
    return Finding(code, sheet.name, sheet.address(at, place), sheet.text(at, place), facts)


def zero_formulas(tasks: Iterable[ColumnTask], marks: SheetMarks) -> list[Finding]:
    """Return a finding for each column with formulas that give zero: many programs save a zero that nobody worked out.
    An error in a required column of numbers none of whose formulas gives another number; else a warning."""
    findings: list[Finding] = []
    worked_out = {letters(at) for at in marks.worked_out}
    for task in tasks if marks.zeros else ():
        places = [place for place, row in enumerate(task.rows.tolist()) if f"{task.letter}{row}" in marks.zeros]
        if places:
            never = task.rule.required and task.rule.type in SCALES and task.letter not in worked_out
            code = "value.never_calculated" if never else "value.formula_zero"
            replace(task, findings=findings).note(places[:1], code, {"count": str(len(places))})
    return findings
