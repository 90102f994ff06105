"""Lines of banks' text and DBF files, read as their layout says: nothing is guessed, nothing is skipped (4.1.7)."""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from inbox_worker.workbooks.cell_values import DamagedWorkbook
from inbox_worker.workbooks.csv_cells import END_OF_FILE, LineSurvey, check_extent, survey

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")  # no bank writes these signs
_NEW_PAGE = re.compile(r"(?m)^\x0c+|\x0c+(?=\r?$)")  # what a printed register has between its pages
_HEAD, _FIELD = 32, 32
_LIVE, _DELETED, _LAST = b" ", b"*", b"\x1a"
DELETED = "*"  # stands in every cell of a record that is marked as deleted
BAR = "|"  # around a line of fixed widths, so that no blank of it is lost on the way
_KINDS = b"CNFDL"


def decode(data: bytes, encoding: str) -> str:
    """Return a text in exactly this encoding. Raises ValueError for bytes and signs that no text has."""
    if encoding == "utf-8":
        data = data.removeprefix(codecs.BOM_UTF8)
    text = _NEW_PAGE.sub("", END_OF_FILE.sub("", data.decode(encoding)))
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(f"line {line} has a sign that is no text")
    return text


def fixed_rows(data: bytes, wanted: dict[str, Any]) -> Iterator[list[str]]:
    """Return the lines of a text as rows of one cell, between BAR and BAR: blanks at both ends count."""
    lines = decode(data, wanted["encoding"]).splitlines()
    check_extent(len(lines), 1, wanted)
    return ([f"{BAR}{line}{BAR}"] for line in lines)


def separated_rows(data: bytes, wanted: dict[str, Any]) -> tuple[Iterator[list[str]], LineSurvey]:
    """Return the rows of a text whose values are parted by one sign, all of one width, and what its lines hold."""
    csv.field_size_limit(1_000_000)
    lines = io.StringIO(decode(data, wanted["encoding"]), newline="")
    separator = wanted["separator"]
    found = survey(lines, separator)
    check_extent(found.rows, found.width, wanted)
    if found.open_quote:
        return iter([[""]]), found
    lines.seek(0)
    rows = csv.reader(lines, delimiter=separator)
    return ((row + [""] * (found.width - len(row)))[: found.width] for row in rows), found


def dbf_rows(data: bytes, wanted: dict[str, Any]) -> Iterator[list[str]]:
    """Return a DBF's names of fields, then its records as texts, days as dd.mm.yyyy. A deleted record has DELETED in
    every cell. Raises DamagedWorkbook where head, records and length of the file do not fit each other."""
    count, start, width = struct.unpack_from("<IHH", data, 4)
    fields = _fields(data, start)
    if 1 + sum(size for _, _, size in fields) != width or not start <= len(data):
        raise DamagedWorkbook("the fields are not as long as the records")
    end = start + count * width
    if data[end:] not in (b"", _LAST) and data[end : end + 1] != _LAST:
        raise DamagedWorkbook("there is more than the records")
    if len(data) < end:
        raise DamagedWorkbook("records are missing")
    check_extent(count + 1, len(fields), wanted)
    yield [name for name, _, _ in fields]
    for at in range(start, end, width):
        yield _record(data[at : at + width], fields, wanted["encoding"])


def names_of_dbf(data: bytes) -> list[str]:
    """Return the names of the fields that the head of a DBF lists."""
    start = struct.unpack_from("<H", data, 8)[0]
    heads = (data[at : at + 11] for at in range(_HEAD, min(start, len(data)) - 1, _FIELD))
    return [head.split(b"\0")[0].decode("ascii", "replace").strip() for head in heads if head[:1] != b"\r"]


def pick_encoding(data: bytes, encodings: Sequence[str]) -> str:
    """Return the encoding in which the records of a DBF have the most letters, the first of those that are alike: what
    is a word in one is signs in the others, and the head of the file rarely says which it is."""
    records = data[struct.unpack_from("<H", data, 8)[0] :]
    return max(encodings, key=lambda encoding: sum(map(str.isalpha, records.decode(encoding, "replace"))))


def _fields(data: bytes, start: int) -> list[tuple[str, str, int]]:
    """Return name, kind and length of each field."""
    found: list[tuple[str, str, int]] = []
    for at in range(_HEAD, start - 1, _FIELD):
        field = data[at : at + _FIELD]
        if field[:1] == b"\r":
            return found
        if len(field) < _FIELD or field[11:12] not in (_KINDS[i : i + 1] for i in range(len(_KINDS))):
            raise DamagedWorkbook("a field of a kind that no register has")
        found.append((field[:11].split(b"\0")[0].decode("ascii").strip(), chr(field[11]), field[16]))
    if data[start - 1 : start] != b"\r":
        raise DamagedWorkbook("the list of fields has no end")
    return found


def _record(record: bytes, fields: list[tuple[str, str, int]], encoding: str) -> list[str]:
    if record[:1] == _DELETED:
        return [DELETED] * len(fields)
    if record[:1] != _LIVE:
        raise DamagedWorkbook("a record with an unknown mark")
    texts, at = [], 1
    for _, kind, size in fields:
        text = record[at : at + size].decode(encoding).strip(" \0")
        if _NO_TEXT.search(text):
            raise DamagedWorkbook("a record with signs that are no text")
        if kind == "D" and re.fullmatch(r"\d{8}", text):
            text = f"{text[6:]}.{text[4:6]}.{text[:4]}"
        texts.append(text)
        at += size
    return texts
