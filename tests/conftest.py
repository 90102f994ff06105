"""Keep what holds for every test: no width of our own screen in programs that are started, seldom a search for garbage,
and one compilation of a statement for all journals in SQLite."""

from __future__ import annotations

import gc
import os
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

# pytest imports readline, and readline puts both into the environment of this process's children, not into os.environ
for name in ("COLUMNS", "LINES"):
    os.unsetenv(name)
    os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """Leave out of every search for garbage what was imported and collected: that is most of it, and it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


# SQLAlchemy keeps what it compiled by the dialect, of which each journal has one of its own, all alike: nearly every
# test opens a journal and would compile the same forty statements anew. A service has one journal in all its life.
_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)
SQLiteDialect_pysqlite.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign,assignment]
SQLiteDialect_pysqlite.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=_COMPILED)
