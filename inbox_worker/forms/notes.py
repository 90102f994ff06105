"""Find what is on a sheet and not seen in its table: comments, text boxes, sheets of sentences, hidden rows
(4.1.15)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inbox_worker.core.model import Finding
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import UNREAD_NOTES, Note, letters
from inbox_worker.workbooks.sheet import Sheet

_MOST_ROWS = 60  # of a sheet without a table
_SENTENCE = 4  # words: fewer are a title, a name, a heading


def is_sentence(text: str) -> bool:
    """Return whether a text is more than a title, a name or a heading: words that may ask for something."""
    return len(re.findall(r"[^\W\d_]+", text)) >= _SENTENCE


def find_hidden_rows(sheet: Sheet, head: int = 0) -> list[Finding]:
    """Return a warning about the hidden rows of a sheet under its header (its row, 0 = all): they are read like those
    that people see. One for the sheet."""
    hidden = [row for row in sheet.marks.hidden_rows if row > head]
    facts = {"count": str(len(hidden))}
    return [Finding("rows.hidden", sheet.name, f"A{hidden[0]}", str(hidden[0]), facts)] if hidden else []


def find_notes(sheet: Sheet, head: int, rules: Rules) -> list[Finding]:
    """Return one finding for the comments of a sheet's rows, one for its text boxes and one for those that could not be
    read. `head`: the row of the header; comments in it and above explain a blank."""
    notes = notes_of_people(sheet, rules)
    comments = [note for note in notes if note.comment and note.row > head]
    boxes = [note for note in notes if not note.comment and (is_sentence(note.text) or re.search(r"\d", note.text))]
    found = (("cells.commented", comments), ("sheet.text_box", boxes))
    unread = [Finding("sheet.notes_unread", sheet.name)] if UNREAD_NOTES in notes else []
    return [_join(code, sheet, notes) for code, notes in found if notes] + unread


def notes_of_people(sheet: Sheet, rules: Rules) -> list[Note]:
    """Return the comments and text boxes of a sheet that are not those of a blank of ours."""
    written = rules.texts.written.of if sheet.marks.notes else {}
    ours = tuple(words.ru for code, words in written.items() if code.startswith(("blank.hint.", "blank.note.")))
    return [note for note in sheet.marks.notes if not note.text.startswith(ours)]


def find_sentences(sheet: Sheet) -> list[Finding]:
    """Return one finding for the sentences of a sheet without a table."""
    places = range(min(sheet.height, _MOST_ROWS))
    said = [(place, at, text) for place in places for at, text in sheet.row(place).items() if is_sentence(text)]
    if not said:
        return []
    place, at, text = said[0]
    facts = {"cells": first_ten([sheet.address(at, place) for place, at, _ in said])}
    return [Finding("notes.not_read", sheet.name, sheet.address(at, place), text, facts)]


def _join(code: str, sheet: Sheet, notes: Sequence[Note]) -> Finding:
    cells = [f"{letters(note.column)}{note.row}" for note in notes]
    return Finding(code, sheet.name, cells[0], notes[0].text, {"cells": first_ten(cells)})


def first_ten(places: Sequence[str]) -> str:
    """Return the first ten of some places in a list, with a sign where there are more.

    >>> first_ten(["A1", "A2"]), first_ten(["A1"] * 11)[-8:]
    ('A1, A2', 'A1, A1 …')
    """
    return ", ".join(places[:10]) + (" …" if len(places) > 10 else "")
