"""Numbers with check digits: БИН, ИИН and IBAN, valid but invented."""

from __future__ import annotations

from random import Random

_WEIGHTS = tuple(range(1, 12))
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_ALPHANUMERICS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# БИК -> the bank's three digits inside an IBAN
BANKS: dict[str, str] = {
    "CASPKZKA": "722",
    "HSBKKZKX": "601",
    "KCJBKZKX": "856",
    "IRTYKZKA": "965",
    "TSESKZKA": "998",
    "EURIKZKA": "948",
}


def check_digit(digits: str) -> int | None:
    """The twelfth digit of a БИН or ИИН for its first eleven; None when no digit makes it valid.

    >>> check_digit('97124000361')
    9
    """
    for weights in (_WEIGHTS, _SECOND_WEIGHTS):
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None


def valid_bin(text: str) -> bool:
    """Whether a text is twelve digits whose last one fits."""
    return len(text) == 12 and text.isdigit() and check_digit(text[:11]) == int(text[11])


def make_bin(rng: Random) -> str:
    """A БИН of a resident company: registration month, `40`, serial, check digit."""
    while True:
        head = f"{rng.randint(5, 25):02d}{rng.randint(1, 12):02d}40{rng.randint(1, 39999):05d}"
        digit = check_digit(head)
        if digit is not None:
            return f"{head}{digit}"


def make_iin(rng: Random) -> str:
    """An ИИН of a person born in the last century: birth date, century and sex, serial, check digit."""
    while True:
        born = f"{rng.randint(60, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        head = f"{born}{rng.choice('34')}{rng.randint(1, 9999):04d}"
        digit = check_digit(head)
        if digit is not None:
            return f"{head}{digit}"


def _as_number(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text))


def valid_iban(text: str) -> bool:
    """Whether a text is a Kazakh IBAN (20 characters, mod 97 = 1).

    >>> valid_iban('KZ28722S000001013958')
    True
    """
    return len(text) == 20 and text.startswith("KZ") and _as_number(text[4:] + text[:4]) % 97 == 1


def make_iban(rng: Random, bic: str) -> str:
    """An account of the bank: KZ, check digits, bank's three digits, thirteen signs."""
    tail = BANKS[bic] + rng.choice(_ALPHANUMERICS) + "".join(rng.choice("0123456789") for _ in range(12))
    return f"KZ{98 - _as_number(tail + 'KZ00') % 97:02d}{tail}"
