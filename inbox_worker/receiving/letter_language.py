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
    """What a letter's language is known by. `marks`: lines that our own letters begin with, so that a reply that quotes
    one is its sender's own text up to there; `words`, of each language: as compared; a dash stands for endings."""

    marks: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]

    def count_words(self, text: str) -> list[int]:
        """Count the words that tell each language. Names are no sign: what is in quotes never counts, what begins with
        a capital only as one of the listed words."""
        counts = [0, 0]
        for word in _WORD.findall(_QUOTED.sub(" ", text)):
            plain, letters = skeleton(word), set(word) if word[:1].islower() else set[str]()
            listed = [any(_fits(plain, known) for known in words) for words in self.words]
            kazakh = not all(listed) and (bool(letters & _KAZAKH) or listed[1])
            russian = not all(listed) and not kazakh and (bool(letters & _RUSSIAN) or listed[0])
            counts[0] += russian
            counts[1] += kazakh
        return counts


def _fits(word: str, known: str) -> bool:
    return word.startswith(known[:-1]) if known.endswith("-") else word == known


@lru_cache(maxsize=4)
def _read_signs(file: Path, changed: int) -> _Signs:
    shipped = read_yaml(shipped_path("templates") / "receipts" / "words.yaml")
    words = {**shipped, **(read_yaml(file) if changed else {})}
    marks, known = words["other_language"], words["language_words"]
    return _Signs(
        tuple(str(marks[language]) for language in LANGUAGES),
        tuple(tuple(map(skeleton, str(known[language]).split())) for language in LANGUAGES),
    )


def order_languages(text: str, signs: _Signs) -> tuple[str, ...]:
    """Return the languages of an answer, the sender's own first; Russian where his text does not show it.

    What he quotes is not his: lines behind `>`, and all from a line of dashes or from one of the marks on. A line in
    both languages, as the title of a form (`Russian / Kazakh`), shows none.
    """
    plain = (line for line in text.splitlines() if not line.lstrip().startswith(">") and " / " not in line)
    own = takewhile(lambda line: not (_RULE.match(line) or any(mark in line for mark in signs.marks)), plain)
    russian, kazakh = signs.count_words("\n".join(own))
    return LANGUAGES[::-1] if kazakh > russian else LANGUAGES
