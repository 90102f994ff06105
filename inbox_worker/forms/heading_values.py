"""Headings that are values: a house, a month, a service with its unit, where people make a column of each (4.1.15)."""

from __future__ import annotations

import re

from inbox_worker.forms import values
from inbox_worker.forms.days_in_words import month_without_year
from inbox_worker.settings.rules import Rules

_CODE = re.compile(r"[^\W\d_]{0,3}[-№.\s/]{0,2}\d{1,5}(?:[-/]?[^\W_]{1,2})?")  # A-001, 7, 12/1, 5A
_ADDRESS = re.compile(r"[^\W\d_][^\d]{2,60}[\s,]\d{1,4}(?:[-/]?[^\W_]{1,2})?")  # a street and a number
_WORD = re.compile(r"[^\W\d_]+")
_SHORT, _LONG = 3, 6  # letters of a word
_YEAR = re.compile(r"(?:19|20)\d\d")
_NOT_AT_END = re.compile(r"\W+$")


def may_be_house(text: str, rules: Rules) -> bool:
    """Return whether a heading may be a house's code, with or without a word beside it, or an address; no year, no
    month."""
    bare = _without_words(text, rules)
    if _YEAR.fullmatch(bare) or values.month(text) is not None:
        return False
    return _CODE.fullmatch(bare) is not None or _ADDRESS.fullmatch(_NOT_AT_END.sub("", text)) is not None


def says_house(text: str, rules: Rules) -> bool:
    """Return whether a heading has a word for a house in it: `Service / house`."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return not set(words).isdisjoint(rules.vocabulary.meant.get("house", ()))


def names_month(text: str, rules: Rules) -> bool:
    """Return whether a heading names a month, with or without its year."""
    names = bare_names(text, rules)
    return any(values.month(one) or (not one.isdecimal() and month_without_year(one)) for one in names)


def names_category(text: str, rules: Rules) -> bool:
    """Return whether a heading ends with a category of consumers, in any case of its words, behind one word and short
    ones at most: `Тариф для юр. лиц`. An abbreviation (`ИП`) stands alone."""
    words = _WORD.findall(rules.vocabulary.spelled.unit.sub("", text).casefold())
    names = [_WORD.findall(name.casefold()) for one in rules.categories for name in (one.ru, one.kk, *one.names)]
    return words in names or any(
        sum(len(word) > _SHORT for word in words[: -len(name)]) <= 1 and _are_cases(words[-len(name) :], name)
        for name in names
        if len("".join(name)) > _SHORT
    )


def _are_cases(words: list[str], name: list[str]) -> bool:
    """Return whether words are those of a name, short ones as they are."""
    return len(words) == len(name) and all(
        word == one or (len(one) > _SHORT and word.startswith(_stem(one)) and len(word) <= len(one) + _SHORT)
        for word, one in zip(words, name, strict=True)
    )


def _stem(word: str) -> str:
    """Return a word without the ending that its cases change: one letter of a short word, three of a long one."""
    return word[: len(word) - (1 if len(word) < _LONG else 2 if len(word) == _LONG else 3)]


def bare_names(text: str, rules: Rules) -> list[str]:
    """Return a heading as it is, without its unit, and without a word beside it: `ХВС, тг`, `Сумма за июнь 2026`."""
    bare = rules.vocabulary.spelled.unit.sub("", text)
    return [one for one in (text, bare, bare.rpartition(" ")[0], bare.partition(" ")[2]) if one]


def _without_words(text: str, rules: Rules) -> str:
    """Return a text without the words that people write around a house's code, in Kazakh behind it."""
    bare = text.strip().casefold()
    for word in rules.vocabulary.named.get("house", ()):
        bare = bare.removeprefix(word.casefold()).removesuffix(f" {word.casefold()}")
    return bare.strip(" .,:№*")
