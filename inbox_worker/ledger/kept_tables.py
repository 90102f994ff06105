"""Keeps tables that forms asked for last in memory, so many bytes of them: files of facts never change."""

from __future__ import annotations

from collections import OrderedDict

import pyarrow as pa

Names = tuple[str, ...]  # a kind, columns, and the hashes of files
_MOST = 400  # tables
_MOST_BYTES = 256 << 20  # of all of them: the columns that are compared of a month's payments of a large town
_TABLES: OrderedDict[Names, tuple[pa.Table, int]] = OrderedDict()  # with bytes, latest last


def keep_table(names: Names, table: pa.Table) -> None:
    """Keep a table as the latest; those that were asked for longest ago are dropped for it."""
    take_kept(names)
    _TABLES[names] = table, table.nbytes
    while len(_TABLES) > _MOST or sum(size for _, size in list(_TABLES.values())) > _MOST_BYTES:
        _TABLES.popitem(last=False)


def find_kept(names: Names) -> pa.Table | None:
    """Return a table that is kept, None for one that is not."""
    kept = _TABLES.pop(names, None)
    if kept is None:
        return None
    _TABLES[names] = kept
    return kept[0]


def take_kept(names: Names) -> pa.Table | None:
    """Return a table that is kept, and keep it no longer."""
    kept = _TABLES.pop(names, None)
    return None if kept is None else kept[0]
