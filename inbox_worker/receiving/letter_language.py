"""The language that a sender wrote his letter in: his comes first in the answer (both are always there)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from inbox_worker.core.text import skeleton
from inbox_worker.receiving.message import parse_message
from inbox_worker.settings.home import Home, shipped_path
from inbox_worker.settings.rules import read_yaml

LANGUAGES = ("ru", "kk")
# letters that Kazakh has and Russian has not: ғ қ ң ү ұ һ ә ө і; and those that are Russian alone, or of borrowed words
_KAZAKH = frozenset("\u0493\u049b\u04a3\u04af\u04b1\u04bb\u04d9\u04e9\u0456")
_RUSSIAN = frozenset("\u0432\u0444\u0446\u0447\u0449\u044a\u044c\u044d\u0451")
_WORD = re.compile("[\u0400-\u04ff]+")
_QUOTED = re.compile('\u00ab[^\u00ab\u00bb\n]*\u00bb|"[^"\n]*"')  # names of firms, services and forms
_CLEARLY = 2  # times as many words
_RULE = re.compile(r"\s*(?:-{4,}|_{4,})")


def receipts_folder(home: Home) -> Path:
    """Return the home's own receipts, or the shipped ones in a home that was made before there were any."""
    own = home.templates / "receipts"
    return own if own.is_dir() else shipped_path("templates") / "receipts"


def languages_of(text: str, home: Home) -> tuple[str, ...]:
    """Return the languages of an answer to a letter of that subject and text, the sender's own first (4.3.2)."""
    file = receipts_folder(home) / "words.yaml"
    return order_languages(text, _read_signs(file, file.stat().st_mtime_ns if file.is_file() else 0))


def languages_of_letter(raw: bytes, home: Home) -> tuple[str, ...]:
    """Return the languages of an answer to a letter as it came."""
    message = parse_message(raw)
    return languages_of(f"{message.subject}\n{message.text}", home)


@dataclass(frozen=True)
class _Signs:
    """Tells a letter's language. `marks`: lines that our own letters begin with, so that a reply that quotes one is its
    sender's own text up to there; `signatures`: what a line behind his text begins with; `words`, of each language: as
    compared; `beginnings`: what words of any ending begin with."""

    marks: tuple[str, ...]
    signatures: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    beginnings: tuple[tuple[str, ...], ...]

    def is_behind(self, line: str) -> bool:
        """Tell whether a line is no more of the sender's text."""
        signed = skeleton(line).startswith(self.signatures)
        return signed or bool(_RULE.match(line)) or any(mark in line for mark in self.marks)

    def count_words(self, text: str) -> tuple[int, int]:
        """Count the words that tell each language. Names are no sign: what is in quotes never counts, what begins with
        a capital only as one of the listed words."""
        russian = kazakh = 0
        for word in _WORD.findall(_QUOTED.sub(" ", text)):
            plain, letters = skeleton(word), set(word) if word[:1].islower() else set[str]()
            listed = [
                plain in words or plain.startswith(begin)
                for words, begin in zip(self.words, self.beginnings, strict=True)
            ]
            if all(listed):
                continue
            if letters & _KAZAKH or listed[1]:
                kazakh += 1
            elif letters & _RUSSIAN or listed[0]:
                russian += 1
        return russian, kazakh


@lru_cache(maxsize=4)
def _read_signs(file: Path, changed: int) -> _Signs:
    shipped = read_yaml(shipped_path("templates") / "receipts" / "words.yaml")
    words = {**shipped, **(read_yaml(file) if changed else {})}
    known = [[*map(skeleton, str(words["language_words"][language]).split())] for language in LANGUAGES]
    return _Signs(
        tuple(str(words["other_language"][language]) for language in LANGUAGES),
        tuple(skeleton(str(words["signature"][language])) for language in LANGUAGES),
        tuple(frozenset(word for word in listed if not word.endswith("-")) for listed in known),
        tuple(tuple(word[:-1] for word in listed if word.endswith("-")) for listed in known),
    )


def order_languages(text: str, signs: _Signs) -> tuple[str, ...]:
    """Return the languages of an answer, the sender's own first; Russian where his text does not show it.

    The first line is the subject, which tells where the text does not: it may be the title of a form. What he quotes is
    not his: lines behind `>`, and all from a line of dashes, from one of the marks or from his signature on. A line in
    both languages (`Russian / Kazakh`) shows none; nor does a letter that says the same in both.
    """
    subject, _, body = text.partition("\n")
    counted = (signs.count_words(_own_part(part, signs)) for part in (body, subject))
    russian, kazakh = next(filter(any, counted), (0, 0))
    return LANGUAGES[::-1] if kazakh > _CLEARLY * russian else LANGUAGES


def _own_part(text: str, signs: _Signs) -> str:
    plain = (line for line in text.splitlines() if not line.lstrip().startswith(">") and " / " not in line)
    return "\n".join(takewhile(lambda line: not signs.is_behind(line), plain))
