"""The two bases of our exceptions, each with its exit code, and the test for an error of the environment.

A command that raises one of them prints its text as one line. Bad data of a sender is a `Finding`, never one of these.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_LONGEST_REASON = 500
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_DOWN = frozenset({*_NO_ROOM, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE})
# SQLite's primary result codes: busy, locked, no memory, read-only, I/O error, full, cannot open
_SQLITE_DOWN = frozenset({5, 6, 7, 8, 10, 13, 14})
# PostgreSQL's classes and codes: connection, read-only, log-in, no such database, deadlock, no right, no room, locked,
# shutdown, disk
_POSTGRES_DOWN = frozenset({"08", "25", "28", "3D", "40", "42501", "53", "55", "57", "58"})


class UseError(Exception):
    """End a command with exit code 2: a mistake in its use, config.yaml or rules/. The text says what to do."""

    exit_code: ClassVar[int] = 2


class JobError(Exception):
    """End a command with exit code 1: a job failed. The text names the reason and what to do."""

    exit_code: ClassVar[int] = 1


class JournalError(JobError):
    """The journal cannot be used as asked; the text says what to do."""


@contextmanager
def collect_faults(faults: list[Exception]) -> Iterator[None]:
    """Add any error of the block to `faults`: the one place where errors that nobody foresaw do not go further."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a bug met by one arrival must not stop the others
        faults.append(error)


def reason_of(error: BaseException) -> str:
    """Return an error in one line, for the journal and staff; one without words tells where it came up."""
    words = " ".join(str(error).split())
    if not words:
        frames = traceback.extract_tb(error.__traceback__)
        words = f"in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "without words"
    return f"{type(error).__name__}: {words}"[:_LONGEST_REASON]


def library_errors() -> tuple[type[Exception], ...]:
    """Return the bases of what the journal's database, DuckDB and Arrow raise.

    Import them here and not at start: most commands end without an error.
    """
    import duckdb
    import pyarrow as pa
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError, duckdb.Error, pa.ArrowException


def foreseen_errors() -> tuple[type[Exception], ...]:
    """Return everything that a job may fail by and that is no bug: the service reports it and tries again."""
    return UseError, JobError, OSError, *library_errors()


def is_environment_down(error: BaseException) -> bool:
    """Say whether every other job would fail now, too: a full disk, a disk away, a journal out of reach."""
    if isinstance(error, OSError):
        return error.errno in _DOWN
    import duckdb
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError):
        return _is_database_down(error)
    return isinstance(error, duckdb.Error) and "no space left" in str(error).casefold()


def _is_database_down(error: DBAPIError) -> bool:
    """Say whether the journal's database, and not what was asked of it, is at fault."""
    from sqlalchemy.exc import OperationalError

    state = getattr(error.orig, "sqlstate", None)
    if state:
        return state[:2] in _POSTGRES_DOWN or state in _POSTGRES_DOWN
    code = getattr(error.orig, "sqlite_errorcode", None)
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (code is None or code & 0xFF in _SQLITE_DOWN)
    )
