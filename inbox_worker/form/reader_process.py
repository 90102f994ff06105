"""Reads cells of strangers' workbooks in a process of its own; run by path (see protocol.py).

Request: `kind`, `rows`, `columns`, `cells`, `seconds`. Verdicts: b'A' table, b'P' password, b'L' too large, b'U'
unreadable. The table is an Arrow stream; a batch is a stretch of one sheet column with `kind` (0 empty, 1 number,
2 text, 3 date, 4 datetime, 5 bool), `number` (for dates the day's proleptic ordinal, for bool 0/1) and `text`; its
metadata says where it belongs.
"""

from __future__ import annotations

import csv
import datetime
import importlib.abc
import io
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import python_calamine

from inbox_worker.form.merged_ranges import as_ranges, ods_ranges
from inbox_worker.form.protocol import run

SCHEMA = pa.schema([("kind", pa.int8()), ("number", pa.float64()), ("text", pa.string())])
FIRST_ROWS = 64  # titles and headers stand here: kept apart so that the long stretches are of one kind
CHUNK_ROWS = 8192
NUMBER, TEXT, DATE, DATETIME, BOOL = 1, 2, 3, 4, 5
KIND_OF: dict[type, int] = {
    float: NUMBER, int: NUMBER, str: TEXT, datetime.date: DATE, datetime.datetime: DATETIME, bool: BOOL,
    datetime.time: TEXT, datetime.timedelta: TEXT, type(None): 0,
}  # fmt: skip


class WithoutPandas(importlib.abc.MetaPathFinder):
    """pyarrow imports pandas when it is there: half a second and 60 MB that cells do not need."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


class TooLarge(Exception):
    """The sheet spans more than the limits allow."""


def as_batch(values: tuple[Any, ...]) -> pa.RecordBatch:
    """One stretch of a column as kinds, numbers and texts."""
    kinds = [KIND_OF.get(t, TEXT) for t in map(type, values)]
    present, count = set(kinds), len(kinds)
    numbers, texts = pa.nulls(count, pa.float64()), pa.nulls(count, pa.string())
    if present == {NUMBER}:
        numbers = pa.array(values, pa.float64())
    elif present == {TEXT} and all(type(v) is str for v in values):
        texts = pa.array(values, pa.string())
    elif present == {DATE}:
        numbers = pa.array([v.toordinal() for v in values], pa.float64())
    else:
        numbers = pa.array([as_number(v, k) for v, k in zip(values, kinds, strict=True)], pa.float64())
        texts = pa.array([as_text(v, k) for v, k in zip(values, kinds, strict=True)], pa.string())
    return pa.record_batch([pa.array(kinds, pa.int8()), numbers, texts], schema=SCHEMA)


def as_number(value: Any, kind: int) -> float | None:
    if kind in (NUMBER, BOOL):
        return float(value)
    return float(value.toordinal()) if kind in (DATE, DATETIME) else None


def as_text(value: Any, kind: int) -> str | None:
    if kind == TEXT:
        return str(value)
    return str(value.isoformat()) if kind == DATETIME else None


def csv_rows(data: bytes, wanted: dict[str, Any]) -> Iterator[list[str]]:
    """Rows of a text file: UTF-8 or Windows-1251, delimiter `;`, tab or `,`, all of one width."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251", errors="replace")
    start = text[:20_000]
    delimiter = max(";\t,", key=lambda d: start.count(d) if d != "," else start.count(d) / 4)
    lines = io.StringIO(text, newline="")
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]  # read twice: a million rows as lists
    width = max(widths, default=0)  # would take a gigabyte
    check_extent(len(widths), width, wanted)
    lines.seek(0)
    return (row + [""] * (width - len(row)) for row in csv.reader(lines, delimiter=delimiter))


def check_extent(rows: int, columns: int, wanted: dict[str, Any]) -> None:
    """Raises TooLarge for a rectangle of cells past the limits."""
    if columns > wanted["columns"] or rows > wanted["rows"] or rows * columns > wanted["cells"]:
        raise TooLarge


def sheets(data: bytes, wanted: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Iterable[list[Any]]]]:
    """Every sheet with cells: where its first cell stands, and its rows."""
    if wanted["kind"] == "csv":
        csv.field_size_limit(1_000_000)
        place = {"sheet": 0, "name": "", "hidden": False, "row": 1, "column": 0, "very_hidden": False, "merged": []}
        yield place, csv_rows(data, wanted)
        return
    merged = ods_ranges(data) if data.startswith(b"PK") else {}
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            if sheet.start is None or sheet.end is None:
                continue
            (top, left), (bottom, right) = sheet.start, sheet.end
            check_extent(bottom + 1, right + 1, wanted)
            hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
            place = {"sheet": index, "name": meta.name, "hidden": hidden, "row": top + 1, "column": left}
            place["very_hidden"] = meta.visible == python_calamine.SheetVisibleEnum.VeryHidden
            place["merged"] = as_ranges(sheet.merged_cell_ranges) or merged.get(meta.name, [])
            # iter_rows begins at row 1 of the sheet but at the first used column
            yield place, itertools.islice(sheet.iter_rows(), top, None)


def read(data: bytes, wanted: dict[str, Any]) -> pa.Buffer:
    """All sheets of a file as one Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        for place, rows in sheets(data, wanted):
            left, source, size = place["column"], iter(rows), FIRST_ROWS
            while chunk := list(itertools.islice(source, size)):
                for offset, values in enumerate(zip(*chunk, strict=True)):
                    note = json.dumps({**place, "column": left + offset})
                    stream.write_batch(as_batch(values), custom_metadata={"place": note})
                    place.pop("merged", None)  # told once a sheet
                size = CHUNK_ROWS
    return sink.getvalue()


def answer(data: bytes, wanted: dict[str, Any]) -> tuple[bytes, bytes | pa.Buffer]:
    """The verdict on one file."""
    try:
        return b"A", read(data, wanted)
    except python_calamine.PasswordError:
        return b"P", b""
    except (TooLarge, MemoryError, pa.ArrowMemoryError):
        return b"L", b""
    except (python_calamine.CalamineError, OSError, ValueError, csv.Error, OverflowError) as error:
        return b"U", str(error).encode("utf-8", "replace")
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # calamine met a file it never thought of
            return b"U", b"panic"
        raise


if __name__ == "__main__":
    sys.meta_path.insert(0, WithoutPandas())
    pa.set_cpu_count(1)
    run(answer)
