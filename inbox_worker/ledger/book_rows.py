"""Rows of the journal that the workbook of a close carries: what was posted since the close before it, up to what this
one saw. Nothing in them changes later, so a close's workbook is the same bytes whenever it is written.

Left out: what a later decision changes (outcomes of letters that posted nothing, tasks, places in mailboxes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Boolean, Column, Integer, text

from inbox_worker.core.model import FactFile
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.ledger.database import Database

_SENDERS = ("stated_sender", "sender", "message_id", "customers")  # of letters that posted something
_ARRIVALS = ("number", "sha256", "mailbox", "source", "received_at", "raw", "oversize", *_SENDERS)
_REACHED = "(select coalesce(max(arrival), 0) from submissions where sequence > 0 and sequence <= :{})"
_POSTED = "(select * from submissions where sequence > 0 and sequence <= :upto)"
_NEW = "(select * from submissions where sequence > :since and sequence <= :upto)"
_QUERIES = {
    "arrivals": f"""
select {
        ", ".join(
            f"case when p.arrival is null then '' else a.{name} end as {name}" if name in _SENDERS else f"a.{name}"
            for name in _ARRIVALS
        )
    },
  case when p.arrival is null then 0 else (select count(*) from submissions s where s.arrival = a.number)
    + case when a.outcome = 'failed' then 1 else 0 end end as forms
from arrivals a left join (select distinct arrival from {_POSTED} x) p on p.arrival = a.number
where (a.number > {_REACHED.format("since")} and a.number <= {_REACHED.format("upto")})
  or a.number in (select arrival from {_NEW} n) order by a.number""",  # noqa: S608
    "submissions": f"select {{columns}} from {_NEW} n order by n.sequence",  # noqa: S608
    "findings": f"select {{columns}} from findings where submission in (select id from {_NEW} n) order by id",  # noqa: S608
    "act_answers": f"select {{columns}} from act_answers where submission in (select id from {_NEW} n) "
    "order by submission, act",  # noqa: S608
    # a version that tells again what is still to come was put with the one above it
    "customer_versions": """
select {columns} from (
  select v.*, max(coalesce(s.sequence, 0)) over (partition by v.bin order by v.number) as put_by
  from customer_versions v left join submissions s on s.id = v.submission
) w where put_by > :since and put_by <= :upto or (:since = 0 and put_by = 0) order by bin, number""",
    "closes": "select {columns} from closes where month = :month and number = :number",
}
_LEFT_OUT = {
    "submissions": ("replaced_by", "task"), "findings": ("id",), "act_answers": ("task",),
    "closes": ("reopened_at", "reason"),
}  # fmt: skip
JOURNAL_TABLES = tuple(_QUERIES)
_FORMS = ("forms", pa.int64())  # how many forms a letter had, as far as it is known; 0 of one that posted nothing


def book_rows(database: Database, close: CloseRecord, since: int) -> dict[str, pa.Table]:
    """Return rows of the journal's tables by name, as the database keeps them. `since`: the last posting that the
    workbook of the close before carries."""
    asked = {"since": since, "upto": close.sequence, "month": str(close.month), "number": close.number}
    found = {}
    for name, query in _QUERIES.items():
        schema = book_schema(name)
        statement = text(query.replace("{columns}", ", ".join(schema.names)))
        wanted = {key: value for key, value in asked.items() if f":{key}" in query}
        with database.connect_for_queries() as connection:
            rows = [dict(row) for row in connection.execute(statement, wanted).mappings()]
        found[name] = pa.Table.from_pylist([_plain(row, schema) for row in rows], schema=schema)
    return found


def book_schema(name: str) -> pa.Schema:
    """Return the columns of a journal's table that a workbook carries."""
    table = t.metadata.tables[name]
    if name == "arrivals":
        return pa.schema([*((one, _type(table.c[one])) for one in _ARRIVALS), _FORMS])
    left_out = _LEFT_OUT.get(name, ())
    return pa.schema([(column.name, _type(column)) for column in table.columns if column.name not in left_out])


def _type(column: Column[Any]) -> pa.DataType:
    if isinstance(column.type, Boolean):
        return pa.bool_()
    return pa.int64() if isinstance(column.type, Integer) or str(column.type) == "INTEGER" else pa.string()


def _plain(row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    return {
        field.name: bool(row[field.name]) if pa.types.is_boolean(field.type) else row[field.name] for field in schema
    }


def files_table(files: Sequence[FactFile], letters: Sequence[str]) -> pa.Table:
    """Return the list of the fact files whose rows a workbook carries. `letters`: the note of each (facts.py)."""
    rows = [
        {**vars(file), "month": str(file.month), "letters": note} for file, note in zip(files, letters, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=_FILES)


_FILES = pa.schema(
    [
        *((name, pa.string()) for name in ("path", "sha256", "kind", "customer", "month", "submission")),
        ("rows", pa.int64()),
        ("letters", pa.string()),
    ]
)
