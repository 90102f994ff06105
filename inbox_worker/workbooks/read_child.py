"""Reads cells of strangers' workbooks in a process of its own; run by path (see jail_protocol.py).

Request: `kind`, `rows`, `columns`, `cells`, `unpacked`, `seconds`, `words`. Verdicts: b'A' table, b'P' password, b'L'
too large, b'S' a sheet that cannot be looked through, b'U' unreadable; L and S tell sheet and cell as JSON.
The table is an Arrow stream; a batch is a stretch of one sheet column with `kind` (cells.py), `number` (for dates the
day's proleptic ordinal, for bool 0/1) and `text` (of dates, times and percents the number format); its metadata says
where it belongs. The last batch of a sheet is empty and tells what the sheet has beside its cells.
"""

from __future__ import annotations

import csv
import datetime
import itertools
import json
import struct
import zipfile
import zlib
from typing import Any

import pyarrow as pa
import python_calamine

from inbox_worker.core.without_pandas import leave_pandas_out
from inbox_worker.workbooks.cell_values import (
    BOOL,
    DATE,
    EMPTY,
    NUMBER,
    TEXT,
    Cell,
    DamagedWorkbook,
    Locked,
    Oversized,
    SheetCells,
    Unseen,
    as_cell,
)
from inbox_worker.workbooks.jail_protocol import run
from inbox_worker.workbooks.markup import BROKEN_MARKUP
from inbox_worker.workbooks.read_book import sheets

SCHEMA = pa.schema([("kind", pa.int8()), ("number", pa.float64()), ("text", pa.string())])
FIRST_ROWS = 64  # titles and headers are here: kept apart so that the long stretches are of one kind
CHUNK_ROWS = 8192
_OTHER = -1
KIND_OF: dict[type, int] = {
    float: NUMBER, int: NUMBER, str: TEXT, bool: BOOL, type(None): EMPTY, datetime.date: DATE, Cell: _OTHER,
    datetime.datetime: _OTHER, datetime.time: _OTHER, datetime.timedelta: _OTHER,
}  # fmt: skip
BROKEN = (
    python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, struct.error, csv.Error, OSError, ValueError,
    OverflowError, NotImplementedError, RuntimeError, EOFError, LookupError, DamagedWorkbook, *BROKEN_MARKUP,
)  # fmt: skip


def as_batch(values: tuple[Any, ...], code: str) -> pa.RecordBatch:
    """Return one stretch of a column as kinds, numbers and texts; `code`: the format of dates that carry none."""
    kinds = [KIND_OF.get(t, TEXT) for t in map(type, values)]
    present, count = set(kinds), len(kinds)
    numbers, texts = pa.nulls(count, pa.float64()), pa.nulls(count, pa.string())
    if present == {NUMBER}:
        numbers = pa.array(values, pa.float64())
    elif present == {TEXT} and all(type(v) is str for v in values):
        texts = pa.array(values, pa.string())
    elif present == {DATE}:
        numbers = pa.array([v.toordinal() for v in values], pa.float64())
        texts = pa.array([code], pa.string()).take(pa.array([0] * count)) if code else texts
    else:
        cells = [as_whole(v, k, code) for v, k in zip(values, kinds, strict=True)]
        kinds = [cell.kind for cell in cells]
        numbers = pa.array([cell.number for cell in cells], pa.float64())
        texts = pa.array([cell.text for cell in cells], pa.string())
    return pa.record_batch([pa.array(kinds, pa.int8()), numbers, texts], schema=SCHEMA)


def as_whole(value: Any, kind: int, code: str) -> Cell:
    """Return any value with its kind."""
    if kind in (_OTHER, DATE):
        whole = as_cell(value, None, code)
        return whole if isinstance(whole, Cell) else Cell(TEXT, None, str(whole))
    if kind in (NUMBER, BOOL):
        return Cell(kind, float(value), None)
    return Cell(kind, None, str(value) if kind == TEXT else None)


def read(data: bytes, wanted: dict[str, Any]) -> pa.Buffer:
    """Read all sheets of a file as one Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        for sheet in sheets(data, wanted):
            write(stream, sheet)
    return sink.getvalue()


def write(stream: Any, sheet: SheetCells) -> None:
    """Write one sheet's columns, a stretch of rows after the other; then its marks."""
    rows, size = iter(sheet.rows), FIRST_ROWS
    while chunk := list(itertools.islice(rows, size)):
        for offset, values in enumerate(zip(*chunk, strict=True)):
            note = json.dumps({**sheet.place, "column": sheet.column + offset})
            stream.write_batch(as_batch(values, sheet.code), custom_metadata={"place": note})
        size = CHUNK_ROWS
    beside = {"marks": sheet.look.as_json(), "merged": sheet.merged, "lines": sheet.lines}
    marks = json.dumps({**sheet.place, "column": -1, **beside})
    stream.write_batch(as_batch((), ""), custom_metadata={"place": marks})


def answer(data: bytes, wanted: dict[str, Any]) -> tuple[bytes, bytes | pa.Buffer]:
    """Return the verdict on one file."""
    try:
        return b"A", read(data, wanted)
    except (python_calamine.PasswordError, Locked):
        return b"P", b""
    except Oversized as error:
        return b"L", place_json(error.sheet, error.cell)
    except Unseen as error:
        return b"S", place_json(error.sheet, "")
    except (MemoryError, pa.ArrowMemoryError):
        return b"L", b""
    except BROKEN as error:
        return b"U", str(error).encode("utf-8", "replace")
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # calamine met a file it never thought of
            return b"U", b"panic"
        raise


def place_json(sheet: str, cell: str) -> bytes:
    """Return the place in a workbook as JSON."""
    return json.dumps({"sheet": sheet, "cell": cell}).encode()


if __name__ == "__main__":
    leave_pandas_out()
    pa.set_cpu_count(1)
    run(answer)
