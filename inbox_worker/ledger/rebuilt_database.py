"""A journal that was made in a file and proven there, put into an empty database of PostgreSQL in one transaction: what
stands there is compared row by row before it is committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Table,
    create_engine,
    func,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError
from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.database import make_bare_tables
from inbox_worker.ledger.postgres import check_server, postgres_engine, unusable
from inbox_worker.ledger.tables import journal_state
from inbox_worker.ledger.text_types import NumberOrNone

_ROWS = 1000  # at once
_SEQUENCE = "select setval(pg_get_serial_sequence(:table, :column), :last)"


def require_no_tables(url: str) -> None:
    """Refuse a database that has tables already, or cannot be used. Raises JournalError."""
    engine = postgres_engine(url)
    try:
        with engine.connect() as connection:
            check_server(connection)
            if inspect(connection).get_table_names():
                raise JournalError(
                    "the journal's database is not empty, and a restore replaces no journal; name an empty one"
                )
    except DBAPIError as error:
        raise unusable(engine.url, error) from error
    finally:
        engine.dispose()


def has_taken(url: str, journal: Path) -> bool:
    """Return whether the database has the journal of that file already: a restore was ended right after its commit."""
    if not journal.exists():
        return False
    engine, file = postgres_engine(url), create_engine(f"sqlite:///{journal}")
    state = select(journal_state.c.journal, journal_state.c.commits)
    try:
        with engine.connect() as connection, file.connect() as source:
            tables = inspect(connection).get_table_names()
            if journal_state.name not in tables or journal_state.name not in inspect(source).get_table_names():
                return False
            there, made = connection.execute(state).one(), source.execute(state).one()
            return bool(there.journal == made.journal and there.commits >= made.commits)
    except DBAPIError as error:
        raise unusable(engine.url, error) from error
    finally:
        engine.dispose()
        file.dispose()


def fill_database(url: str, journal: Path) -> None:
    """Put the journal of a file into an empty database: all of it or nothing. Raises JournalError when the database
    gives back another row than it was given."""
    engine, file = postgres_engine(url), create_engine(f"sqlite:///{journal}")
    try:
        with (
            file.connect() as source,
            engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            make_bare_tables(connection)
            for table in metadata.sorted_tables:
                _fill(connection, table, source)
                _compare(connection, table, source)
    except DBAPIError as error:
        raise unusable(engine.url, error) from error
    finally:
        engine.dispose()
        file.dispose()


def _fill(connection: Connection, table: Table, source: Connection) -> None:
    for rows in _read(source, table):
        connection.execute(table.insert(), [dict(row._mapping) for row in rows])
    keys = list(table.primary_key)
    if len(keys) == 1 and isinstance(keys[0].type, Integer):
        last = connection.execute(select(func.max(keys[0]))).scalar()
        if last:  # the next number is given after those that were brought
            connection.execute(text(_SEQUENCE), {"table": table.name, "column": keys[0].name, "last": last})


def _compare(connection: Connection, table: Table, source: Connection) -> None:
    for made, there in zip(_read(source, table), _read(connection, table), strict=True):
        if [tuple(row) for row in made] != [tuple(row) for row in there]:
            raise JournalError(
                f"the database keeps rows of {table.name} otherwise than they were written; look at its encoding and "
                "triggers, or name another empty one"
            )


def _read(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """Yield rows as the database keeps them, in the order of their keys."""
    yield from connection.execute(_select_plain(table)).partitions(_ROWS)


def _select_plain(table: Table) -> Select[Any]:
    columns = [type_coerce(column, _plain(column.type)).label(column.name) for column in table.columns]
    return select(*columns).order_by(*table.primary_key)


def _plain(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return Boolean()
    return Integer() if isinstance(kind, Integer | NumberOrNone) else String()
