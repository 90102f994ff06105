"""The journal's database: opened, brought to the program's shape, and its transactions - the only commit point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    String,
    bindparam,
    case,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import make_folder
from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.guards import make_guards
from inbox_worker.ledger.mark import JournalHead, Mark
from inbox_worker.ledger.records import as_record
from inbox_worker.ledger.row_numbers import HIGHEST, note_foreign_rows
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL, sqlite_engine, why_shut
from inbox_worker.ledger.tables import arrivals, journal_state

REVISION = "0041"
_state = journal_state.c
_HEAD = (_state.journal, _state.commits, _state.head, _state.arrival, _state.sequence)
_HEAD_NOW = select(*_HEAD)
_LAST_ARRIVAL = select(func.coalesce(func.max(arrivals.c.number), 0)).scalar_subquery()
_ADVANCED = (
    journal_state.update()
    .values(
        commits=_state.commits + 1,
        head=bindparam("new_head"),
        arrival=case((_state.arrival < _LAST_ARRIVAL, _LAST_ARRIVAL), else_=_state.arrival),
        sequence=case((_state.sequence < bindparam("posted"), bindparam("posted")), else_=_state.sequence),
        numbers=HIGHEST,
        config=case((bindparam("settings", type_=String) != "", bindparam("settings")), else_=_state.config),
    )
    .returning(*_HEAD)
)
_MOST_KEPT = 400  # answers: the fact files of so many Customers
_Answer = TypeVar("_Answer")
_Record = TypeVar("_Record")


def open_database(url: str) -> Engine:
    """Opens the database, bringing its tables to the program's shape. SQLite runs in WAL with synchronous=FULL;
    PostgreSQL commits as durably. Raises JournalError, never with a password in it."""
    if not url.startswith("sqlite:"):
        return _open_postgres(url)
    if url.startswith("sqlite:///"):
        make_folder(Path(url.removeprefix("sqlite:///")).parent)  # `place.py` has said that it may be made
    engine = sqlite_engine(url)
    try:
        _in_shape(engine)
    except DBAPIError as error:
        engine.dispose()
        if why := why_shut(Path(make_url(url).database or ""), error):
            raise JournalError(why) from error
        raise
    return engine


def _open_postgres(url: str) -> Engine:
    from inbox_worker.ledger.postgres import check_server, postgres_engine, unusable

    engine = postgres_engine(url)
    try:
        with engine.connect() as connection:
            check_server(connection)
        _in_shape(engine)
    except DBAPIError as error:
        engine.dispose()
        raise unusable(engine.url, error) from error
    except JournalError:
        engine.dispose()
        raise
    return engine


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
    make_bare_tables(connection)
    first = {"id": 1, "journal": uuid4().hex, "commits": 0, "head": uuid4().hex}
    connection.execute(journal_state.insert().values(**first, arrival=0, sequence=0, config="", last_act=""))


def make_bare_tables(connection: Connection) -> None:
    """Make the tables and their guards, without a row: not even the journal's identity is given."""
    metadata.create_all(connection)
    make_guards(connection)
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

    Who writes holds the home's lock, so what every form asks (Customers, their fact files) is read once and kept until
    a commit of this process changes it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settings = ""  # the version of the config that decisions are made by
        self.kept: dict[str, Any] = {}  # answers by question, as of the last commit
        self._posted: int | None = (
            None  # the highest place in the order of posting, when the transaction decides a form
        )
        self._at_commit: list[Callable[[], object]] = []
        self._asking: Connection | None = None
        self._mark: Mark | None = None  # of the home, once it is known that the journal belongs to it

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open one durable unit: all of it stands, or nothing. The home's mark follows it."""
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                note_foreign_rows(connection)
                yield connection
                head = self._advance(connection)
            for change in self._at_commit:
                change()
        except BaseException:
            self.kept.clear()
            raise
        finally:
            self._at_commit, self._posted = [], None
        if self._mark is not None:
            self._mark.write(head)

    def _advance(self, connection: Connection) -> JournalHead:
        """Return the journal's state after this transaction."""
        reached = {"posted": self._posted or 0, "settings": "" if self._posted is None else self.settings}
        return JournalHead(*connection.execute(_ADVANCED, {**reached, "new_head": uuid4().hex}).one())

    def note_decision(self, sequence: int, change: Callable[[], object] | None = None) -> None:
        """Note that the open transaction decides a form and where it posts (0 = it does not). `change` brings `kept` up
        to it at the commit."""
        self._posted = max(self._posted or 0, sequence)
        if change:
            self._at_commit.append(change)

    def forget_at_commit(self) -> None:
        """Forget the kept answers when the open transaction is committed."""
        self._at_commit.append(self.kept.clear)

    def answer(self, question: str, ask: Callable[[], _Answer]) -> _Answer:
        """Return the kept answer to a question, or ask the journal and keep what it says."""
        if question not in self.kept:
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[question] = ask()
        known: _Answer = self.kept[question]
        return known

    def follow(self, mark: Mark) -> None:
        """Mark every commit from now on; `belonging.py` has compared the mark with this journal."""
        self._mark = mark

    def head(self) -> JournalHead:
        """Return the journal's state after the last commit."""
        with self.connect_for_queries() as connection:
            states = connection.execute(_HEAD_NOW).all()
        if len(states) != 1:
            raise JournalError(f"journal_state has {len(states)} rows instead of one; {RESTORE_JOURNAL}")
        return JournalHead(*states[0])

    @contextmanager
    def connect_for_queries(self) -> Iterator[Connection]:
        """Give a connection for questions, each of which sees what is committed by then; it is kept open, for to open
        one takes longer than most answers. One that broke is opened anew."""
        if self._asking is not None and self._asking.invalidated:
            self._asking.close()
            self._asking = None
        if self._asking is None:
            self._asking = _for_questions(self.engine)
        yield self._asking

    def rows(self, query: Select[Any], values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """Return what a question finds. `values`: of its parameters; a question that every form asks is put together
        once, for that takes longer than its answer."""
        with self.connect_for_queries() as connection:
            return connection.execute(query, values or {}).all()

    def value(self, query: Select[Any]) -> Any:
        """Return the first value of the first row that a question finds, None for none."""
        with self.connect_for_queries() as connection:
            return connection.execute(query).scalar()

    def find_all(
        self, kind: type[_Record], query: Select[Any], values: Mapping[str, object] | None = None
    ) -> list[_Record]:
        """Return what a question finds, each row a record with fields named like the columns."""
        return [as_record(kind, row) for row in self.rows(query, values)]

    def find(self, kind: type[_Record], query: Select[Any]) -> _Record | None:
        """Return the first that a question finds, None when it finds nothing."""
        return next(iter(self.find_all(kind, query.limit(1))), None)

    def forget_what_was(self) -> bool:
        """Clear SQLite's file of recent changes, which still has rows as they were before; tell whether it is empty. A
        server frees them by itself (docs/operations.md)."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self.connect_for_queries() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy

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
