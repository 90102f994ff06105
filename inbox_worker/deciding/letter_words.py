"""Hears what a letter says in its own words, and in the names of its files: beginnings of words (rules/tasks.yaml)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from inbox_worker.core.identifiers import NUMBER
from inbox_worker.core.text import fold
from inbox_worker.receiving.opening import Opened
from inbox_worker.settings.task_rules import TaskRule

NAMED = re.compile(rf"{NUMBER.pattern}|\bT-\d{{6,9}}\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")
_LOCK = "~$"  # begins what Excel keeps beside an open workbook; no measure of its numbers
_RULE, _ADDRESS = re.compile(r"[-_]{3,}"), re.compile(r"@\S")


def says_any(text: str, words: Sequence[str], but: Sequence[str] = ()) -> bool:
    """Tell whether a letter's own text has a word that begins so; what it quotes of another is not its own.
    `but`: words that say nothing here."""
    own, nothing = f" {_fold_words(own_text(text))}", _fold_each(tuple(but))
    return any(f" {word}" in own for word in _fold_each(tuple(words)) if word not in nothing)


def begins_with_any(text: str, words: Sequence[str]) -> bool:
    """Return whether the first words of a text begin so."""
    return _fold_words(text).startswith(_fold_each(tuple(words)))


def only_thanks(opened: Opened, words: TaskRule) -> bool:
    """Tell whether a letter says nothing that anybody must see to: all its own words are such as thank, and none asks
    or takes something back. An empty one may have lost its files: it is no such letter. A number in the subject that is
    none of ours may be meant for one."""
    if says_any(opened.text, (*words.asks, *words.takes_back)):
        return False
    subject, _, body = NAMED.sub(" ", own_text(opened.text)).partition("\n")
    said = [*re.findall(r"\w+", body), *(word for word in re.findall(r"\w+", subject) if re.search(r"\d", word))]
    return bool(body.split()) and all(fold(word).startswith(tuple(map(fold, words.thanks))) for word in said)


def _fold_words(text: str) -> str:
    return " ".join(fold(word) for word in text.split())


@lru_cache(maxsize=200)
def _fold_each(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words of the rules, folded once for all the sentences that they are looked for in."""
    return tuple(map(_fold_words, words))


def own_text(text: str) -> str:
    """Return the lines of a letter without those that it quotes: `> ...` wherever they stand, and all from a line of
    dashes or `... <a@b.kz> ...:` on, unless lines with `>` follow it."""
    own, lines = [], text.splitlines()
    for number, line in enumerate(lines):
        if number and line.strip().startswith(">"):
            continue
        if number and _begins_quote(line.strip()):
            following = next((one.strip() for one in lines[number + 1 :] if one.strip()), "")
            if following.startswith(">"):
                continue
            break
        own.append(line)
    return "\n".join(own)


def _begins_quote(line: str) -> bool:
    return _RULE.match(line) is not None or (line.endswith(":") and _ADDRESS.search(line) is not None)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; a paragraph ends one, too."""
    return _SENTENCE.split(text)


def asks_not_to_count(file: str, text: str, words: TaskRule) -> str:
    """Return the sentence by which a letter, or the name of a form's file, asks not to count that form; '' where none
    does. What is said of an earlier form is about that one."""
    asking = (
        sentence.strip()
        for sentence in split_sentences(own_text(with_names([file], text)))
        if says_any(sentence, words.not_to_count)
        and not NAMED.search(sentence)
        and not says_any(sentence, words.earlier)
    )
    return next(asking, "")


def speaks_against_own(opened: Opened, words: TaskRule) -> bool:
    """Tell whether a letter, or the name of a form's file, asks not to count a form that it brings, or says that what
    the form tells is not so."""
    return any(
        says_any(sentence, (*words.withholds, *words.not_to_count))
        or (says_any(sentence, words.denies) and not says_any(sentence, words.brings))
        for sentence in split_sentences(own_text(with_names_of(opened)))
    )


def with_names_of(opened: Opened) -> str:
    """Return a letter's text with the names of its forms' files before it."""
    return with_names([file.name for file in opened.forms], opened.text)


def with_names(files: Sequence[str], text: str) -> str:
    """Return a text with names of files, each a sentence, before it."""
    names = (file.removeprefix(_LOCK).rpartition(".")[0].replace("_", " ") for file in files)
    return "\n\n".join([*names, text])
