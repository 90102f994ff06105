"""The language that a sender wrote his letter in: his comes first in the answer (both are always there)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from inbox_worker.receiving.message import parse_message
from inbox_worker.settings.home import Home, shipped_path
from inbox_worker.settings.rules import read_yaml

LANGUAGES = ("ru", "kk")
# letters that Kazakh has and Russian has not, in either case: ғ қ ң ү ұ һ ә ө і
_KAZAKH = re.compile(
    "[\u0492\u0493\u049a\u049b\u04a2\u04a3\u04ae-\u04b1\u04ba\u04bb\u04d8\u04d9\u04e8\u04e9\u0406\u0456]"
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LEAST = 0.1  # of the letters: a Kazakh text has a fifth, the name of a firm in a Russian one a few
_RULE = re.compile(r"\s*(?:-{4,}|_{4,})")


def receipts_folder(home: Home) -> Path:
    """Return the home's own receipts, or the shipped ones in a home that was made before there were any."""
    own = home.templates / "receipts"
    return own if own.is_dir() else shipped_path("templates") / "receipts"


def languages_of(text: str, home: Home) -> tuple[str, ...]:
    """Return the languages of an answer to a letter of that subject and text, the sender's own first (4.3.2)."""
    file = receipts_folder(home) / "words.yaml"
    return order_languages(text, _first_lines(file, file.stat().st_mtime_ns if file.is_file() else 0))


def languages_of_letter(raw: bytes, home: Home) -> tuple[str, ...]:
    """Return the languages of an answer to a letter as it came."""
    message = parse_message(raw)
    return languages_of(f"{message.subject}\n{message.text}", home)


@lru_cache(maxsize=4)
def _first_lines(file: Path, changed: int) -> tuple[str, ...]:
    """Return the lines that our letters begin with: a reply that quotes one is its sender's own text up to there."""
    words = read_yaml(file) if changed else {}
    both = (
        words.get("other_language")
        or read_yaml(shipped_path("templates") / "receipts" / "words.yaml")["other_language"]
    )
    return tuple(str(both[language]) for language in LANGUAGES)


def order_languages(text: str, marks: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the languages of an answer, the sender's own first; Russian where his text does not show it.

    What he quotes is not his: lines behind `>`, and all from a line of dashes or from one of `marks` on, the lines
    that our own letters begin with.
    """
    plain = (line for line in text.splitlines() if not line.lstrip().startswith(">"))
    written = "\n".join(takewhile(lambda line: not (_RULE.match(line) or any(mark in line for mark in marks)), plain))
    letters = len(_CYRILLIC.findall(written))
    kazakh = letters and len(_KAZAKH.findall(written)) / letters >= _LEAST
    return LANGUAGES[::-1] if kazakh else LANGUAGES
