"""This thread's DuckDB in memory for small questions: to open one takes longer than most answers."""

from __future__ import annotations

import threading

import duckdb

FEW_ROWS = 20_000  # of a kind: steps ask for them several times, and to open their files takes longer
_WORTH_IT = ("filter_pushdown", "cte_inlining", "unused_columns", "build_side_probe_side")  # of few rows, too
_LOCAL = threading.local()


def scratch(rows: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return the thread's connection for a question of so many rows, None = perhaps of many.

    Every question registers the facts it needs anew. The close of many has connections of its own.
    """
    few = rows is not None and rows <= FEW_ROWS
    name = "of_few" if few else "of_many"
    connection: duckdb.DuckDBPyConnection | None = getattr(_LOCAL, name, None)
    if connection is None:
        connection = _open_planning_little() if few else _open()
        setattr(_LOCAL, name, connection)
    return connection


def _open() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    # it wins time with many rows only, and to look for it costs small questions a tenth of theirs
    connection.execute("set disabled_optimizers = 'partial_aggregate_pushdown'")
    return connection


def _open_planning_little() -> duckdb.DuckDBPyConnection:
    """Of few rows DuckDB takes longer to find the best plan, and to share it among threads, than any plan takes; both
    settings are of a whole database."""
    connection = duckdb.connect(config={"threads": 1})
    names = [name for (name,) in connection.execute("from duckdb_optimizers()").fetchall() if name not in _WORTH_IT]
    connection.execute("set disabled_optimizers = ?", [",".join(names)])
    return connection
