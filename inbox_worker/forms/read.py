"""A file's bytes -> the form in it, typed, with every cell's address; or the findings that say why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.bank_files import BankFiles
from inbox_worker.forms.cell_units import without_units
from inbox_worker.forms.column_task import ColumnTask, Ints, merges_over, places_said
from inbox_worker.forms.extra_columns import find_extra_columns, with_dated
from inbox_worker.forms.forms_in_book import FormsInBook, find_forms
from inbox_worker.forms.header import Pairs, conflicts, pairs_below, take_below, without_said_months
from inbox_worker.forms.heads import best_head, nearest, what_is_missing
from inbox_worker.forms.notes import find_hidden_rows, find_notes, find_sentences
from inbox_worker.forms.passed_over import PassedOver
from inbox_worker.forms.recognise import Recognised, known_words, similar
from inbox_worker.forms.rows import select_rows
from inbox_worker.forms.sheets_of_form import SheetTable, find_other_sheets, has_rows_like, is_sample, says_sample
from inbox_worker.forms.tables import stretches
from inbox_worker.forms.text_lines import open_quote, says_unknown, shifted_rows, swallowed_rows
from inbox_worker.forms.totals import (
    Control,
    compare_totals,
    header_control,
    join_controls,
    row_control,
    unread_control,
)
from inbox_worker.forms.typing import arrow_type, type_column, type_part
from inbox_worker.forms.unread import errors_beside, odd_looks, unread_above, unread_totals, zero_formulas
from inbox_worker.forms.words_around import find_set_aside
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import letters
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.jail_protocol import LIST
from inbox_worker.workbooks.preflight import Inspection, TimeBudget, Unreadable, date_shift, glance
from inbox_worker.workbooks.sheet import Column, Sheet
from inbox_worker.workbooks.sniff import Kind

_HEADER_KEYS = ("form", "version", "customer", "customer_name", "month", "replaces", "customers_named")


def read_form(
    data: bytes,
    name: str,
    rules: Rules,
    reader: CellReader,
    watch: TimeBudget | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    form: str = "",
) -> FormTable | tuple[Finding, ...]:
    """Reads a stranger's file as a form (4.1.15). `watch` keeps what it took, for the steps after; `meanwhile` is done
    while the reading process is at work; `form`: which form of a workbook that holds several, '' = the first.

    Findings alone come back when there is no form in it: not a workbook, locked, too large, unknown. A form whose
    table or required column is missing comes back without rows, its header known. Raises ReaderFailure (ours) only.
    """
    watch = watch or TimeBudget()
    with watch:
        seen = glance(data, name, rules.limits)
    banks = BankFiles(rules, reader, watch)
    if (laid := banks.read_text(data, name, seen.kind)) is not None:
        return laid
    if seen.findings:
        return seen.findings
    reader.prepare()
    words = known_words(rules) if seen.kind in (Kind.CSV, Kind.XLS) else ()
    try:
        with watch:
            book = reader.read(data, seen.kind.value, watch, meanwhile, words)
    except Unreadable as error:
        return (replace(error.finding, value=name),)
    if unclosed := open_quote(book.sheets):
        return (unclosed,)
    shift = date_shift(data)
    sheets = [replace(sheet, shift=shift) for sheet in book.sheets if not _is_our_list(sheet)]
    if seen.kind is not Kind.CSV and (laid := banks.read_book(sheets, name)) is not None:
        return laid
    held = find_forms(sheets, rules, form) if sheets else None
    return _table(held, rules, seen) if held else (*_about_stranger(sheets, name, rules), *banks.near_book(sheets))


def _about_stranger(sheets: list[Sheet], name: str, rules: Rules) -> tuple[Finding, ...]:
    """Return findings about a workbook that is no form of ours."""
    if not sheets:
        return (Finding("workbook.no_cells", value=name),)
    unseen = [Finding("sheet.very_hidden", s.name, value=s.name) for s in sheets if s.very_hidden]
    return (Finding(says_unknown(sheets), value=name), *similar(sheets, rules), *unseen)


def _is_our_list(sheet: Sheet) -> bool:
    """Return whether a sheet is the list of findings of our own answer, which senders send back with the workbook."""
    if not sheet.name.startswith(LIST) or 0 not in sheet.columns:
        return False
    return sheet.columns[0].text(0).startswith(LIST)


def _blank(height: int) -> Column:
    return Column(np.zeros(height, np.int8), np.full(height, np.nan), pa.nulls(height, pa.string()))


@dataclass(frozen=True)
class _Part:
    """One sheet's rows, typed."""

    table: pa.Table
    letters: Mapping[str, str]
    control: Control
    findings: tuple[Finding, ...]
    below: Pairs


