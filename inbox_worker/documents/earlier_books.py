"""Workbooks of a whole month that an earlier version wrote: fewer columns, and all that the ledger has of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from inbox_worker.documents.whole_read import read_whole
from inbox_worker.documents.whole_tables import WholeMonth


def is_of_earlier_version(path: Path, right: WholeMonth) -> bool:
    """Tell whether a workbook is what was written (marks, hashes, seal), of this very close, and lacks nothing of the
    ledger but columns that a later version added and that hold nothing in any row."""
    there = read_whole(path)
    if there.problems or there.head != dict(right.head) or there.tables.keys() - right.tables.keys():
        return False
    tables = [(there.tables.get(name), table) for name, table in right.tables.items()]
    if not all(_holds_all(old, new) for old, new in tables):
        return False
    return any(old is None or old.schema.names != new.schema.names for old, new in tables)


def _holds_all(old: pa.Table | None, new: pa.Table) -> bool:
    if old is None:
        return bool(new.num_rows == 0)
    if set(old.schema.names) - set(new.schema.names):
        return False
    later = [name for name in new.schema.names if name not in old.schema.names]
    if any(value not in (None, "", False, 0) for name in later for value in new[name].to_pylist()):
        return False
    return bool(new.select(old.schema.names).cast(old.schema).equals(old))
