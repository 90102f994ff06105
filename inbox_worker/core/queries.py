"""Reads SQL that stands in files beside the modules. Python writes only names into it: of tables, columns and files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands that ask no facts do without DuckDB
    import duckdb

_MOST_PARSED = 500  # a month asks some two hundred
_parsed: dict[str, duckdb.Statement] = {}


@cache
def read_query(module: str, name: str, **names: str) -> str:
    """Return the query `queries/<name>.sql` beside a module. `module`: its `__file__`. `names`: a table or column to be
    written for `{name}`. Raises ValueError for anything but a name: values are parameters."""
    text = Path(module).with_name("queries").joinpath(f"{name}.sql").read_text("utf-8")
    for place, given in names.items():
        if not given.isidentifier():
            raise ValueError(f"{given!r} is no name of a table or column; give values as parameters")
        text = text.replace(f"{{{place}}}", given)
    return text


def quote_sql(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def execute(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    """Execute a statement that comes again, whose parsed form is kept."""
    return connection.execute(parse(connection, query), values)


def parse(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    """Parse a statement for DuckDB once in a process: of a question of few rows that is a seventh. Any connection may
    be given it, several at once. For texts that come again: not for those that name a home's files."""
    statement = _parsed.get(query)
    if statement is None:
        if len(_parsed) >= _MOST_PARSED:
            _parsed.clear()
        [statement] = connection.extract_statements(query)
        _parsed[query] = statement
    return statement
