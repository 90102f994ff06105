"""Numbers of ours and numbers that prove themselves: arrivals, БИН/ИИН, IBAN, БИК. Imports nothing of ours."""

from __future__ import annotations

import re

NUMBER = re.compile(r"\bIW-(\d{6,9})(?:-(\d+))?\b", re.IGNORECASE)  # of an arrival, or of a form in it
_WRITTEN = re.compile(  # as people copy a number: with words, other dashes, and the day of the letter behind it
    r"\D*?((?<=IW-)\d{1,9}|\d{6,9})(?:\s*[-–—−/._]\s*(\d{1,3}))?(?!\d)\D*(?:\d{1,2}\.\d{1,2}\.\d{2,4}\D*)?",
    re.IGNORECASE,
)
_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def parse_number(text: str) -> tuple[int, int | None] | None:
    """Return the arrival and, where it is said, the form that a person's cell names; None where it names none or
    several.

    >>> parse_number('№ IW-000007–1'), parse_number('iw 000007'), parse_number('IW-000007-1, IW-000008-1')
    ((7, 1), (7, None), None)
    """
    found = _WRITTEN.fullmatch(text)
    return (int(found[1]), int(found[2]) if found[2] else None) if found else None


def bin_check_digit(eleven: str) -> int | None:
    """Check digit of the first eleven digits of a БИН or ИИН; None when no digit can prove them.

    >>> bin_check_digit('97124000361')
    9
    """
    digits = [int(c) for c in eleven]
    for weights in (_FIRST, _SECOND):
        rest = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None


def valid_bin(text: str) -> bool:
    """Return whether the text is a БИН or ИИН: 12 digits, the last proves the others."""
    return re.fullmatch(r"[0-9]{12}", text) is not None and bin_check_digit(text[:11]) == int(text[11])


def valid_iban(text: str) -> bool:
    """Return whether the text is an IBAN of Kazakhstan (20 characters, no blanks) by ISO 7064 mod 97.

    >>> valid_iban('KZ28722S000001013958')
    True
    """
    if not re.fullmatch(r"KZ[0-9]{5}[0-9A-Z]{13}", text):
        return False
    return iban_remainder(text) == 1


def iban_remainder(text: str) -> int:
    """Return what remains of an IBAN's number: 1 when its check digits are right."""
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97


def valid_bic(text: str) -> bool:
    """Return whether the text has the shape of a bank's БИК in Kazakhstan: `xxxxKZxx` or `xxxxKZxxxxx`."""
    return re.fullmatch(r"[A-Z]{4}KZ[0-9A-Z]{2}([0-9A-Z]{3})?", text) is not None