def _table(held: FormsInBook, rules: Rules, seen: Inspection) -> FormTable:
    found, rule = held.found, held.found.rule
    findings = [*_about_header(found), *_about_book(found, rules, seen), *held.findings]
    missing = [f for table in found.sheets for f in _find_missing(table, rule)]
    if not found.sheets:
        head, cells = best_head(found.tops, rule, rules) or (None, {})
        facts = what_is_missing(head, cells, rule)
        missing = [Finding("table.missing", value=rule.title.ru, facts={"title_kk": rule.title.kk, **facts})]
    if missing and any(t.head.twice for t in found.sheets):
        findings += [f for table in found.sheets for f in find_extra_columns(table, rule, rules, np.zeros(0, np.int64))]
    parts = [] if any(t.head.twice for t in found.sheets) else [_part(t, rule, rules) for t in found.sheets]
    rows = pa.concat_tables([part.table for part in parts]) if parts else _no_rows(rule)
    control = join_controls([(part.control, part.table) for part in parts])
    findings += [finding for part in parts for finding in part.findings]
    header = {key: cell for key, cell in found.pairs.values.items() if key in _HEADER_KEYS}
    for part in parts:
        findings += take_below(part.below, header)
    return FormTable(
        form=rule.form,
        version=header["version"].text if "version" in header else "",
        header=header,
        rows=_no_rows(rule) if missing else rows,
        letters={t.sheet.name: p.letters for t, p in zip(found.sheets, parts, strict=False)},
        findings=(*without_said_months(findings, rule, rows), *missing),
        control_count=control.count,
        control_sum=control.sum,
        partial=rows if missing else None,
        others=held.others,
    )


def _find_missing(table: SheetTable, rule: FormRule) -> list[Finding]:
    """Return an error for each required column that is not there, and for each header that is there twice."""
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


def _about_header(found: Recognised) -> list[Finding]:
    """Return what is wrong with header values: unreadable, an unknown code or version, sheets at odds."""
    findings, pairs = list(found.pairs.findings), found.pairs.values
    if found.unknown_code and (cell := pairs.get("form")):
        findings.append(Finding("form.code_unknown", cell.sheet, cell.cell, cell.text, found.rule.facts))
    if (cell := pairs.get("version")) and cell.text and cell.text != found.rule.version:
        facts = {"version": found.rule.version}
        findings.append(Finding("form.version_other", cell.sheet, cell.cell, cell.text, facts))
    for table in found.sheets[1:]:
        findings += conflicts(found.pairs, table.pairs)
    return findings


def _about_book(found: Recognised, rules: Rules, seen: Inspection) -> list[Finding]:
    """Return findings about macros, formulas, hidden sheets, rows and columns, and further sheets."""
    findings = [Finding("workbook.macros")] if seen.macros else []
    left = [*(table.sheet for table in found.left), *found.headless]
    findings += find_other_sheets(found.sheets, left, _find_lost(found, rules), found.unseen)
    findings += find_set_aside(found.sheets, found.rule, rules)
    for sheet in found.wordy if found.sheets else ():
        findings += [*find_sentences(sheet, rules), *find_notes(sheet, 0, rules)]
    for sheet, rule in found.others:
        findings.append(Finding("sheet.other_form", sheet.name, value=sheet.name, facts=rule.facts))
    for table in found.sheets:
        sheet, head = table.sheet, table.head
        findings += [*unread_above(table, rules.texts.written), *swallowed_rows(table, found.rule)]
        if sheet.hidden:
            findings.append(Finding("sheet.hidden", sheet.name, value=sheet.name))
        marks = sheet.marks
        findings += find_hidden_rows(sheet, sheet.first_row + head.place)
        unseen = sorted(set(marks.hidden_columns) & set(head.columns.values()))
        if unseen:
            cell = sheet.address(unseen[0], head.place)
            names = "; ".join(table.grid[head.place][at] for at in unseen)
            findings.append(Finding("columns.hidden", sheet.name, cell, names))
        if marks.formulas:
            findings.append(Finding("workbook.formulas", sheet.name, value=sheet.name))
    return findings


