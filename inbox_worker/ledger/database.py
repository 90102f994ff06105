"""The journal's database: opened, brought to the program's shape, and its transactions - the only commit point."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, String, bindparam, case, create_engine, event, inspect, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import make_folder
from inbox_worker.ledger.cache import Kept
from inbox_worker.ledger.mark import JournalHead, Mark
from inbox_worker.ledger.outbox_tables import metadata
from inbox_worker.ledger.tables import journal_state

REVISION = "0017"
_state = journal_state.c
_HEAD = (_state.journal, _state.commits, _state.head, _state.arrival, _state.sequence)
_ADVANCED = (
    journal_state.update()
    .values(
        commits=_state.commits + 1,
        head=bindparam("new_head"),
        arrival=case((_state.arrival < bindparam("reached"), bindparam("reached")), else_=_state.arrival),
        sequence=case((_state.sequence < bindparam("posted"), bindparam("posted")), else_=_state.sequence),
        config=case((bindparam("settings", type_=String) != "", bindparam("settings")), else_=_state.config),
    )
    .returning(*_HEAD)
)


RESTORE_JOURNAL = "restore the journal, with the files that belong to it, from one backup"


def open_database(url: str) -> Engine:
    """Opens the database, bringing its tables to the program's shape. SQLite runs in WAL with synchronous=FULL;
    PostgreSQL commits as durably. Raises JournalError, never with a password in it."""
    if not url.startswith("sqlite:"):
        return _open_postgres(url)
    if url.startswith("sqlite:///"):
        make_folder(Path(url.removeprefix("sqlite:///")).parent)  # `place.py` has said that it may be made
    engine = create_engine(url, hide_parameters=True)  # an error's text must not carry rows into a log
    event.listen(engine, "connect", _sqlite_settings)
    event.listen(engine, "begin", _sqlite_begin)
    try:
        _in_shape(engine)
    except DBAPIError as error:
        engine.dispose()
        if why := _why_shut(Path(engine.url.database or ""), error):
            raise JournalError(why) from error
        raise
    return engine


def _why_shut(path: Path, error: DBAPIError) -> str:
    """Why SQLite does not open a journal, and what to do; '' where it says no more than it knows (a full disk)."""
    for place, right in ((path.parent, os.R_OK | os.W_OK | os.X_OK), (path, os.R_OK | os.W_OK)):
        if place.exists() and not os.access(place, right):
            return f"the journal {path} cannot be opened: give the service's user the right to read and write {place}"
    if isinstance(error, OperationalError):
        return ""
    return f"the journal {path} is damaged: {error.orig}; {RESTORE_JOURNAL} (docs/operations.md)"


def _open_postgres(url: str) -> Engine:
    from inbox_worker.ledger.postgres import check_encoding, postgres_engine, unusable

    engine = postgres_engine(url)
    try:
        with engine.connect() as connection:
            check_encoding(connection)
        _in_shape(engine)
    except DBAPIError as error:
        engine.dispose()
        raise unusable(engine.url, error) from error
    except JournalError:
        engine.dispose()
        raise
    return engine


def _sqlite_settings(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver would leave CREATE TABLE out of transactions: `_sqlite_begin`
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {setting}")


def _sqlite_begin(connection: Connection) -> None:
    """A transaction that writes takes the writer's place at once and waits for it; one that read first could not.
    Questions that stand alone have none."""
    writes = connection.get_execution_options().get("writes", False)
    if not connection.get_execution_options().get("alone", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _in_shape(engine: Engine) -> None:
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            found = connection.execute(text("select version_num from alembic_version")).scalar()
            if found == REVISION:
                return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if inspect(connection).has_table("alembic_version"):  # another may have been quicker
            migrate(connection)
        else:
            _make_tables(connection)


def _make_tables(connection: Connection) -> None:
    """Make a new journal of the program's shape."""
    metadata.create_all(connection)
    first = {"id": 1, "journal": uuid4().hex, "commits": 0, "head": uuid4().hex}
    connection.execute(journal_state.insert().values(**first, arrival=0, sequence=0, config=""))
    connection.execute(text("create table alembic_version (version_num varchar(32) not null primary key)"))
    connection.execute(text("insert into alembic_version values (:revision)"), {"revision": REVISION})


def migrate(connection: Connection) -> None:
    """Bring the tables to the program's shape, inside the connection's transaction. Raises JournalError for a journal
    of a version that this one does not know."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, REVISION)
    except CommandError as error:
        raise JournalError(f"the journal was made by another version of inbox-worker: {error}; use that one") from error


class Database:
    """The journal's database, for one thread. Every writing method takes part in `transaction()`.

    Who writes holds the home's lock, so what is asked several times a form (Customers, months, names of facts) is
    read once and kept until this journal changes it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settings = ""  # the version of the config that decisions are made by
        self._asking: Connection | None = None
        self._kept = Kept()
        self._mark: Mark | None = None  # of the home, once it is known that the journal belongs to it

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable unit: all of it stands, or nothing. The home's mark follows it."""
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield connection
                head = self._advance(connection)
        except BaseException:
            self._kept = Kept()
            raise
        self._kept = self._kept.committed()
        if self._mark is not None:
            self._mark.write(head)

    def _advance(self, connection: Connection) -> JournalHead:
        """The journal's state after this transaction."""
        kept, settings = self._kept, self.settings if self._kept.decided else ""
        reached = {"reached": kept.arrival, "posted": kept.highest, "settings": settings}
        row = connection.execute(_ADVANCED, {**reached, "new_head": uuid4().hex}).one()
        return JournalHead(*row)

    def head(self) -> JournalHead:
        """The journal's state after the last commit."""
        with self.reading() as connection:
            return JournalHead(*connection.execute(select(*_HEAD)).one())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for questions, each of which sees what is committed by then; it is kept open, for to open one
        takes longer than most answers. One that broke is opened anew."""
        if self._asking is not None and self._asking.invalidated:
            self._asking.close()
            self._asking = None
        if self._asking is None:
            self._asking = _for_questions(self.engine)
        yield self._asking

    def dispose(self) -> None:
        if self._asking is not None:
            self._asking.close()
            self._asking = None
        if self._mark is not None:
            self._mark.close()
        self.engine.dispose()


def _for_questions(engine: Engine) -> Connection:
    """Open a connection on which every question stands alone: it sees what is committed by then."""
    alone = {"alone": True} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    return engine.connect().execution_options(**alone)
