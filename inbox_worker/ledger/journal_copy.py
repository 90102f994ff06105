"""A copy of the journal as it stands at one moment, taken while others write, and put back into an empty place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import make_folder, whole
from inbox_worker.core.scratch import make_scratch
from inbox_worker.ledger.backup_lists import BackupError, KeptJournal
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.ledger.mark import JournalHead, Mark
from inbox_worker.ledger.sqlite import connect_sqlite
from inbox_worker.ledger.tables import journal_state

_COLUMNS = ("journal", "commits", "head", "arrival", "sequence")


class JournalView(Protocol):
    """The journal at one moment, however it goes on."""

    head: JournalHead
    database: str

    def write(self, target: Path) -> None:
        """Write the journal of that moment into a new file."""
        ...


@contextmanager
def view_journal(url: str) -> Iterator[JournalView]:
    """Hold the journal's state of now, which `write` copies later; nobody waits for it meanwhile."""
    if url.startswith("sqlite:"):
        with closing(connect_sqlite(_file_of(url))) as connection:
            yield _SqliteView(connection)
        return
    from inbox_worker.ledger.postgres import postgres_engine

    engine = postgres_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            snapshot = str(connection.exec_driver_sql("select pg_export_snapshot()").scalar_one())
            columns = [journal_state.c[name] for name in _COLUMNS]
            yield _PostgresView(url, snapshot, JournalHead(*connection.execute(select(*columns)).one()))
    finally:
        engine.dispose()


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


class _SqliteView:
    """A transaction that reads: writers go on beside it."""

    database = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("BEGIN")
        found = connection.execute(f"select {', '.join(_COLUMNS)} from journal_state").fetchone()  # noqa: S608
        self.head = JournalHead(*found)

    def write(self, target: Path) -> None:
        """Copy the pages of that moment. Raises JournalError when they are damaged."""
        with closing(sqlite3.connect(target)) as copy:
            try:
                self._connection.backup(copy)
                (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            except sqlite3.DatabaseError as error:
                raise JournalError(f"the journal cannot be copied: {error}; look at the disk of {target}") from error
            if said != "ok":
                raise JournalError(f"the journal is damaged: {said}; restore it from an earlier backup")


class _PostgresView:
    """A snapshot that pg_dump takes over."""

    database = "postgresql"

    def __init__(self, url: str, snapshot: str, head: JournalHead) -> None:
        self._url, self._snapshot, self.head = url, snapshot, head

    def write(self, target: Path) -> None:
        """Dump the database as of that moment. Raises JournalError with what pg_dump says."""
        run_postgres("pg_dump", self._url, "--format=custom", f"--snapshot={self._snapshot}", f"--file={target}")


def run_postgres(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the journal's database; its password goes by the environment alone. Raises
    JournalError with what the program says."""
    if not shutil.which(program):
        raise JournalError(f"{program} is not there; install PostgreSQL's client programs (postgresql-client)")
    named = make_url(url).set(drivername="postgresql")
    secret = {} if named.password is None else {"PGPASSWORD": str(named.password)}
    address = named._replace(password=None).render_as_string()  # `set` takes None for no change
    command: Sequence[str] = (program, "--no-password", *arguments, f"--dbname={address}")
    ran = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, check=False)
    if ran.returncode:
        said = " ".join(ran.stderr.decode("utf-8", "replace").split())
        raise JournalError(f"{program} ended with {ran.returncode}: {said[:500]}")


def put_back_journal(store: BackupStore, journal: KeptJournal, url: str, *, ended: bool) -> Path | None:
    """Write a backup's journal into an empty place; return the file that was made, None for a database of a server.
    Raises JournalError when something is there already, or the journal was kept in another kind of database. `ended`:
    a restore to the same home was cut off, so a database that holds just this journal was filled by it."""
    here = "sqlite" if url.startswith("sqlite:") else "postgresql"
    if here != journal.database:
        raise JournalError(
            f"the backup's journal was in {journal.database}, and config.yaml or INBOX_WORKER_JOURNAL names one in "
            f"{here}; name an empty database of the same kind"
        )
    if here == "postgresql":
        _fill_database(store, journal, url, ended=ended)
        return None
    path = _file_of(url)
    if path.exists():
        raise JournalError(f"{path} is there already, and a restore replaces no journal; move it away")
    make_folder(path.parent)
    with whole(path) as temporary:
        if store.copy(journal.sha256, temporary) != journal.sha256:
            temporary.unlink()
            raise BackupError(f"{store.object(journal.sha256)} (the journal) differs from what was backed up")
    return path


def mark_journal(ledger: Path, journal: KeptJournal) -> None:
    """Mark the files of a ledger as those of a journal that was put back."""
    mark = Mark(ledger)
    mark.write(journal.head)
    mark.close()


def _fill_database(store: BackupStore, journal: KeptJournal, url: str, *, ended: bool) -> None:
    """One transaction fills the database. The database of a home at work holds just this journal, too."""
    from inbox_worker.ledger.postgres import postgres_engine, unusable

    engine = postgres_engine(url)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if ended and "journal_state" in tables:
                columns = [journal_state.c[name] for name in _COLUMNS]
                if JournalHead(*connection.execute(select(*columns)).one()) == journal.head:
                    return
    except DBAPIError as error:
        raise unusable(engine.url, error) from error
    finally:
        engine.dispose()
    if tables:
        raise JournalError("the journal's database is not empty, and a restore replaces no journal; name an empty one")
    with make_scratch("restore") as folder:
        dump = Path(folder) / "journal.dump"
        if store.copy(journal.sha256, dump) != journal.sha256:
            raise BackupError(f"{store.object(journal.sha256)} (the journal) differs from what was backed up")
        run_postgres("pg_restore", url, "--no-owner", "--single-transaction", "--exit-on-error", str(dump))
