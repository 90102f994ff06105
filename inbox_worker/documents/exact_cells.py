"""Values of a table as cells of a workbook that give the very same values back: nothing is told from an empty text, and
a decimal keeps its places. A person reads them as they are; only what a cell cannot hold is written as a JSON text."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from inbox_worker.core.errors import JobError
from inbox_worker.documents.sheet_band import LONGEST_TEXT

_ODD = re.compile(r"^[\"~\s]|[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]|\s$|_x|^<r>")
_EXACT_DIGITS = 15  # of a number that a workbook holds
_FIRST_YEAR = 1901  # of days that a workbook holds alike everywhere
_PACKED = "~"
_TYPES: dict[str, pa.DataType] = {
    str(one): one for one in (pa.string(), pa.bool_(), pa.int64(), pa.int32(), pa.date32())
}
_DECIMAL = re.compile(r"decimal128\((\d+), (\d+)\)")


class NotTheValue(ValueError):
    """A cell holds what no value of its column is written as."""


def type_named(name: str) -> pa.DataType:
    """Return the type of a column by its name. Raises NotTheValue for one that no workbook of ours has."""
    if found := _DECIMAL.fullmatch(name):
        return pa.decimal128(int(found[1]), int(found[2]))
    if name not in _TYPES:
        raise NotTheValue(name)
    return _TYPES[name]


def as_exact_cell(value: Any) -> Any:
    """Return a value as its cell holds it: a text, a number, a day, yes or no, or nothing."""
    if isinstance(value, str):
        return value if value and len(value) <= LONGEST_TEXT and not _ODD.search(value) else _put_in_quotes(value)
    if isinstance(value, Decimal):
        return value if len(value.as_tuple().digits) <= _EXACT_DIGITS else _put_in_quotes(f"{value:f}")
    if isinstance(value, date):
        return value if value.year >= _FIRST_YEAR else _put_in_quotes(value.isoformat())
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_EXACT_DIGITS:
        return _put_in_quotes(str(value))
    return value


def _put_in_quotes(text: str) -> str:
    quoted = json.dumps(text).replace("_x", "\\u005fx")
    if len(quoted) > LONGEST_TEXT:
        quoted = _PACKED + b64encode(zlib.compress(quoted.encode(), 9)).decode()
    if len(quoted) > LONGEST_TEXT:
        raise JobError(
            f"a text of {len(text)} letters has no place in a cell: {text[:60]!r}…; shorten it by a new form"
        )
    return quoted


def reader_of(type_: pa.DataType) -> Callable[[Any], Any]:
    """Return what gives a column's values back out of its cells. Raises NotTheValue where a cell holds no such."""
    if pa.types.is_decimal(type_):
        places = Decimal(1).scaleb(-type_.scale)
        return _check_read(lambda cell: _as_decimal(cell, places))
    if pa.types.is_date(type_):
        return _check_read(lambda cell: cell.date() if isinstance(cell, datetime) else _as_day(cell))
    if pa.types.is_integer(type_):
        return _check_read(_as_whole)
    if pa.types.is_boolean(type_):
        return _check_read(_as_flag)
    return _check_read(lambda cell: cell if isinstance(cell, str) else f"{cell}")


def _check_read(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def value_of(cell: Any) -> Any:
        if cell is None or cell == "":
            return None
        try:
            return read(_take_quotes_off(cell) if isinstance(cell, str) and cell[0] in f'"{_PACKED}' else cell)
        except (ValueError, ArithmeticError, AttributeError, zlib.error) as error:
            raise NotTheValue(str(cell)) from error

    return value_of


def _take_quotes_off(cell: str) -> str:
    text = zlib.decompress(b64decode(cell[1:])).decode() if cell[0] == _PACKED else cell
    found = json.loads(text)
    if not isinstance(found, str):
        raise NotTheValue(cell)
    return found


def _as_decimal(cell: Any, places: Decimal) -> Decimal:
    found = Decimal(str(cell))
    if found != found.quantize(places):
        raise NotTheValue(str(cell))
    return found.quantize(places)


def _as_day(cell: Any) -> date:
    return cell if isinstance(cell, date) else date.fromisoformat(cell)


def _as_whole(cell: Any) -> int:
    if int(cell) != (int(cell) if isinstance(cell, str) else cell):
        raise NotTheValue(str(cell))
    return int(cell)


def _as_flag(cell: Any) -> bool:
    if not isinstance(cell, bool):
        raise NotTheValue(str(cell))
    return cell
