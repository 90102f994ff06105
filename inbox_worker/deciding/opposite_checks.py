"""Words of a sender that ask for the reverse of what his form does: in its rows, and in the letter that brought it."""

from __future__ import annotations

from datetime import date

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, rows_of


def find_opposite_rows(table: CheckedTable, case: Case) -> list[Finding]:
    """Return a finding for each row whose own text asks for the reverse of what the form does (4.1.15). A row that
    does take back what is known of its key is done as it is written."""
    opposite = table.rule.opposite
    if opposite is None or not len(table):
        return []
    found = []
    for column in (one.name for one in table.rule.columns if one.type == "text"):
        texts = table.column(column).to_pylist()
        asking = {text for text in set(texts) if text and opposite.phrases.stand_in(text)}
        for index in (i for i, text in enumerate(texts) if text in asking):
            if not _takes_back(table, case, index, opposite.done_by):
                sheet, cell = table.place(index, column)
                row = int(table.value(index, "row"))
                found.append(table.rule.doubt_opposite(sheet, cell, str(texts[index]), row))
    return found


def _takes_back(table: CheckedTable, case: Case, index: int, column: str) -> bool:
    """Return whether a row has 0, or a last day for a key that is known, where its form takes back by it."""
    value = table.value(index, column) if column else None
    if not isinstance(value, date):
        return value is not None and value == 0
    key, earlier = table.rule.key, case.earlier
    return earlier.num_rows > 0 and tuple(table.value(index, name) for name in key) in set(rows_of(earlier, *key))


def find_opposite_letter(case: Case) -> list[Finding]:
    """Return a warning where the letter's own words, or the file's name, ask for the reverse of what its form does: it
    waits for a person (4.1.15)."""
    opposite = case.rule.opposite
    if opposite is None or case.confirmed:
        return []
    said = [text for text in (*case.words.splitlines(), case.file.name) if opposite.phrases.stand_in(text)]
    facts = {**case.rule.facts, **opposite.instead.facts("instead")}
    return [Finding("letter.opposite", value=said[0].strip()[:200], facts=facts)] if said else []
