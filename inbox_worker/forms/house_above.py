"""A house that a line above a table, or the sheet's name, says of rows that name none: they would be of all houses;
and one that a heading says of the accounts beneath it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.header import without_pairs
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.rows import Rows
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Sheet

_MOST_CELLS = 3  # of a line with a house: a label, its value, a word
_LONGEST = 120  # characters
_CODE = r"[^\W\d_]{0,3}[-–]?\d{1,5}(?:[-/]?\w{1,3})?"
_WORD = re.compile(r"[^\W\d_]+")
_PREPOSITION = 3  # letters at most


def find_house_above(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[Finding]:
    """Return an error for each line above the table of a form that says one house, where an empty house means all of
    them and rows have none; the sender's own name and address are no such line."""
    house = next((column for column in rule.columns if column.empty_counts and column.name == "house"), None)
    if house is None or not len(places) or not _lacks(table, house.name, places):
        return []
    return [
        Finding("row.house_heading", table.sheet.name, cell, text)
        for cell, text in _lines_above(table, rule, rules)
        if _says_house(text, rule, rules)
    ]


def _lacks(table: SheetTable, name: str, places: Ints) -> bool:
    """Return whether some row has nothing in a column."""
    at = table.head.columns.get(name)
    if at is None:
        return True
    kinds = table.sheet.columns[at].kinds
    return bool((places >= len(kinds)).any() or (kinds[places[places < len(kinds)]] == CellKind.EMPTY).any())


def _lines_above(table: SheetTable, rule: FormRule, rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield cell and text of the sheet's name and of short lines above the table that are no header pairs."""
    yield "", table.sheet.name
    for place, cells in enumerate(table.grid[: table.head.place if table.head.first < 0 else table.head.first]):
        left = without_pairs(cells, rules)
        if len(left) == 1 and names_of(rule, rules).find_meaning(*left.values()) == "house":
            left |= {at: text for at, text in table.grid[place + 1].items() if at not in left}
        text = " ".join(text for _, text in sorted(left.items()))
        if 0 < len(left) <= _MOST_CELLS and len(text) <= _LONGEST:
            yield table.sheet.address(min(left), place), text


def _says_house(text: str, rule: FormRule, rules: Rules) -> bool:
    """Return whether a line says a word for a house and a code, first or behind the form's title and short words:
    not a name in quotes, no address with its street."""
    found = _match_house(text, rules)
    if found is None:
        return False
    titles = {fold(one) for title in (rule.title.ru, rule.title.kk) for one in _WORD.findall(title)}
    before = _WORD.findall(found["before"])
    return all(fold(one) in titles or (one.islower() and len(one) <= _PREPOSITION) for one in before)


def read_houses_over(sheet: Sheet, picked: Rows, rules: Rules) -> dict[int, str]:
    """Return the code that a heading between rows says, beside a word for a house, of those beneath it up to the next,
    by the sheet's row."""
    said, over, headings = dict[int, str](), "", set(picked.groups)
    for place in sorted({*headings, *picked.places.tolist()}):
        if place in headings:
            found = _match_house(next(iter(sheet.row(place).values())), rules)
            over = (found["behind"] or found["first"]) if found else ""
        elif over:
            said[sheet.first_row + place] = over
    return said


def _match_house(text: str, rules: Rules) -> re.Match[str] | None:
    words = sorted({*rules.vocabulary.meant.get("house", ()), *rules.vocabulary.named.get("house", ())}, key=len)
    word = "|".join(map(re.escape, reversed(words)))
    said = rf"(?:{word})[\s:№.]{{0,4}}(?P<behind>{_CODE})|(?P<first>{_CODE})[\s-]{{1,2}}(?:{word})"
    return re.match(rf"(?i)(?P<before>.*?)(?<!\w)(?:{said})(?!\w)", text)
