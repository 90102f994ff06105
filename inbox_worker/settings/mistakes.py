"""Mistakes in config.yaml and rules/: each is one line with the file, the key and what would be right."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from inbox_worker.core.errors import UseError

_LISTED = 12  # names that a line lists when none is close


@dataclass(frozen=True)
class Mistake:
    """One mistake: `key` as in `prices.0.percent`, `line` of the file or 0, `text` says what would be right."""

    file: str
    key: str
    text: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(" ".join(part.split()) for part in (place, self.key, self.text) if part)


class Mistaken(UseError):
    """Files that an operator writes cannot be used. `mistakes` are all of them; the text is one line."""

    def __init__(self, what: str | Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = () if isinstance(what, str) else tuple(what)
        super().__init__(what if isinstance(what, str) else _line_of(self.mistakes))

    @property
    def lines(self) -> list[str]:
        """Return every mistake as a line of its own."""
        return [str(mistake) for mistake in self.mistakes] or [str(self)]


def _line_of(mistakes: Sequence[Mistake]) -> str:
    more = len(mistakes) - 1
    return f"{mistakes[0]}{f' (and {more} more; `inbox-worker check` lists them all)' if more else ''}"


def suggest(name: object, known: Iterable[str]) -> str:
    """Return what may have been meant, or what there is: `did you mean 'day'?`; '' where nothing is known.

    >>> suggest('dya', ['day', 'rolling'])
    "did you mean 'day'?"
    """
    names = list(dict.fromkeys(known))
    close = get_close_matches(str(name), names, 1, 0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return ""
    return f"known are {', '.join(names[:_LISTED])}{' …' if len(names) > _LISTED else ''}"


def placeholders(text: str) -> set[str]:
    """Return the names in braces of a text. Raises ValueError, in words, for braces that do not fit together."""
    if "{" not in text and "}" not in text:
        return set()
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"its braces do not fit together ({error}); write {{name}}, and {{{{ for a brace") from None


def placeholder_mistake(text: str, known: Collection[str]) -> str:
    """Return what is wrong with the names in braces of a text; '' when all are known."""
    try:
        unknown = sorted(placeholders(text) - set(known))
    except ValueError as error:
        return str(error)
    if not unknown:
        return ""
    hint = suggest(unknown[0], sorted(known))
    return f"there is no {{{unknown[0]}}} here{f'; {hint}' if hint else '; write the text without braces'}"
