"""Folds groups that are too small to be shown into larger ones: no figure is anybody's own (k-anonymity, 4.2.7).

What is shown is a division of all rows, so a total less what is shown leaves no remainder, and none that is small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OTHER = ""  # in place of a value: the small ones together
Key = tuple[str, ...]  # values of the columns that groups are made by, the coarsest first
Fits = Callable[[Sequence[Key]], bool]


@dataclass(frozen=True)
class ShownGroup:
    """A group as it is shown: `key` ends with OTHER where values were folded, and the rest of it is empty then."""

    key: Key
    of: tuple[Key, ...]


def fold_small(keys: Sequence[Key], fits: Fits) -> list[ShownGroup]:
    """Return groups that `fits` holds for and that have each key once, the finest there are; none when all together do
    not fit. `fits`: whether these keys together are large enough; more keys never fit less."""
    if not keys or not fits(keys):
        return []
    return _divide(keys, fits, 0)


def _divide(keys: Sequence[Key], fits: Fits, depth: int) -> list[ShownGroup]:
    """Divide keys that fit together by their next value. Small parts are put together; while that is too small, the
    smallest of the others, by its number of keys and its name, is put to it (complementary suppression)."""
    if depth == len(keys[0]):
        return [ShownGroup(keys[0], tuple(keys))]
    parts: dict[str, list[Key]] = {}
    for key in keys:
        parts.setdefault(key[depth], []).append(key)
    shown = {value: part for value, part in parts.items() if fits(part)}
    small = [key for value, part in parts.items() if value not in shown for key in part]
    while small and shown and not fits(small):
        small += shown.pop(min(shown, key=lambda value: (len(shown[value]), value)))
    found = [group for value in sorted(shown) for group in _divide(shown[value], fits, depth + 1)]
    if small:
        rest = (OTHER,) * (len(keys[0]) - depth)
        found.append(ShownGroup((*keys[0][:depth], *rest), tuple(sorted(small))))
    return found
