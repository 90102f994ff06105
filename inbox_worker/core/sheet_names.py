"""Name the sheets of workbooks: Excel refuses some names, and reads some letters as others (ECMA-376, 22.9.2.19)."""

from __future__ import annotations

import re
from collections.abc import Collection

_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_READ_AS_A_LETTER = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # `_x0041_` is opened as A
_RESERVED = frozenset(("history",))
_LONGEST = 31


def free_sheet_name(name: str, others: Collection[str] = ()) -> str:
    """Return a name that a sheet may have and that no other sheet has, in any case of letters.

    >>> free_sheet_name("Лифт [ночь]"), free_sheet_name("History"), free_sheet_name("_x0041_"), free_sheet_name("'")
    ('Лифт ночь', 'History 2', 'x0041_', '-')
    """
    taken = _RESERVED.union(known.casefold() for known in others)
    clean = " ".join(_READ_AS_A_LETTER.sub(" ", name.translate(_NOT_IN_NAMES)).split()) or "-"
    tries = (clean[:_LONGEST], *(f"{clean[: _LONGEST - 4]} {n}" for n in range(2, 1000)))
    return next(one for one in tries if one.casefold() not in taken)
