"""How words of headers, services and choices are compared: as a person would, whatever the hand that typed them."""

from __future__ import annotations

import re
from functools import lru_cache


def fold(text: str) -> str:
    """How headers and names are compared: no case, blanks or punctuation, ё = е, ² = 2.

    >>> fold(' Лицевой  счёт * ') == fold('лицевой счет')
    True
    """
    return _folded(text) if len(text) <= _HEADER_LENGTH else _folded.__wrapped__(text)


_HEADER_LENGTH = 200  # longer texts are no headers: they are not kept


@lru_cache(maxsize=10_000)
def _folded(text: str) -> str:
    lowered = text.casefold().replace("ё", "е").replace("²", "2")
    return _PUNCTUATION.sub("", lowered)


_PUNCTUATION = re.compile(r"[^\w№+%-]|_")


# Latin letters that look Cyrillic, lower case; typed by mistake inside Cyrillic words
LOOKALIKES = str.maketrans("aceopxykmthbi", "асеорхукмтнві")


def skeleton(text: str) -> str:
    """`fold`, and letters that only look alike made the same.

    >>> skeleton('Cyммa') == skeleton('Сумма')
    True
    """
    return fold(text).translate(LOOKALIKES)
