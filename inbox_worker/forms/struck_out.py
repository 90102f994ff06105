"""Rows that people strike out in place of deleting them (4.1.15)."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.forms.column_task import Ints, shown
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.workbooks.cells import CellKind
from inbox_worker.workbooks.sheet_marks import letters


def struck_out(table: SheetTable, rows: Ints) -> list[Finding]:
    """Return an error for each row of the form that is struck out wholly; one warning for single cells."""
    sheet, findings, cells = table.sheet, list[Finding](), list[tuple[str, str]]()
    struck = sheet.marks.struck
    if not struck:
        return []
    columns = sorted((at, sheet.columns[at]) for at in table.head.columns.values())
    for place in rows.tolist():
        row = sheet.first_row + place
        filled = [(at, c) for at, c in columns if place < len(c.kinds) and c.kinds[place] != CellKind.EMPTY]
        crossed = [(at, c) for at, c in filled if (row, at) in struck]
        if crossed and len(crossed) == len(filled):
            at, column = crossed[0]
            findings.append(
                Finding("rows.struck_out", sheet.name, f"{letters(at)}{row}", shown(column, place), {}, row)
            )
        else:
            cells += [(f"{letters(at)}{row}", shown(column, place)) for at, column in crossed]
    if cells:
        facts = {"cells": ", ".join(cell for cell, _ in cells[:10]) + (" …" if len(cells) > 10 else "")}
        findings.append(Finding("cells.struck_out", sheet.name, *cells[0], facts))
    return findings
