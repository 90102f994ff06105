"""Headers that turn a column's sign: `Сумма (−)`, `Сумма к уменьшению`, `Переплата (+) или долг (−)`.

Punctuation says nothing in a header, but a sign does: a number under such a header is the opposite of what the form
asks for, or may be. Such a header is never the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from inbox_worker.core.text import LOOKALIKES, fold

_MINUSES = re.compile("[‐‑‒–—−⁃﹣－]")
_BOTH = re.compile(r"[(\[]?\s*(\+\s*[/|,;]?\s*(и|или)?\s*-|-\s*[/|,;]?\s*(и|или)?\s*\+|±)\s*[)\]]?")
# a sign in brackets, alone at an end, or behind a comma: `(−)`, `(+, тг)`, `Сумма −`, `Сумма, −`
_SIGN = re.compile(r"[(\[]\s*([+-])(?!\d)|(?:(?<=[\s,;/])|^)([+-])(?=\s*(?:[,;/)\]]|$))|([+])")
_TURNED = re.compile(
    r"(?i)\bминус|\bплюс наоборот|уменьш|снижени|\bснят|\bк? ?возврат|к вычету|вычет|сторно|удержан|переплат|\bаванс"
    r"|с обратным знаком|отрицат|азайт|кеміт|кему|қайтар|шегер|теріс|артық төле|алып таста"
)


@lru_cache(maxsize=10_000)
def turns_sign(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a header has a sign or a word that turns the sense of the column with those names.

    >>> turns_sign('Сумма (−)', ('Сумма',)), turns_sign('Сумма (+/−)', ('Сумма',))
    (True, False)
    """
    text, names = _as_read(text), tuple(map(_as_read, names))
    plain = _BOTH.sub(" ", _MINUSES.sub("-", text))
    known = {fold(name) for name in names}
    own = dict(pair for name in names for pair in _signed(_MINUSES.sub("-", name)))
    if fold(text) not in known and _TURNED.search(plain) and not any(_TURNED.search(name) for name in names):
        return True
    if not own:
        return any(sign == "-" for _, sign in _signed(plain))
    return any(_own_sign(word, own.items()) not in (sign, "") for word, sign in _signed(plain))


def _as_read(text: str) -> str:
    """Return a text as people see it: look-alike letters made the same."""
    return text.casefold().translate(LOOKALIKES)


def _signed(text: str) -> list[tuple[str, str]]:
    """Return the signs of a header, each with the beginning of the word before it: `Долг (+)` is (`долг`, `+`)."""
    found = []
    for sign in _SIGN.finditer(text):
        words = re.findall(r"[^\W\d_]+", text[: sign.start()])
        found.append((words[-1].casefold()[:5] if words else "", sign[1] or sign[2] or sign[3]))
    return found


def _own_sign(word: str, own: Iterable[tuple[str, str]]) -> str:
    return next((sign for known, sign in own if known == word), "?")
