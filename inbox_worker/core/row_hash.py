"""A canonical hash over the rows of a table: equal rows give it in every file format and by every version of a writer
(Parquet's own bytes may differ)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

_PART = 2_000  # rows turned into texts at once
_OF_ROW = 12  # digits by which a single row is known again


def canonical_rows(table: pa.Table) -> Iterator[str]:
    """Yield each row as one text: a list in JSON, with null for nothing and decimals with all their places."""
    for start in range(0, table.num_rows, _PART):
        part = table.slice(start, _PART)
        columns = [map(_as_text, part.column(place).to_pylist()) for place in range(part.num_columns)]
        for row in zip(*columns, strict=True):
            yield json.dumps(row, ensure_ascii=True)


def describe_columns(table: pa.Table) -> str:
    """Return names and types of the columns as one text, which the hash is over, too."""
    return json.dumps([f"{field.name}:{field.type}" for field in table.schema])


def rows_hash(columns: str, rows: Iterable[str]) -> str:
    """Return the SHA-256 over the columns' names and types, then every row, in the order of the table."""
    hashing = hashlib.sha256(columns.encode())
    for row in rows:
        hashing.update(b"\n")
        hashing.update(row.encode())
    return hashing.hexdigest()


def row_mark(row: str) -> str:
    """Return what a single row is known by: the first digits of its SHA-256."""
    return hashlib.sha256(row.encode()).hexdigest()[:_OF_ROW]


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
