"""Rows of the journal's tables <-> records, by the names of their fields. Types of columns turn the values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Row

from inbox_worker.core.model import Changes

_Record = TypeVar("_Record")
_NAMES: dict[type[Any], tuple[str, ...]] = {}  # of the fields of a kind of records


def as_record(kind: type[_Record], row: Row[Any]) -> _Record:
    """Make a record of a row: each field of the column of its name, `changes` of four columns."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    columns = row._mapping
    return kind(**{name: as_record(Changes, row) if name == "changes" else columns[name] for name in _NAMES[kind]})


def as_values(record: Any) -> dict[str, Any]:
    """Return the values of a record by column."""
    values = dict(vars(record))
    changes = values.pop("changes", None)
    return {**values, **vars(changes)} if changes else values
