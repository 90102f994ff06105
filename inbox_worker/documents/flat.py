"""Flat data for programs, beside a workbook for people: one row of heads, codes, no groups, no totals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import SEEK_END, BytesIO, StringIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.sheet_style import Headers
from inbox_worker.documents.view import clean, show_date

_PART = 10_000  # rows made at once
_STARTS_A_FORMULA = ("=", "+", "-", "@")


def render_flat(
    kind: str, file_name: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]], headers: Headers
) -> Rendered:
    """Render rows by their columns' names as .csv."""
    records = ([_show_value(row[name]) for name in names] for row in rows)
    return Rendered(kind, file_name, _csv(names, records, headers), "")


def render_flat_table(kind: str, file_name: str, names: Sequence[str], table: pa.Table, headers: Headers) -> Rendered:
    """Render the columns of a pyarrow table as .csv: the same as `render_flat`, a column at a time."""
    made = BytesIO(_csv(names, (), headers))
    made.seek(0, SEEK_END)
    whole = [_column(table.column(name).combine_chunks()) for name in names]
    for start in range(0, table.num_rows, _PART):
        columns = [column.slice(start, _PART) for column in whole]
        columns[-1] = pc.binary_join_element_wise(columns[-1], "\r\n", "")
        lines = pc.binary_join_element_wise(*columns, ";")
        _, ends, data = lines.buffers()
        made.write(memoryview(data)[: np.frombuffer(ends, np.int32)[len(lines)]])
    return Rendered(kind, file_name, made.getvalue(), "")


def _csv(names: Sequence[str], records: Iterable[Sequence[str]], headers: Headers) -> bytes:
    """Return UTF-8 with its mark, `;`, decimal comma: a Russian or Kazakh Excel opens it by a double click."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([f"{both.ru} / {both.kk}" for both in map(headers.words, names)])
    writer.writerows(records)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _column(column: Any) -> Any:
    """Return a column's values as they stand in a line, an array."""
    if pa.types.is_null(column.type):
        return pa.repeat("", len(column))
    if pa.types.is_decimal(column.type):
        lowest, highest = pc.min_max(column).as_py().values()
        if lowest == highest and not column.null_count:  # many a column of a statement is zero all the way down
            return pa.repeat(_show_value(column[0].as_py()), len(column)) if len(column) else pa.array([], pa.string())
        return pc.fill_null(pc.replace_substring(pc.cast(column, pa.string()), ".", ","), "")
    coded = pc.dictionary_encode(column)  # what stands on many rows is made once
    shown = map(_quote, map(_show_value, coded.dictionary.to_pylist()))
    return pc.fill_null(pa.array(shown, pa.string()).take(coded.indices), "")


def _quote(text: str) -> str:
    """Return a field as csv writes it."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if ";" in text or '"' in text else text


def _show_value(value: Any) -> str:
    """Return a value as text; what Excel would take for a formula gets an apostrophe, numbers of ours do not."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, date):
        return show_date(value)
    text = str(value)
    text = text if text.isprintable() and "  " not in text and text == text.strip() else clean(text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
