"""Keep what holds for every test: no width of our own screen in programs that are started, seldom a search for garbage,
one compilation of a statement for all journals in SQLite, and which cases of a test the quick run takes."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest
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


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(name: str) -> Generator[None, Any, Any]:
    """Mark slow those cases of a test that its mark `quick` does not name; a name of no case is an error."""
    made = yield
    marked = [item for item in made if item.get_closest_marker("quick")] if isinstance(made, list) else []
    if marked:
        quick = set(marked[0].get_closest_marker("quick").args)
        names = [{place, item.callspec.id} for place, item in enumerate(marked)]
        if unknown := quick.difference(*names):
            raise pytest.UsageError(f"{name} has no cases {unknown}, which its mark quick names")
        for item, own in zip(marked, names, strict=True):
            if not own & quick:
                item.add_marker(pytest.mark.slow)
    return made


# SQLAlchemy keeps what it compiled by the dialect, of which each journal has one of its own, all alike: nearly every
# test opens a journal and would compile the same forty statements anew. A service has one journal in all its life.
_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)
SQLiteDialect_pysqlite.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign,assignment]
SQLiteDialect_pysqlite.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=_COMPILED)
