"""Reads SQL that stands in files beside the modules. Python writes only names into it: of tables, columns and files."""

from __future__ import annotations

from functools import cache
from pathlib import Path


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
