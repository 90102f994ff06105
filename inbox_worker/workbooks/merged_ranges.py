"""Ranges of merged cells, as the reading process finds them (it imports nothing heavy)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from xml.etree.ElementTree import Element, iterparse

Range = tuple[int, int, int, int]  # first row, first column, last row, last column, all 0-based
_MOST_RANGES = 100_000  # of a sheet
_SPANS = re.compile(rb'number-(?:rows|columns)-spanned="(?:[2-9]|1\d)')
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def as_ranges(found: Iterable[tuple[tuple[int, int], tuple[int, int]]] | None) -> list[Range]:
    """Return ranges as calamine gives them, those of one cell left out."""
    every = [(top, left, bottom, right) for (top, left), (bottom, right) in found or ()]
    return [one for one in every if one[0] != one[2] or one[1] != one[3]][:_MOST_RANGES]


def ods_ranges(data: bytes) -> dict[str, list[Range]]:
    """Map sheet names to their merged cells in an .ods file, of which calamine reads none; {} for any other file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "content.xml" not in archive.namelist():
                return {}
            content = archive.read("content.xml")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return {}
    if not _SPANS.search(content):
        return {}
    tables: dict[str, list[Range]] = {}
    for _, element in iterparse(io.BytesIO(content)):
        if element.tag == f"{_TABLE}table":
            tables[element.get(f"{_TABLE}name", "")] = _ranges_of(element)
            element.clear()
    return tables


def _ranges_of(table: Element) -> list[Range]:
    found: list[Range] = []
    row = 0
    for line in table.iter(f"{_TABLE}table-row"):
        column = 0
        for cell in line:
            down, across = (_number(cell, f"number-{name}-spanned") for name in ("rows", "columns"))
            if (down > 1 or across > 1) and len(found) < _MOST_RANGES:
                found.append((row, column, row + down - 1, column + across - 1))
            column += _number(cell, "number-columns-repeated")
        row += _number(line, "number-rows-repeated")
    return found


def _number(element: Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isdecimal() and len(text) < 8 else 1
