"""Words around a form's table, and in columns beside it, that change what its cells mean: another measure, or that
something is not to count. Nothing is guessed: the sender is asked (4.1.15)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import lru_cache

import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.forms.column_task import Ints
from inbox_worker.forms.days_in_words import mark_days, mark_months
from inbox_worker.forms.notes import first_ten
from inbox_worker.forms.sheet_words import says_no
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_headers import Limiting
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.vocabulary import Phrases, numbered_phrases
from inbox_worker.workbooks.sheet import CellKind

_DATES = (CellKind.DATE, CellKind.DATETIME)
_LONGEST = 300  # characters of a text that says something of rows
_MOST_LINES = 300  # looked at around a table
_DAY = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{2,4}(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"\d+")
_SHORT = 3  # words of a cell that may say the measure of its row; more are a note


def says_other_measure(text: str, rules: Rules) -> bool:
    """Return whether a text around a table says that numbers are in thousands, in another currency or unit."""
    return rules.vocabulary.around.measured.stand_in(text)


def says_against_row(text: str, rules: Rules) -> bool:
    """Return whether a cell beside a row asks not to count it."""
    said, words = _fold_words(text), rules.tasks.letter
    asks = any(word in said for word in _fold_all((*words.withholds, *words.not_to_count)))
    return asks or rules.vocabulary.around.refusing.are_all(text)


def says_against_form(text: str, rules: Rules) -> bool:
    """Return whether a text around a table asks not to count the form, or a row of it."""
    endings = rules.vocabulary.around.of_rules
    asks = " ".join(word for word in text.split() if not fold(word).endswith(endings))
    return says_against_row(asks, rules) or rules.vocabulary.around.refusing.are_all(text)


@lru_cache(maxsize=10)
def _fold_all(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_fold_words, words))


def _fold_words(text: str) -> str:
    return "".join(f" {fold(word)}" for word in text.split())


def find_words_beside(table: SheetTable, at: int, places: Ints, rules: Rules, *, numbered: bool) -> list[Finding]:
    """Return an error for each row beside which somebody wrote, in a column that is not read, that it is not to count,
    and one for a column whose cells say another measure of `numbered` rows."""
    sheet = table.sheet
    texts = {int(place): sheet.text(at, int(place)) for place in places}
    every = set(texts.values())
    against = {text for text in every if says_against_row(text, rules)}
    found = [
        Finding("row.words_against", sheet.name, sheet.address(at, place), text, {"row_number": str(row)}, row)
        for place, text in texts.items()
        if text in against
        for row in [sheet.first_row + place]
    ]
    other = {text for text in every if numbered and len(text.split()) <= _SHORT and says_other_measure(text, rules)}
    if cells := [(sheet.address(at, place), text) for place, text in texts.items() if text in other]:
        facts = {"cells": first_ten([cell for cell, _ in cells])}
        found.append(Finding("notes.other_measure", sheet.name, *cells[0], facts))
    return found


def find_ticked(table: SheetTable, at: int, places: Ints, header: str, rules: Rules) -> list[Finding]:
    """Return an error for each row that a column beside it ticks as gone (`Отменено`: да, or a day), or says not to
    count (`Учитывать`: нет)."""
    sheet, around = table.sheet, rules.vocabulary.around
    gone, counts = says_against_row(header, rules), around.counted.are_all(header)
    found = []
    for place in places.tolist() if gone or counts else ():
        text = sheet.text(at, place)
        ticked = text.casefold() in around.of_ticks or sheet.columns[at].kinds[place] in _DATES
        if (gone and ticked) or (counts and says_no(text)):
            row = sheet.first_row + place
            facts = {"row_number": str(row)}
            found.append(
                Finding("row.words_against", sheet.name, sheet.address(at, place), f"{header}: {text}", facts, row)
            )
    return found


def find_narrowed(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[Finding]:
    """Return one warning for the texts of rows, beside them and around the table by which rows are of less than they
    say, or in doubt: they count in full, which may not be meant (4.1.15). None of forms that a person reads."""
    if rule.operator or rule.held:
        return []
    limited = _find_limited(table, rule, rules, places)
    cells = _find_phrases(table, rule, rules.vocabulary.around.narrowed_by(rule.narrowing), places)
    found = (("notes.limited", limited), ("notes.narrowed", [one for one in cells if one not in limited]))
    return [
        Finding(code, table.sheet.name, *said[0], {"cells": first_ten([cell for cell, _ in said])})
        for code, said in found
        if said
    ]


def _find_limited(table: SheetTable, rule: FormRule, rules: Rules, places: Ints) -> list[tuple[str, str]]:
    """Return cell and text of what limits rows to a part or a time: of those that name no account, which is a part. A
    line around them with the sender's own address is none."""
    if rule.limiting is None:
        return []
    at = table.head.columns.get("account", -1)
    wide = places if at < 0 else places[[not table.sheet.text(at, place) for place in places.tolist()]]
    if not len(wide):
        return []
    limits, rows = phrases_of_limits(rule.limiting, rules), set((places + table.sheet.first_row).tolist())
    cells = _find_phrases(table, rule, limits, places, name=name_figures)
    of_one = rows - set((wide + table.sheet.first_row).tolist())
    of_sender = numbered_phrases(rules.vocabulary.around.of_sender)
    placed = [(int(cell.lstrip(string.ascii_uppercase)), cell, text) for cell, text in cells]
    return [
        (cell, text)
        for row, cell, text in placed
        if row not in of_one and (row in rows or not of_sender.stand_in(text))
    ]


