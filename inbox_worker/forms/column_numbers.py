"""The row under a header that only counts the columns: 1, 2, 3; А, Б, 1, 2; 6=5-4."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LABEL = re.compile(
    r"(?:гр\.?|графа|№)?\s*[(\[]?(\d{1,2}|[^\W\d_])[)\].]?\s*(?:[=(][\d\s()+*/.,:хx×−–=-]+)?", re.IGNORECASE
)
_ALPHABETS = ("абвгдежзиклмн", "аәбвгғдежзик", "abcdefghijkl")


def counts_columns(texts: Sequence[str], least: int) -> bool:
    """Return whether a row's filled cells are labels of columns, letters first and then numbers, without a gap."""
    found = [_LABEL.fullmatch(text) for text in texts]
    if len(texts) < least or not all(found):
        return False
    labels = [match[1].casefold() for match in found if match]
    letters = "".join(label for label in labels if not label.isdecimal())
    numbers = [int(label) for label in labels[len(letters) :] if label.isdecimal()]
    if len(letters) + len(numbers) != len(labels):  # a letter behind a number
        return False
    first = numbers[0] if numbers else 1
    if letters and (first not in (1, len(letters) + 1) or not any(abc.startswith(letters) for abc in _ALPHABETS)):
        return False  # without letters a table cut out of a larger one may begin with any number
    return numbers == list(range(first, first + len(numbers)))
