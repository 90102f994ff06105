"""The journal in SQLite: opened to be written, or, on a disk that is read-only, only to be read."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import READ_ONLY_DISK, is_read_only

RESTORE_JOURNAL = "restore the journal, with the files that belong to it, from one backup"
_DURABLE = ("journal_mode=WAL", "synchronous=FULL")
# secure_delete: what is taken out is not left in the file's free places
_SETTINGS = ("foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON")
_PATIENCE = 30.0  # seconds


def sqlite_engine(text: str) -> Engine:
    """Return an engine for the URL. Raises JournalError for a journal that its disk keeps from being read."""
    url = make_url(text)
    settings: tuple[str, ...] = (*_DURABLE, *_SETTINGS)
    if url.database and (reading := _only_reading(Path(url.database))):
        url = URL.create("sqlite", database=f"file:{quote(url.database)}", query={**reading, "uri": "true"})
        settings = _SETTINGS
    engine = create_engine(url, hide_parameters=True)  # an error's text must not carry rows into a log

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would leave CREATE TABLE out of transactions: `_begin`
        try:
            for setting in settings:
                connection.execute(f"PRAGMA {setting}")
        except UnicodeDecodeError as error:  # SQLite quotes a name of its schema that is no text any more
            raise sqlite3.DatabaseError("malformed database schema: a name in it is no text") from error

    event.listen(engine, "begin", _begin)
    return engine


def connect_sqlite(path: Path) -> sqlite3.Connection:
    """Connect to a journal's file, without a transaction. Raises JournalError as `sqlite_engine` does."""
    reading = _only_reading(path)
    place = f"file:{quote(str(path))}?{urlencode(reading)}" if reading else str(path)
    return sqlite3.connect(place, isolation_level=None, timeout=_PATIENCE, uri=bool(reading))


def why_shut(path: Path, error: DBAPIError) -> str:
    """Say why SQLite does not open a journal, and what to do; '' where it says no more than it knows (a full disk)."""
    if why := why_closed(path):
        return why
    if isinstance(error, OperationalError):
        return ""
    return f"the journal {path} is damaged: {error.orig}; {RESTORE_JOURNAL} (docs/operations.md)"


def why_closed(path: Path) -> str:
    """Say what keeps a journal from being read and written, its disk or its rights, and what to do; '' for nothing."""
    if is_read_only(path):
        return f"the journal {path} cannot be written: {READ_ONLY_DISK}"
    for place, right in ((path.parent, os.R_OK | os.W_OK | os.X_OK), (path, os.R_OK | os.W_OK)):
        if place.exists() and not os.access(place, right):
            return (
                f"the journal {path} cannot be read or written: give the service's user the right to read and write "
                f"{place}"
            )
    return ""


def _only_reading(path: Path) -> dict[str, str]:
    """Return how a journal is opened that can only be read, {} for any other. Beside its log SQLite needs the file of
    shared memory, which it cannot make there; without a log nobody had begun to write."""
    if not is_read_only(path):
        return {}
    log, shared = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    if not log.exists() or not log.stat().st_size:
        return {"immutable": "1"}
    if shared.exists():
        return {"mode": "ro"}
    raise JournalError(f"{log} cannot be read without {shared.name}: copy the home to a disk that can be written")


def _begin(connection: Connection) -> None:
    """A transaction that writes takes the writer's place at once and waits for it; one that read first could not.
    Questions that stand alone have none."""
    writes = connection.get_execution_options().get("writes", False)
    if not connection.get_execution_options().get("alone", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
