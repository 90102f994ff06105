"""Words of a sender that ask for the reverse of what his form does: in its rows, and in the letter that brought it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import PurePath

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.letter_words import asks_not_to_count, begins_with_any
from inbox_worker.deciding.table import CheckedTable, rows_of
from inbox_worker.forms.words_around import name_figures, phrases_of_limits
from inbox_worker.settings.vocabulary import numbered_phrases

_SENTENCES = re.compile(r"(?<=[.!?;])\s*\n|\n\s*\n")  # a line that goes on is none; a point may be a day's
_WORD = re.compile(r"[^\W\d_]+")
_SHOWN = 200  # characters of what a letter says
_READ = 20_000  # characters of a letter whose sentences are looked at: people write fewer, and each form asks again


def find_opposite_rows(table: CheckedTable, case: Case) -> list[Finding]:
    """Return a finding for each row whose own text asks for the reverse of what the form does (4.1.15). A row that
    does take back what is known of its key is done as it is written."""
    opposite = table.rule.opposite
    if opposite is None or not len(table):
        return []
    found, taking_back = [], _rows_that_take_back(table, case, opposite.done_by)
    for column in (one.name for one in table.rule.columns if one.type == "text"):
        texts = table.column(column).to_pylist()
        asking = {text for text in set(texts) if text and opposite.phrases.stand_in(text)}
        for index in (i for i, text in enumerate(texts) if text in asking):
            if index not in taking_back():
                sheet, cell = table.place(index, column)
                row = int(table.value(index, "row"))
                found.append(table.rule.doubt_opposite(sheet, cell, str(texts[index]), row))
    return found


def _rows_that_take_back(table: CheckedTable, case: Case, column: str) -> Callable[[], frozenset[int]]:
    """Return what finds, once and only when asked, the rows that have 0, or a last day for a key that is known, where
    their form takes back by it."""

    @cache
    def find() -> frozenset[int]:
        key, values = table.rule.key, table.column(column).to_pylist() if column else []
        known = set(rows_of(case.earlier, *key)) if case.earlier.num_rows else set()
        return frozenset(
            index
            for index, value in enumerate(values)
            if value is not None
            and (tuple(table.value(index, name) for name in key) in known if isinstance(value, date) else value == 0)
        )

    return find


def find_not_to_count(case: Case, table: CheckedTable) -> list[Finding]:
    """Return a warning where the letter, the form's file by its name, or a row's text, by its first words or as a
    whole, asks not to count what it brings: the form waits for a person (4.1.15)."""
    words, refusing = case.rules.tasks.letter, case.rules.vocabulary.around.refusing
    if case.confirmed:
        return []
    said = asks_not_to_count(case.file.name, case.words, words)
    found = [Finding("letter.not_to_count", value=" ".join(said.split())[:_SHOWN])] if said else []
    for column in (one.name for one in table.rule.columns if one.type == "text" and len(table)):
        texts = table.column(column).to_pylist()
        asking = {
            text
            for text in set(texts)
            if text and (begins_with_any(text, words.not_to_count) or refusing.are_all(text))
        }
        found += [table.make_finding("row.not_to_count", i, column) for i, text in enumerate(texts) if text in asking]
    return found


def find_opposite_letter(case: Case) -> list[Finding]:
    """Return a warning where the letter's own words, or the file's name, ask for the reverse of what its form does: it
    waits for a person (4.1.15)."""
    opposite = case.rule.opposite
    if opposite is None or case.confirmed:
        return []
    said = [text for text in (*case.words.splitlines(), case.file.name) if opposite.phrases.stand_in(text)]
    facts = {**case.rule.facts, **opposite.instead.facts("instead")}
    return [Finding("letter.opposite", value=said[0].strip()[:_SHOWN], facts=facts)] if said else []


def find_beyond_letter(case: Case) -> list[Finding]:
    """Return a warning where the letter's own words, or the file's name, ask for more than its form does."""
    if case.rule.beyond is None or any(finding.code == "words.beyond" for finding in case.form.findings):
        return []
    said = [text for text in (*case.words.splitlines(), case.file.name) if case.rule.beyond.phrases.stand_in(text)]
    return [case.rule.tell_beyond("", "", said[0].strip()[:_SHOWN])] if said else []


def find_limiting_letter(case: Case, table: CheckedTable) -> list[Finding]:
    """Return a warning where the letter's own words, or the file's name, say of the form's rows that they are for a
    part, for some consumers or for a time: it waits for a person (4.1.15). A form whose rows all name an account is the
    part itself, and one whose rows all name a category is of these consumers."""
    limiting, columns = case.rule.limiting, table.form.rows.column_names
    if limiting is None or case.confirmed or ("account" in columns and all(table.column("account").to_pylist())):
        return []
    of_all = "category" not in columns or not all(table.column("category").to_pylist())
    phrases = phrases_of_limits(limiting, case.rules, case.rule.for_some if of_all else ())
    said = next((text for text in find_sentences_about(case) if phrases.stand_in(name_figures(text))), "")
    return [Finding("letter.limited", value=said[:_SHOWN])] if said else []


def find_sentences_about(case: Case) -> list[str]:
    """Return those sentences of the letter that speak of the form's own matter (`about` of its `limiting`)."""
    about = tuple(map(fold, case.rule.limiting.about)) if case.rule.limiting else ()
    return [text for text in _say_sentences(case) if any(fold(word).startswith(about) for word in _WORD.findall(text))]


def find_other_sign_letter(case: Case, table: CheckedTable) -> list[Finding]:
    """Return a warning where the letter asks to lower what was charged, and every sum of its form raises it, or the
    other way round: it waits for a person (4.3.2.4)."""
    money = [column.name for column in case.rule.columns if column.type == "money"]
    if case.confirmed or case.rule.documents != "plus" or not len(table) or not money:
        return []
    amounts, around = [one for one in table.column(money[0]).to_pylist() if one], case.rules.vocabulary.around
    lower, higher = numbered_phrases(around.asked_lower), numbered_phrases(around.asked_raise)
    texts = [(text, name_figures(text)) for text in _say_sentences(case)]
    said = {phrases: [text for text, named in texts if phrases.stand_in(named)] for phrases in (lower, higher)}
    said[lower] += [PurePath(case.file.name).stem] * around.lowered.stand_in(PurePath(case.file.name).stem)
    against = said[lower] if amounts and min(amounts) > 0 else said[higher] if amounts and max(amounts) < 0 else []
    both = bool(said[lower] and said[higher])
    facts = {"first": table.show_value(money[0], amounts[0])} if against else {}
    return [Finding("letter.other_sign", value=against[0][:_SHOWN], facts=facts)] if against and not both else []


def _say_sentences(case: Case) -> list[str]:
    """Return the letter's subject, its own sentences and the file's name, each on one line."""
    subject, _, text = case.words[:_READ].partition("\n")
    return [" ".join(one.split()) for one in (subject, *_SENTENCES.split(text), case.file.name)]
