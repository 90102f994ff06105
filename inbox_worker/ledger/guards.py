"""Guards in the journal's database: what was recorded for good is neither changed nor deleted by any statement.

Whoever owns the database can take a guard away, or make triggers of his own; `find_lacking` tells it, and hashes tell
what was changed then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from inbox_worker.ledger import certificate_tables  # noqa: F401 - its tables are guarded, too
from inbox_worker.ledger import tables as t

_REFUSE = "refuse_change"
_BODY = "begin raise exception '% is append-only: what was recorded there stays as it is', tg_table_name; end"
_OF_SQLITE = text("select name, tbl_name, 'trigger' from sqlite_master where type = 'trigger' order by name")
_OF_POSTGRES = text(
    "select t.tgname, c.relname, 'trigger' from pg_trigger t join pg_class c on c.oid = t.tgrelid "
    "where not t.tgisinternal and pg_table_is_visible(c.oid) union all "
    "select r.rulename, c.relname, 'rule' from pg_rewrite r join pg_class c on c.oid = r.ev_class "
    "where r.rulename <> '_RETURN' and pg_table_is_visible(c.oid) order by 1"
)
_POSTED = "old.sequence > 0"  # a held form is decided again, a posted one never


@dataclass(frozen=True)
class Guarded:
    """A table. `columns`: those that stay as they are, () = all; `when`: the rows that do, '' = all; `named`: set apart
    from another guard of the table, of changes alone."""

    table: str
    columns: tuple[str, ...] = ()
    when: str = ""
    named: str = ""


_OF_DECISIONS = ("id", "arrival", "ordinal", "sha256", "form", "customer", "outcome", "month", "complete_at",
                 "rows_read", "rows_posted", "rules", "sequence", "replaces", "duplicate_of")  # fmt: skip
_OF_DESTRUCTION = ("state", "destroyed_at", "destroyed_by", "finished_at", "sha256")
GUARDED = (
    Guarded("acts"),
    Guarded("fact_files"),
    Guarded("close_files"),
    Guarded("customer_versions"),
    Guarded("closes", ("month", "number", "sha256", "made_at", "rules", "sequence")),
    Guarded("arrivals", ("number", "sha256", "mailbox", "source", "received_at", "raw")),
    Guarded(
        "tasks",
        ("number", "kind", "customer", "sender", "what", "arrival", "submission", "clause", "due", "made_at"),
    ),
    Guarded("submissions", _OF_DECISIONS, _POSTED),
    Guarded("destroyed_files"),
    Guarded("cleared_accounts"),
    Guarded("rewritten_files"),
    Guarded("certificates", ("number", "proposed_at", "proposed_by", "items")),
    Guarded("certificates", _OF_DESTRUCTION, "old.state = 'destroyed'", "_once_done"),
    Guarded("certificates", ("destroyed_at", "destroyed_by"), "old.state = 'destroying'", "_once_begun"),
)


def make_guards(connection: Connection) -> None:
    """Make all guards, in the transaction of the tables or of the migration that brings them; tables that a later
    migration makes get theirs there."""
    there = set(inspect(connection).get_table_names())
    if connection.dialect.name == "postgresql":
        body = f"create or replace function {_REFUSE}() returns trigger language plpgsql as $$ {_BODY} $$"
        connection.exec_driver_sql(body.replace("%", "%%"))
    for name, statement in _statements(connection.dialect.name).items():
        if _table_of(name) in there:
            connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Take all guards away, for a copy of the journal that is cut back to a moment."""
    postgres = connection.dialect.name == "postgresql"
    for name in _statements(connection.dialect.name):
        connection.exec_driver_sql(f"drop trigger if exists {name}" + (f" on {_table_of(name)}" if postgres else ""))


def drop_strange(connection: Connection) -> None:
    """Take away what acts on our tables by itself and is none of our guards."""
    postgres = connection.dialect.name == "postgresql"
    quoted = connection.dialect.identifier_preparer.quote
    for name, table, kind in _find_strange(connection):
        connection.exec_driver_sql(f"drop {kind} {quoted(name)}" + (f" on {quoted(table)}" if postgres else ""))


def _find_strange(connection: Connection) -> list[tuple[str, str, str]]:
    """Return name, table and kind of triggers, and of PostgreSQL's rules, that are none of our guards."""
    own = _statements(connection.dialect.name)
    found = connection.execute(_OF_POSTGRES if connection.dialect.name == "postgresql" else _OF_SQLITE).all()
    return [(name, table, kind) for name, table, kind in found if table in t.metadata.tables and name not in own]


def _table_of(guard: str) -> str:
    return guard.rpartition("_not_")[0]


def find_lacking(connection: Connection) -> Iterator[str]:
    """Find guards that are not as they were made, and triggers that are none: rows could have been changed."""
    statements = _statements(connection.dialect.name)
    if connection.dialect.name == "postgresql":
        found = connection.execute(text("select tgname, 'x' from pg_trigger where tgenabled in ('O', 'A')")).all()
        bodies = connection.execute(text("select prosrc from pg_proc where proname = :name"), {"name": _REFUSE})
        if [body.strip() for body in bodies.scalars()] != [_BODY]:
            yield f"has another function {_REFUSE} than it was made with: rows may have been changed"
        statements = dict.fromkeys(statements, "x")
    else:
        found = connection.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
    there = {row[0]: row[1] for row in found}
    for name, statement in statements.items():
        if there.get(name) != statement:
            yield f"lacks its guard {name}: rows of {_table_of(name)} may have been changed"
    for name, table, kind in _find_strange(connection):
        yield f"has a {kind} {name} on {table} that is none of its own: what was written there may have been changed"


def _statements(dialect: str) -> dict[str, str]:
    """Return each guard's statement by its name."""
    made = {}
    for one in GUARDED:
        of = f" of {', '.join(one.columns)}" if one.columns else ""
        for name, event, when in (("changed", f"update{of}", one.when), ("deleted", "delete", one.when),
                                  *([("replaced", "insert", _replaces(one.table))] if dialect == "sqlite" else []),
                                  *([("emptied", "truncate", "")] if dialect == "postgresql" else [])):  # fmt: skip
            guard = f"{one.table}_not_{name}{one.named}"
            if not one.named or name == "changed":
                made[guard] = _statement(dialect, guard, event, one.table, when)
    return made


def _replaces(table: str) -> str:
    """`insert or replace` of SQLite deletes a row, and asks no guard of deletes."""
    keys = [column.name for column in t.metadata.tables[table].primary_key]
    same = " and ".join(f"{key} = new.{key}" for key in keys)
    return f"exists (select 1 from {table} where {same})"  # noqa: S608


def _statement(dialect: str, guard: str, event: str, table: str, when: str) -> str:
    condition = f" when ({when})" if when else ""
    if dialect == "postgresql":
        each = "statement" if event == "truncate" else "row"
        head = f"create trigger {guard} before {event} on {table} for each {each}"
        return f"{head}{condition} execute function {_REFUSE}()"
    refused = f"select raise(abort, '{table} is append-only: what was recorded there stays as it is')"
    # SQLite keeps a statement as it was written, but for these two words
    return f"CREATE TRIGGER {guard} before {event} on {table} for each row{condition} begin {refused}; end"
