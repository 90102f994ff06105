"""Totals that stand in words under a table (`Итого: двадцать тысяч тенге`), compared with its rows (4.1.15)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.core.money import LARGEST_IN_WORDS, in_words_kk, in_words_ru
from inbox_worker.forms.rows import Rows
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.forms.totals import SUM_WORDS
from inbox_worker.settings.form_rules import FormRule

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 300  # characters of a line
_MOST_LINES = 60
_PARTS = (*range(21), *range(30, 100, 10), *range(100, 1000, 100), 1_000, 2_000, 5_000, 10**6, 2 * 10**6, 5 * 10**6)


def compare_spelled(table: SheetTable, rule: FormRule, picked: Rows, columns: dict[str, pa.Array]) -> list[Finding]:
    """Return a warning for each line under the header that says a sum in words which no rows have: all of them, or
    those between two totals. Its sign may be left out."""
    named = [column for column in rule.columns if column.type == "money" and column.name in table.head.columns]
    said = list(_find_spelled(table, picked)) if named else []
    if not said:
        return []
    bounds = [0, *np.searchsorted(picked.places, sorted(picked.totals)).tolist(), len(picked.places)]
    amounts = [[one or Decimal(0) for one in columns[column.name].to_pylist()] for column in named]
    sums = {sum(one[a:b], Decimal(0)) for one in amounts for a in bounds for b in bounds if a <= b}
    spelled = {_spell(abs(one), language) for one in sums if abs(one) <= LARGEST_IN_WORDS for language in (0, 1)}
    whole = f"{sum(amounts[0], Decimal(0))}".replace(".", ",")
    return [
        Finding("total.mismatch", table.sheet.name, cell, " ".join(words), {**named[0].facts, "sum": whole})
        for cell, words in said
        if words not in spelled
    ]


def _find_spelled(table: SheetTable, picked: Rows) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the cells of lines that are no rows and say a sum in words, and those words; of a line that is no total
    only where it says the currency and that it is a sum."""
    sheet, rows = table.sheet, set(picked.places.tolist())
    lines = (place for place in sheet.filled_places(table.head.place + 1, sheet.height) if place not in rows)
    for _, place in zip(range(_MOST_LINES), lines, strict=False):
        for at, text in sheet.row(place).items():
            words, currency = _numerals(text) if len(text) <= _LONGEST else ((), False)
            if words and (place in picked.totals or (currency and SUM_WORDS.search(text))):
                yield sheet.address(at, place), words


def _numerals(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a number in a text up to its currency or the text's end, and whether it has one; none beside
    digits, which say the number themselves."""
    known, currency = _number_words()
    words = [word.casefold() for word in _WORD.findall(text)]
    end = next((at for at, word in enumerate(words) if word in currency), len(words))
    found = tuple(word for word in words[:end] if word in known)
    digits = re.search(r"\d", text[: text.casefold().find(words[end])] if end < len(words) else text)
    goes_on = end == len(words) and words[-len(found) :] != list(found)  # it counts something else
    return ((), False) if digits or goes_on else (_without_one(found), end < len(words))


def _spell(amount: Decimal, language: int) -> tuple[str, ...]:
    known, _ = _number_words()
    words = _WORD.findall((in_words_ru, in_words_kk)[language](amount).casefold())
    return _without_one(tuple(word for word in words if word in known))


def _without_one(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a number's words without a `one` before a hundred or a thousand, which may be left out."""
    return words[1:] if len(words) > 1 and words[0] in _ones() else words


@lru_cache(maxsize=1)
def _ones() -> frozenset[str]:
    known, found = _number_words()[0], set[str]()
    for spell in (in_words_ru, in_words_kk):
        words = [[w for w in _WORD.findall(spell(Decimal(one)).casefold()) if w in known] for one in (1, 1_000)]
        found |= {words[0][0], *words[1][:-1]}
    return frozenset(found)


@lru_cache(maxsize=1)
def _number_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that numbers are spelled with in both languages, and those that stand behind every number."""
    known, currency = set[str](), set[str]()
    for spell in (in_words_ru, in_words_kk):
        texts: Sequence[set[str]] = [set(_WORD.findall(spell(Decimal(one)).casefold())) for one in _PARTS]
        behind = set.intersection(*texts)
        known |= set.union(*texts) - behind
        currency |= behind
    return frozenset(known), frozenset(currency)
