"""Numbers with check digits: БИН, ИИН and IBAN, valid but invented."""

from __future__ import annotations

from random import Random

from inbox_worker.core.identifiers import bin_check_digit, iban_remainder

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


def make_bin(rng: Random) -> str:
    """Return a БИН of a resident company: registration month, `40`, serial, check digit."""
    while True:
        head = f"{rng.randint(5, 25):02d}{rng.randint(1, 12):02d}40{rng.randint(1, 39999):05d}"
        digit = bin_check_digit(head)
        if digit is not None:
            return f"{head}{digit}"


def make_iin(rng: Random) -> str:
    """Return an ИИН of a person born in the last century: birth date, century and sex, serial, check digit."""
    while True:
        born = f"{rng.randint(60, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        head = f"{born}{rng.choice('34')}{rng.randint(1, 9999):04d}"
        digit = bin_check_digit(head)
        if digit is not None:
            return f"{head}{digit}"


def make_iban(rng: Random, bic: str) -> str:
    """Return an account of the bank: KZ, check digits, bank's three digits, thirteen signs."""
    tail = BANKS[bic] + rng.choice(_ALPHANUMERICS) + "".join(rng.choice("0123456789") for _ in range(12))
    return f"KZ{98 - iban_remainder(f'KZ00{tail}'):02d}{tail}"
