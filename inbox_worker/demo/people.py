"""Names of consumers and heads, Russian and Kazakh, all invented by combination."""

from __future__ import annotations

from random import Random

from inbox_worker.demo.names import NAMES

_KAZAKH, _RUSSIAN = NAMES["people"]["kazakh"], NAMES["people"]["russian"]


def person(rng: Random) -> str:
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