def find_for_some(table: SheetTable, rule: FormRule, places: Ints) -> list[Finding]:
    """Return one error for the texts around the table and beside its rows by which prices are for some consumers, where
    a row has no category: they would be of every line (4.3.2.1)."""
    if not rule.for_some or _say_category(table, places):
        return []
    cells = _find_phrases(table, rule, numbered_phrases(rule.for_some), places, own=False)
    if not cells:
        return []
    facts = {"cells": first_ten([cell for cell, _ in cells])}
    return [Finding("notes.for_some", table.sheet.name, *cells[0], facts)]


def _say_category(table: SheetTable, places: Ints) -> bool:
    at = table.head.columns.get("category")
    return at is not None and all(table.sheet.text(at, place) for place in places.tolist())


def find_beyond(table: SheetTable, rule: FormRule, places: Ints) -> list[Finding]:
    """Return one warning for the texts of rows, beside them and around the table that ask for more than the form
    does."""
    cells = _find_phrases(table, rule, rule.beyond.phrases, places) if rule.beyond else []
    return [rule.tell_beyond(table.sheet.name, *cells[0])] if cells else []


def phrases_of_limits(limiting: Limiting, rules: Rules, more: tuple[str, ...] = ()) -> Phrases:
    """Return the phrases by which a form's rows are for a part or a time. `more`: of those for some consumers."""
    return numbered_phrases((*limiting.words, *(rules.vocabulary.around.for_a_time if limiting.timed else ()), *more))


def name_figures(text: str) -> str:
    """Return a text with words in the place of its days, months and numbers, as phrases of rules have them
    (`кв {number}`, `до {month}`); a year is none of a flat (`3 кв. 2026`)."""
    if not any(map(str.isdigit, text)):
        return mark_months(text, " month ")
    days = mark_days(_name_days(text), " day ")
    return _NUMBER.sub(" number ", _YEAR.sub(" year ", mark_months(days, " month ")))


def _name_days(text: str) -> str:
    """Return a text with a word in the place of its days, as phrases of rules have it (`до {day}`)."""
    return _DAY.sub(" day ", text) if text.count(".") > 1 else text


def _find_phrases(
    table: SheetTable,
    rule: FormRule,
    phrases: Phrases,
    places: Ints,
    *,
    own: bool = True,
    name: Callable[[str], str] | None = None,
) -> list[tuple[str, str]]:
    """Return cell and text of what has such a phrase: the sheet's name (told at the header), around the table, then in
    texts of rows, where they count as their `own`, and beside them."""
    sheet, head, name = table.sheet, table.head, name or _name_days
    counted = {at for column, at in head.pair_columns(rule) if own and column.type == "text"}
    rows, cells = set(places.tolist()), list[tuple[str, str]]()
    if phrases.stand_in(name(sheet.name)):
        cells.append((sheet.address(min(head.columns.values()), head.place), sheet.name))
    around, heads = (
        [place for place in sheet.filled_places(0, sheet.height) if place not in rows],
        {*head.columns.values()},
    )
    for place in around[:_MOST_LINES]:
        cells += [
            (sheet.address(at, place), text)
            for at, text in sheet.row(place).items()
            if len(text) <= _LONGEST and (place != head.place or at in heads) and phrases.stand_in(name(text))
        ]
    for at in sorted(counted | (sheet.columns.keys() - set(head.columns.values()))):
        texts = sheet.columns[at].texts
        every = (one for one in pc.unique(texts).to_pylist() if one and len(one) <= _LONGEST)
        said = {one for one in every if phrases.stand_in(name(one))}
        for place in places.tolist() if said else ():
            if (text := sheet.text(at, place)) in said:
                cells.append((sheet.address(at, place), text))
    return cells
