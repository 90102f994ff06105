"""Cells with the codes of several accounts, houses or meters, where a row has one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise

import pyarrow as pa

from inbox_worker.core.model import Finding
from inbox_worker.deciding.table import CheckedTable
from inbox_worker.forms.sheet_words import AND
from inbox_worker.forms.sheets_of_form import shape_of
from inbox_worker.settings.likeness import code_skeleton

_PART = re.compile(rf"\s*[,;/\n+]\s*|{AND}")
_JOINED = re.compile(r"\w[^\w]+\w")
_DIGITS = re.compile(r"\d{2,}")
_TOKEN = re.compile(r"\w+")
_RANGE = re.compile(r"\s*(\d{5,})\s*[-–—]\s*\d{5,}\s*")
_FLATS = re.compile(rf"(\d+)(?:(?:\s*[,;+&\n]\s*|{AND})\d+)+|(\d+)\s*(?:[-–—]|\.\.+|…)\s*(\d+)")
_LONGEST = 300  # characters


def find_several(
    table: CheckedTable, column: str, unknown: Iterable[int], known: pa.Array | pa.ChunkedArray
) -> list[int]:
    """Return which of the rows whose code is unknown name several in one cell."""
    asked = [index for index in unknown if _JOINED.search(str(table.value(index, column)))]
    codes = {code_skeleton(code) for code in known.to_pylist() if code} if asked else set[str]()
    return [index for index in asked if names_several(str(table.value(index, column)), codes)]


def find_listed(table: CheckedTable, column: str) -> list[Finding]:
    """Return an error for each row whose code, which is to be a new one, is a list or a range: nothing known tells, but
    its parts are written alike (`10020001, 10020002`)."""
    texts = table.column(column).to_pylist()
    return [table.make_finding("value.several", index, column) for index, text in enumerate(texts) if _is_list(text)]


def _is_list(text: str | None) -> bool:
    parts = _PART.split(text) if text and len(text) <= _LONGEST else []
    shapes = {shape_of(code_skeleton(part)) for part in parts}
    alike = len(parts) > 1 and len(shapes) == 1 and any(map(str.isdecimal, parts[0]))
    return alike or (text is not None and _RANGE.fullmatch(text) is not None)


def find_several_flats(table: CheckedTable, column: str) -> list[Finding]:
    """Return a warning for each row whose flat is a list (`1, 2`) or a rising range (`1-20`): one account has one flat,
    or several made one."""
    found = (_FLATS.fullmatch((text or "")[:_LONGEST].strip()) for text in table.column(column).to_pylist())
    several = [index for index, one in enumerate(found) if one and (one[1] or int(one[2]) < int(one[3]))]
    return [table.make_finding("flat.several", index, column) for index in several]


def names_several(text: str, known: Collection[str]) -> bool:
    """Return whether a cell names two codes: two `known` ones (skeletons), beside whatever else, such as the ends of a
    range; or a list of such, of others written alike, and of the digits that differ (`10020001, 02`)."""
    if len(text) > _LONGEST:
        return False
    tokens = [code_skeleton(token) for token in _TOKEN.findall(text)]
    parts = [code_skeleton(part) for part in _PART.split(text) if part]
    there = {code for code in (*tokens, *(a + b for a, b in pairwise(tokens)), *parts) if code in known}
    if len(there) > 1 or len(parts) < 2 or not there:
        return len(there) > 1
    shapes = {shape_of(code) for code in known}
    return all(_DIGITS.fullmatch(part) or shape_of(part) in shapes for part in parts)
