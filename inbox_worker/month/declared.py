"""Every table of a month of few facts, without rows: declared once in a thread, in a schema of its own. What a month
has rows of are temporary tables of its own connection, and DuckDB finds those first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb

from inbox_worker.core.accounts import Accounts, Keys
from inbox_worker.core.hashes import bring_ahead, require
from inbox_worker.core.model import FactFile
from inbox_worker.core.queries import execute, read_query
from inbox_worker.ledger.facts import BY_ACCOUNT, KNOWN, join_files, show_in_force
from inbox_worker.ledger.lines.steps import declare_empty
from inbox_worker.ledger.questions import scratch
from inbox_worker.ledger.schemas import SCHEMAS, declare
from inbox_worker.month.tables import MONTH, SHOWN

_SCHEMA = "without_rows"
_LOCAL = threading.local()


def open_declared() -> duckdb.DuckDBPyConnection:
    """Return a connection beside the thread's questions of few rows to which every table of a month stands without
    rows."""
    shared = scratch(0)
    if getattr(_LOCAL, "shared", None) is not shared:
        shared.execute(_declare_all())
        _LOCAL.shared = shared
    connection = shared.cursor()
    execute(connection, f"set search_path = '{_SCHEMA}'")
    return connection


def keep_few(
    connection: duckdb.DuckDBPyConnection, ledger: Path, kind: str, files: Sequence[FactFile], accounts: Accounts
) -> None:
    """Give the connection a table of all rows of these files and the view of those in force, of the kinds in BY_ACCOUNT
    only those of the accounts; out of memory, where they are since they were read or written. Raises DamagedFile."""
    bring_ahead(ledger, ((file.path, file.sha256) for file in files))
    for file in files:
        require(ledger / file.path, file.sha256)
    connection.register("stored_rows", join_files(ledger, kind, tuple(files), tuple(SCHEMAS[kind].names)))
    name = "listed_rows" if accounts.listed and kind in BY_ACCOUNT else "all_rows"
    execute(connection, read_query(__file__, name, kind=kind))
    show_in_force(connection, ledger, kind, files)


def _declare_all() -> str:
    """Write the statements that declare them."""
    names = [(kind, prefix) for kind in SCHEMAS for prefix in ("", "every_")] + [(kind, "known_") for kind in KNOWN]
    tables = {f"{prefix}{kind}": declare(SCHEMAS[kind]) for kind, prefix in names}
    tables |= {name: declare(schema.append(MONTH)) for name, (_, schema) in SHOWN.items()}
    tables |= declare_empty(Keys.TEXTS)
    created = "; ".join(f"create table {_SCHEMA}.{name} {columns}" for name, columns in tables.items())
    return f"begin; create schema {_SCHEMA}; {created}; commit"
