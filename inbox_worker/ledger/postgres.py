"""The journal in PostgreSQL: reached by its URL, used by one writer at a time, told about without its password.

Nothing but this module and `text_types.py` knows which database it is. Writers queue as they do in SQLite: what is
read in a transaction that writes (the next number, above all) stays true until its commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from inbox_worker.core.errors import JournalError
from inbox_worker.ledger.tables import tell_postgres

_SHAPE = "postgresql+psycopg://USER:PASSWORD@HOST:5432/DATABASE"
_WHERE = "mend INBOX_WORKER_JOURNAL, or ledger.journal in config.yaml"
_WRITERS = 7_302_046_201_123_775_483  # any number, always the same: the key of the writers' queue
_LOCK_NOT_AVAILABLE = "55P03"
_DECIDING = _WRITERS + 1  # the key of who decides in the home
_PATIENCE = {  # a line that went dead is noticed within a minute, not in two hours
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_SETTINGS = """
select set_config('lock_timeout', '30s', false), set_config('synchronous_commit',
  case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false)
"""


def postgres_engine(text: str) -> Engine:
    """Return an engine for the URL. Raises JournalError when the URL is none, or the driver is not installed."""
    url = _url(text)
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        wanted = "the journal is in PostgreSQL and its driver is not installed here"
        raise JournalError(f"{wanted}: pip install 'psycopg[binary]', beside inbox-worker") from error
    tell_postgres()
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        use_native_hstore=False,  # nothing to look up at every opening
        connect_args={**patience, "client_encoding": "utf8"},
    )
    event.listen(engine, "connect", _settings)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _without_rows)
    return engine


def _url(text: str) -> URL:
    """The URL, for the one driver that we know. Parts of it are never told: any of them may be the password's."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise JournalError(f"the journal's address is no URL like {_SHAPE}; {_WHERE}") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        shapes = f"sqlite:///ledger/journal.db or {_SHAPE}"
        raise JournalError(f"the journal is kept by SQLite or PostgreSQL, its address is like {shapes}; {_WHERE}")
    if "@" in (url.host or ""):
        raise JournalError(f"the journal's address has an @ in its password: write %40 for it; {_WHERE}")
    return url.set(drivername="postgresql+psycopg")


@contextmanager
def deciding_alone(text: str, seconds: float) -> Iterator[bool]:
    """Let nobody else decide with this database meanwhile, from whichever machine: a lock file tells only those who
    share its disk. False when another was not done in time. Raises JournalError."""
    engine = postgres_engine(text)
    try:
        try:
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            locked = _try_lock(connection, seconds)
        except OperationalError as error:
            raise unusable(engine.url, error) from error
        with connection:
            yield locked
    finally:
        engine.dispose()


def _try_lock(connection: Connection, seconds: float) -> bool:
    connection.exec_driver_sql(f"set lock_timeout = {round(seconds * 1000)}")
    try:
        connection.exec_driver_sql(f"select pg_advisory_lock({_DECIDING})")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def postgres_problem(text: str) -> str:
    """Return why the database cannot be used, and what to do; '' when it can. Changes nothing in it."""
    try:
        engine = postgres_engine(text)
        try:
            with engine.connect() as connection:
                check_encoding(connection)
        except DBAPIError as error:
            return str(unusable(engine.url, error))
        finally:
            engine.dispose()
    except JournalError as error:
        return str(error)
    return ""


def unusable(url: URL, error: DBAPIError) -> JournalError:
    """Return what a database that cannot be opened says, and what to do."""
    host = url.host or url.query.get("host") or "its local socket"
    where = f"database {url.database or url.username!r} at {host}{f':{url.port}' if url.port else ''}"
    said = " ".join(str(error.orig).split())
    return JournalError(f"the journal in PostgreSQL ({where}) cannot be used: {said}. Start the server, or {_WHERE}")


def check_encoding(connection: Connection) -> None:
    """Raises JournalError for a database that cannot hold every letter."""
    encoding = connection.exec_driver_sql("show server_encoding").scalar_one()
    if encoding != "UTF8":
        make = "createdb --encoding UTF8 --template template0 --owner USER DATABASE"
        raise JournalError(f"the journal's database has the encoding {encoding}; make one that has UTF8: {make}")


def _settings(connection: Any, _: Any) -> None:
    """For every connection: a commit is on the disk when it returns, whatever the server's default; and nobody waits
    for a lock for ever."""
    connection.autocommit = True  # as one question, without a transaction around it
    connection.execute(_SETTINGS)
    connection.autocommit = False


def _begin(connection: Connection) -> None:
    """A transaction that writes waits until no other does, as in SQLite."""
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_WRITERS})")


def _without_rows(context: ExceptionContext) -> None:
    """Of an error the server's first line stays: the details behind it quote rows, which no log may carry."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    said = getattr(getattr(original, "diag", None), "message_primary", None)
    if said:
        original.args = (f"{said} [{getattr(original, 'sqlstate', '')}]",)
        if wrapped is not None:
            wrapped.args = (f"({type(original).__name__}) {original.args[0]}", *wrapped.args[1:])
