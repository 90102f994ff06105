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

from inbox_worker.core.errors import JournalError, is_environment_down
from inbox_worker.ledger.tables import tell_postgres

_SHAPE = "postgresql+psycopg://USER:PASSWORD@HOST:5432/DATABASE"
_WHERE = "mend INBOX_WORKER_JOURNAL, or ledger.journal in config.yaml"
_STANDBY = f"this server only reads, as a standby does; name the one that writes: {_WHERE}"
_WRITERS = 7_302_046_201_123_775_483  # any number, always the same: the key of the writers' queue
_LOCK_NOT_AVAILABLE = "55P03"
_READS_ONLY = "25006"
_DISK_FULL = "53100"
_MAY_NOT = "42501"
_ROOM = "create temporary table room as select repeat('-', 1900) from generate_series(1, 600)"  # bytes: about 1 MB
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
  case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false
), (select count(set_config(name, '0', false)) from pg_settings where name in
    ('statement_timeout', 'transaction_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout'))
"""  # of time limits those alone that are ours; as pg_dump does
_OLDEST = 15
_HOLDER = "select pg_backend_pid()"
_STILL_HELD = "select count(*) from pg_locks where locktype = 'advisory' and granted and pid = {}"
_holders: dict[str, int] = {}  # by the database's address: the server's process that holds the lock of who decides here


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
        with connection, _remember_holder(connection, locked):
            yield locked
    finally:
        engine.dispose()


@contextmanager
def _remember_holder(connection: Connection, locked: bool) -> Iterator[None]:
    address = _address_of(connection)
    if locked:
        _holders[address] = connection.exec_driver_sql(_HOLDER).scalar_one()
    try:
        yield
    finally:
        _holders.pop(address, None)


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
                check_server(connection)
                if connection.exec_driver_sql("show transaction_read_only").scalar_one() == "on":
                    return f"the journal: {_STANDBY}"
                return _why_full(connection)
        except DBAPIError as error:
            return str(unusable(engine.url, error))
        finally:
            engine.dispose()
    except JournalError as error:
        return str(error)
    return ""


def _why_full(connection: Connection) -> str:
    """Return why the server's disk takes no more; '' when it takes as much as a pass may write. A table of a
    connection's own goes with it."""
    try:
        connection.exec_driver_sql(_ROOM)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _MAY_NOT:
            return ""
        remedy = remedy_of_server(error)
        return f"the journal: {error.orig}" + (f"; {remedy}" if remedy else "")
    finally:
        connection.rollback()
    return ""


def unusable(url: URL, error: DBAPIError) -> JournalError:
    """Return what a database that cannot be opened says, and what to do."""
    host = url.host or url.query.get("host") or "its local socket"
    where = f"database {url.database or url.username!r} at {host}{f':{url.port}' if url.port else ''}"
    said = " ".join(str(error.orig).split())
    return JournalError(
        f"the journal in PostgreSQL ({where}) cannot be used: {said}. See that the server runs and takes "
        f"connections, or {_WHERE}"
    )


def _address_of(connection: Connection) -> str:
    url = connection.engine.url
    return str(url._replace(username=None, password=None))  # it may stand in .pgpass


def remedy_of_server(error: DBAPIError) -> str:
    """Return what to do about a server that cannot be used now; '' for an error that is not the server's."""
    state = getattr(error.orig, "sqlstate", None)
    if state == _READS_ONLY:
        return _STANDBY
    if state == _DISK_FULL:
        return "make room on the disk of the journal's server, then try again"
    return "look at the journal's server, then try again" if state and is_environment_down(error) else ""


def check_server(connection: Connection) -> None:
    """Raises JournalError for a server that is too old, or a database that cannot hold every letter."""
    version = connection.dialect.server_version_info or (_OLDEST,)
    if int(version[0]) < _OLDEST:
        raise JournalError(
            f"the journal's server is PostgreSQL {version[0]}, and {_OLDEST} or newer is needed; bring the server up "
            "to date, or name another one"
        )
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
    """A transaction that writes waits until no other does, as in SQLite. Raises OperationalError where the connection
    broke that holds the lock of who decides: another machine may decide since."""
    if not connection.get_execution_options().get("writes", False):
        return
    connection.exec_driver_sql(f"select pg_advisory_xact_lock({_WRITERS})")
    holder = _holders.get(_address_of(connection))
    if holder and not connection.exec_driver_sql(_STILL_HELD.format(holder)).scalar_one():
        lost = ConnectionError("the connection that held the home's lock broke, and another machine may decide since")
        raise OperationalError("begin", None, lost, connection_invalidated=True)


def _without_rows(context: ExceptionContext) -> None:
    """Of an error the server's first line stays: the details behind it quote rows, which no log may carry."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    said = getattr(getattr(original, "diag", None), "message_primary", None)
    if said:
        original.args = (f"{said} [{getattr(original, 'sqlstate', '')}]",)
        if wrapped is not None:
            wrapped.args = (f"({type(original).__name__}) {original.args[0]}", *wrapped.args[1:])
