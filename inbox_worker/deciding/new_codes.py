"""Codes that a form brings anew: an account, a house, a meter. Nothing known tells what they should be, but words,
brackets and marks around a number would become part of it, and no payment or reading would find it (2.1.11)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inbox_worker.core.model import Finding
from inbox_worker.deciding.several_codes import find_listed
from inbox_worker.deciding.table import CheckedTable

_MARKS = re.compile(r"[()\[\]*№#?!«»\"„“:;=…]")
_BLANK, _LETTER, _DIGIT = re.compile(r"\s"), re.compile(r"[^\W\d_]"), re.compile(r"\d")


def find_odd_codes(table: CheckedTable, column: str, known: Iterable[str | None]) -> list[Finding]:
    """Return an error for each row with several codes, or with such a one. `known`: the Customer's own: a sign that one
    of them has is no slip, and letters are one where they all are numbers. Blanks are no slip in a meter's number, nor
    in the first house's code; `house_is_code` asks a house for its digit."""
    codes, written = {one for one in known if one}, table.column(column).to_pylist()
    strange = [index for index, code in enumerate(written) if code and code not in codes]
    if not strange:
        return []
    found = find_listed(table, column)
    listed = {(finding.sheet, finding.cell) for finding in found}
    asked = [_MARKS, *([_BLANK] if column == "account" or (column == "house" and codes) else [])]
    asked = [signs for signs in asked if not any(map(signs.search, codes))]
    numbers = column == "account" and bool(codes) and all(map(str.isdecimal, codes))
    odd = [
        index
        for index in strange
        if any(signs.search(written[index]) for signs in asked)
        or (numbers and _LETTER.search(written[index]))
        or (column != "house" and not _DIGIT.search(written[index]))
    ]
    plain = [table.make_finding("code.not_plain", index, column) for index in odd]
    return [*found, *(finding for finding in plain if (finding.sheet, finding.cell) not in listed)]
