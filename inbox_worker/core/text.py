"""Comparison of the words of headers, services and choices, as a person compares them, however they were typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache


def fold(text: str) -> str:
    """Return a text as headers and names are compared: no case, blanks or punctuation, ё = е, ² = 2.

    >>> fold(' Лицевой  счёт * ') == fold('лицевой счет')
    True
    """
    return _fold_short(text) if len(text) <= _HEADER_LENGTH else _fold_short.__wrapped__(text)


_HEADER_LENGTH = 200  # longer texts are no headers: they are not kept


@lru_cache(maxsize=10_000)
def _fold_short(text: str) -> str:
    lowered = text.casefold().replace("ё", "е").replace("²", "2")
    return _PUNCTUATION.sub("", lowered)


_PUNCTUATION = re.compile(r"[^\w№+%-]|_")


# Latin letters that look Cyrillic, lower case; typed by mistake inside Cyrillic words
LOOKALIKES = str.maketrans("aceopxykmthbi", "асеорхукмтнві")


# Kazakh letters that a Russian keyboard lacks, and those that people type for them
TYPED_FOR_KAZAKH = str.maketrans("әғқңөұүһі", "агкноуухи")
SAME_LETTERS = {**{one: TYPED_FOR_KAZAKH.get(two, two) for one, two in LOOKALIKES.items()}, **TYPED_FOR_KAZAKH}


def skeleton(text: str) -> str:
    """Fold a text and make letters the same that only look alike, or that people type for Kazakh ones.

    >>> skeleton('Cyммa') == skeleton('Сумма'), skeleton('Кай ай ушин') == skeleton('Қай ай үшін')
    (True, True)
    """
    return fold(text).translate(SAME_LETTERS)


def bare_skeleton(text: str) -> str:
    """Make spellings the same that differ by a dash, too.

    >>> bare_skeleton('Аты жөні') == bare_skeleton('аты-жөні')
    True
    """
    return skeleton(text).replace("-", "")


_LATIN = {cyrillic: latin for latin, cyrillic in LOOKALIKES.items()}


def write_latin(text: str) -> str:
    """Return a БИК or an account in Latin capitals, without blanks: a letter of the Russian keyboard that looks like a
    Latin one is that one, for neither has Cyrillic letters.

    >>> write_latin(' casp\u043azka')
    'CASPKZKA'
    """
    return "".join(text.split()).lower().translate(_LATIN).upper()


_TURNING = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def one_line(text: str) -> str:
    """Return somebody's text on one line: no line breaks, control characters or marks that turn the reading direction.

    >>> one_line('a\\r\\nBcc: all@x.example')
    'a Bcc: all@x.example'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in _TURNING.sub("", text))
    return " ".join(shown.split())


_TWO_STOPS = re.compile(r"(?<=\w)\.\.(?=\s|$)")


def fill_in(text: str, facts: Mapping[str, object]) -> str:
    """Return a text with its facts; one full stop behind a fact that ends with its own («чел.»). Raises KeyError.

    >>> fill_in("База услуги: {base}. Пишет {name}.", {"base": "чел.", "name": "ИП Козлов А. В."})
    'База услуги: чел. Пишет ИП Козлов А. В.'
    """
    said = text.format_map(facts)
    return _TWO_STOPS.sub(".", said) if ".." in said else said
