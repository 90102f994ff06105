"""The shape of the journal's tables: which tables, columns and indexes are not as the program makes them.

A statement or a disk may change how rows are kept beside the rows: another type turns what is written, an index that is
gone lets a number in twice, one that is none of ours refuses rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, UniqueConstraint, create_engine, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable, MetaData
from sqlalchemy.types import TypeEngine

from inbox_worker.ledger.certificate_tables import metadata

_COLUMNS = text(
    "select m.name, p.name, upper(p.type) || case when p.\"notnull\" then ' not null' else '' end || "
    "case when p.pk then ' key ' || p.pk else '' end "
    "from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'"
)
_INDEXES = text(
    "select m.name, l.name, case when l.\"unique\" then 'unique ' else '' end || "
    "group_concat(x.name || ' ' || x.coll || case when x.desc then ' desc' else '' end) || "
    "coalesce(substr(s.sql, nullif(instr(upper(s.sql), ' WHERE '), 0)), '') "
    "from sqlite_master m join pragma_index_list(m.name) l join pragma_index_xinfo(l.name) x "
    "left join sqlite_master s on s.name = l.name where m.type = 'table' and x.key group by m.name, l.name, s.sql"
)
_OF_A_CONSTRAINT = "sqlite_autoindex_"
_HEADING = "***"  # SQLite's, over what it finds in a file's tree
_TORN = re.compile(r"^(?:row \d+ missing from|wrong # of entries in|non-unique entry in) index (\S+)$")


@dataclass
class _Shape:
    """A journal's tables. Columns and indexes by table and name, each with a text that says all of it. `keys`: of a
    server's tables which columns together stand once; SQLite has indexes of them."""

    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    indexes: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Misshapen:
    """Something that is not as the program makes it. `table`: to be made anew out of its rows, `index`: to be made
    anew, `strange`: an index to be taken away; without any of them only a backup has it."""

    what: str
    table: str = ""
    index: str = ""
    strange: str = ""

    @property
    def can_be_remade(self) -> bool:
        """Tell whether `remake` mends it."""
        return bool(self.table or self.index or self.strange)


def find_misshapen(connection: Connection) -> Iterator[Misshapen]:
    """Find tables, columns and indexes that are not as the program makes them."""
    sqlite = connection.dialect.name == "sqlite"
    there, own = (
        (_shape_of_sqlite(connection), _own_of_sqlite()) if sqlite
        else (_shape_of_server(connection), _own(connection.dialect))
    )  # fmt: skip
    for table, columns in own.columns.items():
        found = there.columns.get(table)
        if found is None:
            yield Misshapen(f"is damaged: it lacks its table {table}")
            continue
        yield from _differing_columns(table, columns, found, sqlite)
        yield from _differing_keys(table, own.keys.get(table, set()), there.keys.get(table, set()))
        yield from _differing_indexes(table, own.indexes.get(table, {}), there.indexes.get(table, {}))


def prove_pages(connection: Connection, pragma: str, most: int) -> tuple[list[str], list[str]]:
    """Return the indexes that SQLite finds not to agree with their tables, and what else it finds in its own pages.
    `pragma`: integrity_check, or quick_check, which does without the indexes. A server's pages are its own to prove."""
    if connection.dialect.name != "sqlite":
        return [], []
    said = connection.execute(text(f"PRAGMA {pragma}({most})")).scalars().all()
    lines = [line for lines in said for line in lines.splitlines() if line != "ok" and not line.startswith(_HEADING)]
    torn = dict.fromkeys(found[1] for line in lines if (found := _TORN.match(line)))
    return list(torn), [line for line in lines if not _TORN.match(line)]


def remake(connection: Connection, torn: Collection[str]) -> None:
    """Make what can be remade as the program makes it, in the transaction that is open, and `torn` indexes out of their
    tables; guards of a table that is made anew go with it."""
    quoted = connection.dialect.identifier_preparer.quote
    for name in torn:
        connection.exec_driver_sql(f"reindex {quoted(name)}")
    for table in sorted({one.table for one in find_misshapen(connection)} - {""}):
        _remake_table(connection, metadata.tables[table])
    own = {str(index.name): index for table in metadata.sorted_tables for index in table.indexes}
    for one in list(find_misshapen(connection)):
        if name := one.strange or one.index:
            connection.exec_driver_sql(f"drop index if exists {quoted(name)}")
        if one.index:
            connection.execute(CreateIndex(own[one.index]))


def _remake_table(connection: Connection, table: Table) -> None:
    """Make a table of the rows that it holds. What needs the old one - its indexes, its guards - goes with it."""
    anew = table.to_metadata(MetaData(), name=f"{table.name}_made_anew")
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.execute(CreateTable(anew))
    connection.exec_driver_sql(f'insert into "{anew.name}" ({columns}) select {columns} from "{table.name}"')  # noqa: S608
    connection.exec_driver_sql(f'drop table "{table.name}"')
    connection.exec_driver_sql(f'alter table "{anew.name}" rename to "{table.name}"')
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        connection.execute(CreateIndex(index))


