"""Flat data for programs, beside a workbook for people: one row of heads, codes, no groups, no totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import SEEK_END, BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.sheet_style import Headers
from inbox_worker.documents.view import clean, show_date

_PART = 20_000  # rows made at once
_STARTS_A_FORMULA = ("=", "+", "-", "@")
# a sign of a formula, a field to be quoted, white space or a control character that is not one blank between words
_ODD = (
    r"^[=+\-@]|[;\"\x00-\x1f\x7f-\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
    r"\x{fffe}\x{ffff}]|^ | $|  "
)


def render_flat(kind: str, file_name: str, names: Sequence[str], table: pa.Table, headers: Headers) -> Rendered:
    """Render the columns of a pyarrow table as .csv: UTF-8 with its mark, `;`, decimal comma, so that a Russian or
    Kazakh Excel opens it by a double click."""
    made = BytesIO(b"\xef\xbb\xbf" + _head(names, headers))
    made.seek(0, SEEK_END)
    whole = [_column(table.column(name).combine_chunks()) for name in names]
    for start in range(0, table.num_rows, _PART):
        columns = [column.slice(start, _PART) for column in whole]
        columns[-1] = pc.binary_join_element_wise(columns[-1], "\r\n", "")
        lines = pc.binary_join_element_wise(*columns, ";")
        _, ends, data = lines.buffers()
        made.write(memoryview(data)[: np.frombuffer(ends, np.int32)[len(lines)]])
    return Rendered(kind, file_name, made.getvalue(), "")


def _head(names: Sequence[str], headers: Headers) -> bytes:
    words = (headers.words(name) for name in names)
    return (";".join(_quote(f"{both.ru} / {both.kk}") for both in words) + "\r\n").encode()


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
    return pc.fill_null(_show_each(coded.dictionary).take(coded.indices), "")


def _show_each(values: Any) -> Any:
    """Return values as fields of a line; a text that stands there as it is costs no call."""
    if not pa.types.is_string(values.type):
        return pa.array(map(_show_value, values.to_pylist()), pa.string())
    odd = pc.match_substring_regex(values, _ODD)
    if not pc.any(odd).as_py():
        return values
    shown = [_quote(_show_value(text)) for text in values.filter(odd).to_pylist()]
    return pc.replace_with_mask(values, odd, pa.array(shown, pa.string()))


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
    text = clean(str(value))
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
