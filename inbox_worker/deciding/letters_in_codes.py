"""Codes with letters among their digits that look like digits, where a known one has the digits (4.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.deciding.table import CheckedTable
from inbox_worker.forms.values import letters_for_digits
from inbox_worker.settings.likeness import digit_like


def find_lettered(
    table: CheckedTable, column: str, unknown: Iterable[int], known: pa.Array | pa.ChunkedArray
) -> Iterator[tuple[int, Finding]]:
    """Yield rows whose unknown code is a known one but for such letters, each with the finding that names them: on the
    screen the two are the same, and nobody would see why one is unknown."""
    codes: set[str] | None = None
    for index in unknown:
        written = str(table.value(index, column))
        if letters := letters_for_digits(written):
            codes = codes or set(known.to_pylist())
            digits = "".join((sign.isalpha() and digit_like(sign)) or sign for sign in written)
            if digits in codes:
                yield index, table.make_finding("value.letter_for_digit", index, column, letter=letters)
