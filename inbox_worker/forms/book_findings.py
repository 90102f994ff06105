"""Find what is wrong with a form before its rows are looked at: its header, other sheets, what is hidden."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.forms.header import conflicts
from inbox_worker.forms.lost_sheets import find_lost, find_set_aside
from inbox_worker.forms.notes import find_hidden_rows, find_notes, find_sentences
from inbox_worker.forms.recognise import Recognised
from inbox_worker.forms.sheets_of_form import find_other_sheets, lists_keys
from inbox_worker.forms.text_lines import swallowed_rows
from inbox_worker.forms.unread import unread_above
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.preflight import Inspection


def find_in_header(found: Recognised) -> list[Finding]:
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


def find_in_book(found: Recognised, rules: Rules, seen: Inspection) -> list[Finding]:
    """Return findings about macros, formulas, hidden sheets, rows and columns, and further sheets."""
    findings = [Finding("workbook.macros")] if seen.macros else []
    findings += find_other_sheets(found.sheets, found.left, found.headless, find_lost(found, rules), found.unseen)
    findings += find_set_aside(found, rules)
    for sheet in found.wordy if found.sheets else ():
        if lists_keys(sheet, found.sheets[0], found.rule):
            facts = {"form_sheet": found.sheets[0].sheet.name}
            findings.append(Finding("sheet.not_read", sheet.name, value=sheet.name, facts=facts))
        findings += [*find_sentences(sheet), *find_notes(sheet, 0, rules)]
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
