"""Facts: immutable Parquet files, written before the journal names them; never changed, never erased early.

Every fact row says where it came from (`submission`, `sheet`, `row`) and which earlier row it takes the place
of (`replaces_submission`, `replaces_sheet`, `replaces_row`; null for a new row).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.files import sha256_file, whole
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.model import FactFile, Period


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


_GROUP = 1 << 15  # rows of a row group: a close in parts reads only those that hold its accounts


def write_parquet(path: Path, table: pa.Table) -> None:
    """Writes a Parquet file atomically; the same rows give the same bytes."""
    with whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", compression_level=1, row_group_size=_GROUP)


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


def read_facts(ledger: Path, kind: str, files: Sequence[FactFile]) -> pa.Table:
    """A kind's facts in force, in order of posting: rows that a later row replaces are left out.

    For what one form asks; the close reads many files through `register`. Fact files never change, so small ones
    are kept in memory.
    """
    table = _joined(ledger, kind, tuple(files))
    replaced = table.filter(pc.is_valid(table.column("replaces_row")))
    if replaced.num_rows:
        gone = _places(replaced, "replaces_submission", "replaces_sheet", "replaces_row")
        standing = pc.invert(pc.is_in(_places(table, "submission", "sheet", "row"), value_set=gone))
        table = table.filter(standing)
    order = np.asarray(pc.sort_indices(table, sort_keys=[("sequence", "ascending"), ("row", "ascending")]))
    return table if np.array_equal(order, np.arange(len(order))) else table.take(pa.array(order))


_SMALL = 20_000  # rows that are worth keeping
_KEPT = 200  # tables
_TABLES: OrderedDict[tuple[Path, ...], pa.Table] = OrderedDict()


def _joined(ledger: Path, kind: str, files: tuple[FactFile, ...]) -> pa.Table:
    """All rows of these files. A form more is the usual change: then only its file is read."""
    if not files:
        return SCHEMAS[kind].empty_table()
    paths = tuple(ledger / file.path for file in files)
    kept = _TABLES.get(paths)
    if kept is None:
        before = _TABLES.pop(paths[:-1], None)
        read = [_read(path, kind) for path in (paths if before is None else paths[-1:])]
        kept = pa.concat_tables(read if before is None else [before, *read]).combine_chunks()
        if kept.num_rows <= _SMALL:
            _TABLES[paths] = kept
            if len(_TABLES) > _KEPT:
                _TABLES.popitem(last=False)
    return kept


def _read(path: Path, kind: str) -> pa.Table:
    return fit(kind, pq.ParquetFile(path).read())  # older files may lack a column


def _places(table: pa.Table, submission: str, sheet: str, row: str) -> pa.Array:
    """Where rows stand, a text each: submission, row, sheet."""
    parts = (table.column(submission), pc.cast(table.column(row), pa.string()), table.column(sheet))
    return pc.binary_join_element_wise(*parts, "/").combine_chunks()


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
    columns = ", ".join(SCHEMAS[kind].names)
    connection.register(f"shape_{kind}", SCHEMAS[kind].empty_table())
    source = f"select * from shape_{kind}"  # noqa: S608
    if files:  # older files may lack a column
        paths = ", ".join("'" + str(ledger / file.path).replace("'", "''") + "'" for file in files)
        source += f" union all by name select * from read_parquet([{paths}], union_by_name = true)"  # noqa: S608
    connection.execute(f"create or replace temp view every_{kind} as select {columns} from ({source})")  # noqa: S608
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
