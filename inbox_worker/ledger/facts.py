"""Facts: immutable Parquet files, written before the journal names them; never changed, never erased early.

Every fact row says where it came from (`submission`, `sheet`, `row`) and which earlier row it takes the place
of (`replaces_submission`, `replaces_sheet`, `replaces_row`; null for a new row).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.files import sha256_file, whole
from inbox_worker.model import FactFile, Period

MONEY, TARIFF, QUANTITY = pa.decimal128(18, 2), pa.decimal128(18, 4), pa.decimal128(18, 3)
PERCENT = pa.decimal128(9, 4)
STATED_PERCENT, STATED_NUMBER = pa.decimal128(18, 4), pa.decimal128(18, 6)

_COMMON = {
    "customer": pa.string(),
    "month": pa.date32(),
    "submission": pa.string(),
    "sequence": pa.int64(),
    "sheet": pa.string(),
    "row": pa.int32(),
    "replaces_submission": pa.string(),
    "replaces_sheet": pa.string(),
    "replaces_row": pa.int32(),
}
_OWN: dict[str, dict[str, pa.DataType]] = {
    "tariffs": {
        "service": pa.string(),
        "house": pa.string(),
        "base": pa.string(),
        "tariff": TARIFF,
        "from_month": pa.date32(),
        "applies_from": pa.date32(),
        "basis": pa.string(),
    },
    "recalculations": {
        "account": pa.string(),
        "service": pa.string(),
        "past_month": pa.date32(),
        "amount": MONEY,
        "basis": pa.string(),
    },
    "meter_readings": {
        "account": pa.string(),
        "service": pa.string(),
        "meter": pa.string(),
        "previous": QUANTITY,
        "current": QUANTITY,
        "taken_on": pa.date32(),
        "rollover": QUANTITY,  # what the meter counts before it starts from zero again; null = it did not
    },
    "undelivered": {
        "account": pa.string(),
        "house": pa.string(),
        "service": pa.string(),
        "from_date": pa.date32(),
        "to_date": pa.date32(),
        "days": pa.int64(),
        "reason": pa.string(),
    },
    "new_houses": {
        "house": pa.string(),
        "address": pa.string(),
        "flat": pa.string(),
        "account": pa.string(),
        "name": pa.string(),
        "area": QUANTITY,
        "residents": pa.int64(),
        "services": pa.string(),  # codes joined by `;`
        "from_date": pa.date32(),
        "basis": pa.string(),
    },
    "directory_corrections": {
        "account": pa.string(),
        "indicator": pa.string(),
        "was": pa.string(),
        "becomes": pa.string(),
        "name": pa.string(),
        "area": QUANTITY,
        "residents": pa.int64(),
        "service": pa.string(),
        "from_date": pa.date32(),
        "basis": pa.string(),
    },
    "service_charges": {
        "account": pa.string(),
        "service": pa.string(),
        "tariff": TARIFF,
        "charged": MONEY,
        "balance": MONEY,
    },
    "repair_schedule": {
        "account": pa.string(),
        "flat": pa.string(),
        "service": pa.string(),
        "pay_month": pa.date32(),
        "charge": MONEY,
        "operator_fee": MONEY,
        "bank_fee": MONEY,
        "total": MONEY,
    },
    "penalty_notice": {
        "service": pa.string(),
        "rate": STATED_PERCENT,
        "coefficient": STATED_NUMBER,
        "grace_days": pa.int64(),
        "cap": STATED_PERCENT,  # per cent of the debt
        "from_date": pa.date32(),
        "basis": pa.string(),
    },
    "requisites": {
        "indicator": pa.string(),
        "was": pa.string(),
        "becomes": pa.string(),
        "bin": pa.string(),
        "bic": pa.string(),
        "iban": pa.string(),
        "kbe": pa.string(),
        "emails": pa.string(),
        "changed_on": pa.date32(),
    },
    "representative": {
        "name": pa.string(),
        "role": pa.string(),
        "iin": pa.string(),
        "minutes": pa.string(),
        "appointment": pa.string(),
        "changed_on": pa.date32(),
    },
    "house_exit": {
        "house": pa.string(),
        "left_on": pa.date32(),
        "reason": pa.string(),
        "learned_on": pa.date32(),
        "new_body": pa.string(),
    },
    "request": {
        "kind": pa.string(),
        "parameter": pa.string(),
        "since": pa.date32(),
    },
    "act_response": {
        "act": pa.string(),
        "answer": pa.string(),
        "answered_on": pa.date32(),
        "reason": pa.string(),
    },
    "directory": {
        "house": pa.string(),
        "address": pa.string(),
        "flat": pa.string(),
        "account": pa.string(),
        "name": pa.string(),
        "area": QUANTITY,
        "residents": pa.int64(),
        "service": pa.string(),
        "base": pa.string(),
        "tariff": TARIFF,
        "meter": pa.string(),
        "reading": QUANTITY,
        "from_month": pa.date32(),
        "balance": MONEY,
        "email": pa.string(),
    },
    "customers": {
        "bin": pa.string(),
        "name": pa.string(),
        "kind": pa.string(),
        "contract": pa.string(),
        "contract_date": pa.date32(),
        "valid_until": pa.date32(),
        "emails": pa.string(),
        "bic": pa.string(),
        "iban": pa.string(),
        "kbe": pa.string(),
        "head": pa.string(),
        "address": pa.string(),
        "utilities": pa.bool_(),
        "attested_until": pa.date32(),
    },
    "bank_register": {
        "payment": pa.string(),
        "bank": pa.string(),
        "paid_on": pa.date32(),
        "number": pa.string(),
        "account": pa.string(),
        "payee": pa.string(),
        "service": pa.string(),
        "amount": MONEY,
    },
    "allocations": {
        "payment": pa.string(),
        "bank": pa.string(),
        "paid_on": pa.date32(),
        "number": pa.string(),
        "account": pa.string(),
        "service": pa.string(),
        "amount": MONEY,
        "opening_part": MONEY,
        "month_part": MONEY,
        "opening_penalty_part": MONEY,
        "penalty_part": MONEY,
        "advance_part": MONEY,
        "percent": PERCENT,
        "fee": MONEY,
    },
    "suspense": {
        "payment": pa.string(),
        "bank": pa.string(),
        "paid_on": pa.date32(),
        "number": pa.string(),
        "account": pa.string(),
        "payee": pa.string(),
        "service": pa.string(),
        "amount": MONEY,
        "reason": pa.string(),
    },
}
SCHEMAS: dict[str, pa.Schema] = {kind: pa.schema({**_COMMON, **own}) for kind, own in _OWN.items()}


def write_facts(ledger: Path, kind: str, folder: str, month: Period, submission: str, table: pa.Table) -> FactFile:
    """Writes one immutable file of facts, whole and durable, and tells what to name in the journal."""
    fitted = fit(kind, table)
    path = ledger / "facts" / folder / str(month) / f"{kind}-{submission}.parquet"
    write_parquet(path, fitted)
    return FactFile(
        path=path.relative_to(ledger).as_posix(),
        sha256=sha256_file(path),
        kind=kind,
        customer=folder,
        month=month,
        submission=submission,
        rows=fitted.num_rows,
    )


def write_parquet(path: Path, table: pa.Table) -> None:
    """Writes a Parquet file atomically; the same rows give the same bytes."""
    with whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", compression_level=1)


def fit(kind: str, table: pa.Table) -> pa.Table:
    """The table in the kind's schema: missing columns are null, others are dropped."""
    schema = SCHEMAS[kind]
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    return pa.table(columns, schema=schema)