def _find_lost(found: Recognised, rules: Rules) -> list[Sheet]:
    """Return the sheets that are not read although people see them and they have rows of the form: it is no sample, and
    a form is not taken by half (4.1.15). The instruction of our own blank is no sample either: no row stands there."""
    rule = found.rule
    seen = [table for table in found.left if not (table.sheet.hidden or says_sample(table))]
    lost = [t.sheet for t in seen if len(select_rows(t, rule, rules, stretches(t, rule, rules).places).places)]
    said = rules.texts.written.words("blank.how", title=rule.title.ru, clause=rule.clause).ru
    bare = [s for s in found.headless if not (s.hidden or is_sample(s)) or said in s.row(0).values()]
    return [*lost, *(sheet for sheet in bare if has_rows_like(sheet, found.sheets[0], rule, new=True))]


def _part(table: SheetTable, rule: FormRule, rules: Rules) -> _Part:
    sheet, meant = table.sheet, stretches(table, rule, rules)
    picked = select_rows(table, rule, rules, meant.places)
    table = with_dated(table, rule, rules, picked.places)
    head, rows = table.head, picked.places + sheet.first_row
    columns: dict[str, pa.Array] = {
        "sheet": pa.array([sheet.name], pa.string()).take(pa.array(np.zeros(len(rows), np.int64))),
        "row": pa.array(rows.astype(np.int32)),
    }
    tasks = without_units(_column_tasks(table, rule, rules, picked.places), rules)
    for column in rule.columns:
        task = tasks.get(column.name)
        columns[column.name] = type_column(task, rules) if task else pa.nulls(len(rows), arrow_type(column))
    for part in rule.parts:
        columns[part.name] = type_part(part, rule, rules, tasks, columns)
    findings = [
        *meant.findings,
        *find_extra_columns(table, rule, rules, picked.places),
        *(finding for task in tasks.values() for finding in task.findings),
    ]
    findings += [_house_heading(sheet, place) for place in picked.houses]
    findings += [*shifted_rows(table, picked.places), *odd_looks(table, rule, picked.places)]
    findings += errors_beside(table, picked.places, picked.totals)
    findings += unread_totals(table, rule, picked.totals)
    findings += PassedOver(table, rule, rules, picked).find(meant.places[-1][1], meant.findings)
    findings += zero_formulas(tasks.values(), sheet.marks)
    control = Control()
    if any(check.check in ("control_row", "statement_balances") for check in rule.checks):
        control = header_control(table).merge_with(row_control(table, rule, picked.totals))
        findings += unread_control(table, rule, rules.texts.written, picked.totals)
    else:
        findings += compare_totals(table, rule, picked, columns)
    where = {name: letters(at) for name, at in head.columns.items()}
    after = int(picked.places[-1]) + 1 if len(picked.places) else sheet.height
    below = pairs_below(sheet, rules, after, meant.places[-1][1])
    return _Part(pa.table(columns), where, control, tuple(sorted(findings, key=lambda f: f.row)), below)


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
            tasks[column.name] = ColumnTask(
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
    return tasks


def _house_heading(sheet: Sheet, place: int) -> Finding:
    """Return an error for a heading with a house over rows that say no house: they would be for all houses."""
    [(at, text)] = sheet.row(place).items()
    return Finding("row.house_heading", sheet.name, sheet.address(at, place), text, {}, sheet.first_row + place)


def _long(column: Column, height: int) -> Column:
    """Return a column as long as its sheet (a sheet's columns may end at different rows)."""
    more = height - len(column.kinds)
    if more == 0:
        return column
    blank = _blank(more)
    texts = pa.concat_arrays([column.texts, blank.texts])
    return Column(np.concatenate([column.kinds, blank.kinds]), np.concatenate([column.numbers, blank.numbers]), texts)


def _no_rows(rule: FormRule) -> pa.Table:
    named = [*rule.columns, *(rule.column(part.name) for part in rule.parts)]
    fields = [("sheet", pa.string()), ("row", pa.int32()), *((c.name, arrow_type(c)) for c in named)]
    return pa.schema(fields).empty_table()