def _differing_columns(
    table: str, own: Mapping[str, str], found: Mapping[str, str], sqlite: bool
) -> Iterator[Misshapen]:
    if lacking := sorted(own.keys() - found.keys()):
        yield Misshapen(f"is damaged: it lacks columns of its table {table}: {', '.join(lacking)}")
        return
    if strange := sorted(found.keys() - own.keys()):
        yield Misshapen(
            f"is damaged: it has columns in its table {table} that are none of its own: {', '.join(strange)}"
        )
        return
    for name, shape in own.items():
        if found[name] != shape:
            what = f"keeps {name} of {table} as {found[name]!r} instead of {shape!r}"
            yield Misshapen(f"{what}: what was written there may be another", table=table if sqlite else "")


def _differing_keys(table: str, own: Collection[str], found: Collection[str]) -> Iterator[Misshapen]:
    """Find keys of a server's table, primary and unique, that are not as the program makes them."""
    for key in sorted(set(own) - set(found)):
        yield Misshapen(f"lacks the key {key} of {table}: rows of it may stand twice")
    for key in sorted(set(found) - set(own)):
        yield Misshapen(f"has a key {key} on {table} that is none of its own: it may refuse rows")


def _differing_indexes(table: str, own: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Misshapen]:
    for name, shape in own.items():
        if found.get(name) != shape:
            state = f"has another index {name} than it was made with" if name in found else f"lacks its index {name}"
            of_constraint = name.startswith(_OF_A_CONSTRAINT)
            what = f"{state}: rows of {table} may stand twice"
            yield Misshapen(what, table=table) if of_constraint else Misshapen(what, index=name)
    for name in sorted(found.keys() - own.keys()):
        yield Misshapen(f"has an index {name} on {table} that is none of its own: it may refuse rows", strange=name)


def _shape_of_sqlite(connection: Connection) -> _Shape:
    shape = _Shape()
    for table, column, said in connection.execute(_COLUMNS).all():
        shape.columns.setdefault(table, {})[column] = said
    for table, index, said in connection.execute(_INDEXES).all():
        shape.indexes.setdefault(table, {})[index] = " ".join(said.split())
    return shape


@cache
def _own_of_sqlite() -> _Shape:
    """Return the shape of a journal that the program has just made: SQLite says both in the same words."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            return _shape_of_sqlite(connection)
    finally:
        engine.dispose()


def _shape_of_server(connection: Connection) -> _Shape:
    """Return what a server tells of its tables. Indexes of constraints are part of their tables."""
    shape, server, dialect = _Shape(), inspect(connection), connection.dialect
    for (_, table), columns in server.get_multi_columns().items():
        shape.columns[table] = {one["name"]: _say_column(one["type"], one["nullable"], dialect) for one in columns}
    for (_, table), key in server.get_multi_pk_constraint().items():
        shape.keys[table] = {_say_key(key["constrained_columns"], "primary")} if key["constrained_columns"] else set()
    for (_, table), keys in server.get_multi_unique_constraints().items():
        shape.keys.setdefault(table, set()).update(_say_key(key["column_names"], "unique") for key in keys)
    for (_, table), indexes in server.get_multi_indexes().items():
        shape.indexes[table] = {
            str(one["name"]): _describe(bool(one["unique"]), [str(name) for name in one["column_names"]])
            for one in indexes if "duplicates_constraint" not in one
        }  # fmt: skip
    return shape


def _own(dialect: Dialect) -> _Shape:
    """Return the shape that the program makes on a server."""
    shape = _Shape()
    for table in metadata.sorted_tables:
        shape.columns[table.name] = {
            one.name: _say_column(one.type, bool(one.nullable), dialect) for one in table.columns
        }
        keys = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        shape.keys[table.name] = {_say_key([column.name for column in one.columns], "unique") for one in keys}
        if primary := [column.name for column in table.primary_key.columns]:
            shape.keys[table.name].add(_say_key(primary, "primary"))
        shape.indexes[table.name] = {
            str(one.name): _describe(bool(one.unique), [column.name for column in one.columns]) for one in table.indexes
        }
    return shape


def _say_column(kind: TypeEngine[Any], nullable: bool, dialect: Dialect) -> str:
    """Return a column's type in the server's words."""
    said = kind.compile(dialect)
    return said if nullable else f"{said} not null"


def _say_key(columns: Sequence[str], what: str) -> str:
    return f"{what} ({', '.join(columns)})"


def _describe(unique: bool, columns: list[str]) -> str:
    return f"{'unique ' if unique else ''}{', '.join(columns)}"