def scratch() -> duckdb.DuckDBPyConnection:
    """This thread's DuckDB in memory for small questions: to open one takes longer than most answers.

    Every question registers the facts it needs anew. The close has connections of its own.
    """
    connection: duckdb.DuckDBPyConnection | None = getattr(_LOCAL, "connection", None)
    if connection is None:
        connection = _LOCAL.connection = duckdb.connect()
    return connection


_LOCAL = threading.local()


def register(connection: duckdb.DuckDBPyConnection, ledger: Path, kind: str, files: Sequence[FactFile]) -> None:
    """Makes a kind's facts in force a view of that name in DuckDB: rows that a later row replaces are left out."""
    if files:
        paths = ", ".join("'" + str(ledger / file.path).replace("'", "''") + "'" for file in files)
        columns = ", ".join(SCHEMAS[kind].names)
        connection.register(f"shape_{kind}", SCHEMAS[kind].empty_table())  # older files may lack a column
        source = (
            f"select {columns} from (select * from shape_{kind} "  # noqa: S608
            f"union all by name select * from read_parquet([{paths}], union_by_name = true))"
        )
        connection.execute(f"create or replace temp view every_{kind} as {source}")
    else:
        connection.register(f"every_{kind}", SCHEMAS[kind].empty_table())
    connection.execute(_IN_FORCE.format(kind=kind))


_IN_FORCE = """
create or replace temp view {kind} as
select f.* from every_{kind} f
left join (
  select replaces_submission as s, replaces_sheet as h, replaces_row as r
  from every_{kind} where replaces_row is not null
) x on x.s = f.submission and x.h = f.sheet and x.r = f.row
where x.r is null
"""
