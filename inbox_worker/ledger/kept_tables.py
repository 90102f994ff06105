"""Keeps tables that forms asked for last in memory, so many bytes of them: files of facts never change."""

from __future__ import annotations

from collections import OrderedDict

import pyarrow as pa

Names = tuple[str, ...]  # a kind, columns, and the hashes of files
_MOST = 400  # tables
_MOST_BYTES = 256 << 20  # of all of them: the columns that are compared of a month's payments of a large town


class KeptTables:
    """Tables with their bytes, the latest last. The bytes of all are counted as tables come and go: to sum up those of
    400 at each took as long as several questions to the journal."""

    def __init__(self) -> None:
        self._tables = OrderedDict[Names, tuple[pa.Table, int]]()
        self._bytes = 0

    def clear(self) -> None:
        """Keep none."""
        self._tables.clear()
        self._bytes = 0

    def put(self, names: Names, table: pa.Table) -> None:
        """Keep a table as the latest; those that were asked for longest ago are dropped for it."""
        self.take(names)
        size = table.nbytes
        self._tables[names] = table, size
        self._bytes += size
        while len(self._tables) > _MOST or self._bytes > _MOST_BYTES:
            _, (_, dropped) = self._tables.popitem(last=False)
            self._bytes -= dropped

    def find(self, names: Names) -> pa.Table | None:
        """Return a table that is kept, None for one that is not."""
        if names not in self._tables:
            return None
        self._tables.move_to_end(names)
        return self._tables[names][0]

    def take(self, names: Names) -> pa.Table | None:
        """Return a table that is kept, and keep it no longer."""
        table, size = self._tables.pop(names, (None, 0))
        self._bytes -= size
        return table


KEPT = KeptTables()  # of this process
