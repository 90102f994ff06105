"""Names, addresses and numbers of the sample town, all invented by combination; words are data, names.yaml."""

from __future__ import annotations

from importlib.resources import files
from random import Random
from typing import Any

import yaml

from inbox_worker.core.identifiers import bin_check_digit, iban_remainder

NAMES: dict[str, Any] = yaml.load((files(__package__) / "names.yaml").read_bytes(), yaml.CSafeLoader)
_KAZAKH, _RUSSIAN = NAMES["people"]["kazakh"], NAMES["people"]["russian"]
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


def make_person(rng: Random) -> str:
    """Return a full name: surname, name, patronymic; two thirds are Kazakh.

    Kazakh patronymics follow the custom: ұлы for men, қызы for women.
    """
    woman = rng.random() < 0.5
    ending = "а" if woman else ""
    if rng.random() < 0.66:
        name = rng.choice(_KAZAKH["women"] if woman else _KAZAKH["men"])
        father = rng.choice(_KAZAKH["fathers"]) + ("қызы" if woman else "ұлы")
        return f"{rng.choice(_KAZAKH['surnames'])}{ending} {name} {father}"
    name = rng.choice(_RUSSIAN["women"] if woman else _RUSSIAN["men"])
    father = rng.choice(_RUSSIAN["fathers"])
    patronymic = father + ("овна" if woman else "ович")
    if father == "Михаил":
        patronymic = "Михайловна" if woman else "Михайлович"
    return f"{rng.choice(_RUSSIAN['surnames'])}{ending} {name} {patronymic}"


def make_addresses(rng: Random, count: int) -> tuple[str, ...]:
    """Return that many different addresses, streets and microdistricts by turns."""
    found: dict[str, None] = {}
    while len(found) < count:
        if len(found) % 3 == 2:
            found[f"г. Алматы, {rng.choice(NAMES['districts'])}, д. {rng.randint(1, 40 + count)}"] = None
        else:
            letter = rng.choice(("", "", "", "А", "Б", "/2"))
            found[f"г. Алматы, {rng.choice(NAMES['streets'])}, {rng.randint(1, 240 + count)}{letter}"] = None
    return tuple(found)
