"""Finds what a letter says beside its form and nobody reads: sentences with a word that is no routine (law 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.letter_words import says_any
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.task_rules import TaskRule

_READ, _LONGEST = 20_000, 500  # characters of a letter, of what is looked at as one sentence
_SHOWN, _MOST = 120, 3  # characters of a sentence that is told; sentences
_ENDS = ".;:,!"
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_QUOTED = re.compile(r"\u00ab[^\u00bb]*\u00bb|\"[^\"]*\"|\S+@\S+|https?://\S+")
_NUMBER = re.compile(r"\b\d[\d.,:/-]*(?!\d*\s*%)[^\W\d_]?\b")
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*|%")
_ADDRESSED = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?[,!]")  # by his name
_SHORT = 4  # letters of a routine word that begins no other
_FEWEST, _MARK = 2, 2  # words that say anything; Latin letters that are a mark
_ABBREVIATION = 5  # letters in capitals that no word has


def find_unread_words(case: Case) -> list[Finding]:
    """Return what tells the sender that words of his letter change nothing: sentences that are neither routine nor read
    by a check or a person, of a form that counts as it is filled in (law 7, 4.1.15). None once a person confirmed it,
    for a form that the operator loads, or where the rules name no routine."""
    words = _with_titles(case.rules)
    if case.confirmed or case.rule.operator or not words.routine:
        return []
    unread = [text for text in _own_sentences(case.words[:_READ], words) if not _is_heard(text, words)]
    if not unread:
        return []
    quoted = (text.rstrip(_ENDS) for text in unread[:_MOST])
    shown = "; ".join(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…" for text in quoted)
    return [Finding("letter.unread", value=shown + "; …" * (len(unread) > _MOST))]


def _with_titles(rules: Rules) -> TaskRule:
    """Return the words of letters: to name a form by its title is routine, whatever words are in it."""
    words, forms = rules.tasks.letter, rules.forms.values()
    titles = (title for form in forms for title in (form.title.ru, form.title.kk))
    return words.model_copy(update={"routine": (*words.routine, *titles)}) if words.routine else words


def _own_sentences(text: str, words: TaskRule) -> Iterator[str]:
    """Yield the subject and the sentences of a letter up to its signature, and those of a postscript behind it."""
    closings, again = tuple(map(fold, words.closings)), tuple(map(fold, words.postscripts))
    signed, kept = False, list[str]()
    for number, line in enumerate(text.splitlines()):
        begins = fold(line)
        signed = begins.startswith(closings) or (signed and not begins.startswith(again))
        if signed:
            continue
        if number > 1 and kept and line.strip()[:1].islower():
            kept[-1] += f" {line}"
        else:
            kept.append(line)
    for one in (one for line in kept for one in _SENTENCE.split(line)):
        parts = (" ".join(one[at : at + _LONGEST].split()) for at in range(0, len(one), _LONGEST))
        yield from filter(None, parts)


def _is_heard(sentence: str, words: TaskRule) -> bool:
    """Tell whether a sentence is routine, or a person reads its letter because of it."""
    by_a_person = (*words.remarks, *words.withholds, *words.denies, *words.takes_back, *words.not_to_count)
    own = f" {_find_own_words(sentence, words)}"
    return not _beginning_with(words.qualifying).search(own) or says_any(sentence, by_a_person)


def _find_own_words(sentence: str, words: TaskRule) -> str:
    """Return the words of a sentence that are no routine, no name, number or quotation, nor a reason."""
    whole = "".join(filter(str.isprintable, sentence))
    marked = _NUMBER.sub(lambda found: " 00 " if ":" in found[0] else " 0 ", _QUOTED.sub(" ", whole))
    tokens = _TOKEN.findall(marked)
    plain = [
        fold(one)
        for place, one in enumerate(tokens)
        if not _is_name(one, not place) or (fold(one) in words.qualifying and not _is_initial(one))
    ]
    if len(plain) < _FEWEST:
        return ""
    own = _routine_of(words.routine, words.reasons).sub("", f" {' '.join(plain)}").strip()
    return "" if _ADDRESSED.match(sentence) and own == plain[0] else own


def _is_initial(token: str) -> bool:
    return len(token) == 1 and token.isupper()


def _is_name(token: str, first: bool) -> bool:
    """Tell whether a word is a name by its capital, which the first of a sentence has anyhow, or a mark."""
    if token.isupper() and not (first and len(token) == 1):
        return len(token) <= _ABBREVIATION
    return (token.isascii() and token.isalpha() and len(token) <= _MARK) or (not first and token[0].isupper())


@lru_cache(maxsize=4)
def _routine_of(words: tuple[str, ...], reasons: tuple[str, ...]) -> re.Pattern[str]:
    """Match what says nothing new: words that begin so, short ones as a whole, numbers (0, 00 of a time), and all
    behind what begins a reason."""
    behind = "|".join(re.escape(_fold_phrase(one)) for one in reasons)
    return re.compile(rf" (?:{behind})(?!\w).*|{_beginning_with((*words, '0', '00')).pattern}")


@lru_cache(maxsize=8)
def _beginning_with(words: tuple[str, ...]) -> re.Pattern[str]:
    phrases = sorted(map(_fold_phrase, words), key=len, reverse=True)
    each = "|".join(re.escape(one) + ("(?![\\w-])" if len(one) <= _SHORT else "[\\w-]*") for one in phrases)
    return re.compile(rf" (?:{each})")


def _fold_phrase(phrase: str) -> str:
    return " ".join(map(fold, phrase.split()))
