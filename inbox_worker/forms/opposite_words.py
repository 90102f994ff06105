"""Words on a form's sheet that ask for the reverse of what the form does, or of what a sum's sign does (4.1.15)."""

from __future__ import annotations

from collections.abc import Iterator

from inbox_worker.core.model import Finding
from inbox_worker.forms.beside import is_above_zero
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.header import without_pairs
from inbox_worker.forms.notes import first_ten, notes_of_people
from inbox_worker.forms.rows import Rows
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import letters

_MOST_SHOWN = 300  # characters
_MOST_LINES = 300  # looked at around a table


def find_opposite(table: SheetTable, rule: FormRule, rules: Rules, picked: Rows) -> list[Finding]:
    """Return a finding for the first such words around the table, in its headings or the sheet's name, and for those
    beside each row."""
    if rule.opposite is None:
        return []
    sheet, phrases = table.sheet, rule.opposite.phrases
    around = ((cell, text) for cell, text in _texts_around(table, rules, picked) if phrases.stand_in(text))
    found = [rule.doubt_opposite(sheet.name, cell, text) for cell, text in list(around)[:1]]
    own = set(table.head.columns.values())
    for at in sorted(sheet.columns.keys() - own):
        texts = {place: sheet.text(at, place) for place in picked.places.tolist()}
        asking = {text for text in set(texts.values()) if phrases.stand_in(text)}
        for place in (place for place, text in texts.items() if text in asking):
            row = sheet.first_row + place
            found.append(rule.doubt_opposite(sheet.name, sheet.address(at, place), texts[place], row))
    return found


def find_other_sign(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[Finding]:
    """Return an error for each row with a sum above zero and a text of its own by which it lowers (`Снять по акту`), of
    a form whose sums say by their sign what they do."""
    signed = [at for column, at in table.head.pair_columns(rule) if column.type == "money" and rule.documents == "plus"]
    texts = [at for column, at in table.head.pair_columns(rule) if column.type == "text"]
    sheet, found = table.sheet, list[Finding]()
    for at in texts if signed else ():
        said = {place: sheet.text(at, place) for place in places.tolist()}
        lowering = {text for text in set(said.values()) if rules.vocabulary.around.lowered.stand_in(text)}
        for place in (place for place, text in said.items() if text in lowering):
            if is_above_zero(amount := sheet.text(signed[0], place)):
                row, cell = sheet.first_row + place, sheet.address(at, place)
                found.append(
                    Finding("row.other_sign", sheet.name, cell, said[place][:_MOST_SHOWN], {"first": amount}, row)
                )
    return found


def find_red_sums(table: SheetTable, rule: FormRule, rows: Ints) -> list[Finding]:
    """Return one finding for the sums above zero that stand in red, of a form whose sums say by their sign what they
    do: accountants write a minus so, and red draws attention, too (4.3.2.4)."""
    sheet, red = table.sheet, table.sheet.marks.red
    signed = [(column, at) for column, at in table.head.pair_columns(rule) if column.type == "money"]
    if not red or rule.documents != "plus" or not signed:
        return []
    column, at = signed[0]
    places = [place for place in rows.tolist() if (sheet.first_row + place, at) in red]
    odd = [place for place in places if is_above_zero(sheet.text(at, place))]
    if not odd:
        return []
    cells = [sheet.address(at, place) for place in odd]
    facts = {**column.facts, "cells": first_ten(cells)}
    return [Finding("value.red_sum", sheet.name, cells[0], sheet.text(at, odd[0]), facts)]


def _texts_around(table: SheetTable, rules: Rules, picked: Rows) -> Iterator[tuple[str, str]]:
    """Yield cell and text of the lines above and below the rows, of headings that are none of the form's, of comments
    and text boxes, and the sheet's name."""
    sheet, head = table.sheet, table.head
    for place, cells in enumerate(table.grid[: head.place]):
        yield from ((sheet.address(at, place), text) for at, text in without_pairs(cells, rules).items())
    yield from ((sheet.address(at, head.place), table.grid[head.place].get(at, "")) for at in head.extra)
    below = set(sheet.filled_places(head.place + 1, sheet.height)) - set(picked.places.tolist())
    for place in sorted(below)[:_MOST_LINES]:
        yield from ((sheet.address(at, place), text) for at, text in sheet.row(place).items())
    for note in notes_of_people(sheet, rules):
        yield f"{letters(note.column)}{note.row}", note.text
    yield "", sheet.name
