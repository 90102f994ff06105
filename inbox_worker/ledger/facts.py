"""Facts: immutable Parquet files, written before the journal names them; never changed, never erased early.

Every fact row says where it came from (`submission`, `sheet`, `row`) and which earlier row it takes the place
of (`replaces_submission`, `replaces_sheet`, `replaces_row`; null for a new row).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts
from inbox_worker.core.files import PRIVATE_FILE, make_folder, name_once, sha256_file, sync_folder
from inbox_worker.core.hashes import bring_ahead, require, store
from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.queries import execute, quote_sql, read_query
from inbox_worker.ledger.footers import Footer, read_footer
from inbox_worker.ledger.kept_tables import KEPT
from inbox_worker.ledger.leftover import set_aside
from inbox_worker.ledger.packing import EARLIER, packing_of_facts
from inbox_worker.ledger.schemas import SCHEMAS, declare


def write_facts(
    ledger: Path, kind: str, folder: str, month: Period, submission: str, table: pa.Table, *, then: str = ""
) -> FactFile:
    """Writes one immutable file of facts, whole and durable, into the storage, too, where the ledger has one, and
    tells what to name in the journal. `then`: the hash of a file that had these rows; packed as then if that gives it.

    Never replaces a file: what lies there already was left by a kill or a failure before the journal named it (else
    its submission would be decided). The very same facts are taken as they are; others are moved aside.
    """
    fitted = fit(kind, table)
    letters = (table.schema.metadata or {}).get(_LETTERS)
    path = ledger / "facts" / folder / str(month) / f"{kind}-{submission}.parquet"
    noted = fitted.replace_schema_metadata({_LETTERS: letters} if letters else None)
    digest = _write_once(ledger, path, noted, then)
    store(path, digest)
    KEPT.put((kind, digest), fitted)
    return FactFile(
        path=path.relative_to(ledger).as_posix(),
        sha256=digest,
        kind=kind,
        customer=folder,
        month=month,
        submission=submission,
        rows=fitted.num_rows,
    )


def _write_once(ledger: Path, path: Path, table: pa.Table, then: str) -> str:
    """Writes a Parquet file under a name that is free; the same rows give the same bytes. Its groups of rows are small
    enough for a range of accounts to be read without the rest (`month/compute.py`). Returns its hash."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)  # after a kill it may be the very file that lies under the name
        for packing in (*([EARLIER] if then else []), packing_of_facts(table.num_rows, table.schema)):
            pq.write_table(table, temporary, row_group_size=_GROUP_ROWS, **packing)
            if (digest := sha256_file(temporary)) == then:
                break
        with temporary.open("rb+") as file:
            os.fchmod(file.fileno(), PRIVATE_FILE)
            os.fsync(file.fileno())
        if path.exists() and sha256_file(path) != digest:
            set_aside(ledger, path)
        if not path.exists():
            name_once(temporary, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return digest


_GROUP_ROWS = 16_384
_LETTERS = b"letters"


def with_letters(table: pa.Table, letters: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """Return the table with a note for its fact file: the sheet column letter of each column of its form, by sheet."""
    return table.replace_schema_metadata({_LETTERS: json.dumps(letters, ensure_ascii=False)})


def letters_of(ledger: Path, file: FactFile) -> Mapping[str, Mapping[str, str]]:
    """Return what `with_letters` noted; empty for a file without the note. Raises DamagedFile."""
    metadata = pq.read_metadata(require(ledger / file.path, file.sha256)).metadata or {}
    letters: Mapping[str, Mapping[str, str]] = json.loads(metadata.get(_LETTERS, b"{}"))
    return letters


def fit(kind: str, table: pa.Table) -> pa.Table:
    """Return the table in the kind's schema: missing columns are null, others are dropped."""
    schema = SCHEMAS[kind]
    there, rows = set(table.column_names), table.num_rows
    columns = [_cast(table.column(f.name), f.type) if f.name in there else pa.nulls(rows, f.type) for f in schema]
    return pa.table(columns, schema=schema)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return column if column.type == kind else column.cast(kind)


_ALWAYS = ("submission", "sequence", "sheet", "row", "replaces_submission", "replaces_sheet", "replaces_row")


def read_facts(ledger: Path, kind: str, files: Sequence[FactFile], columns: Sequence[str] = ()) -> pa.Table:
    """Read a kind's facts in force, in order of posting: rows that a later row replaces are left out. `columns`: those
    that are needed beside the rows' places; none given = all.

    For what one form asks; the close reads many files through `register`. Fact files never change, so what was
    read last is kept in memory.
    """
    wanted = tuple(name for name in SCHEMAS[kind].names if not columns or name in columns or name in _ALWAYS)
    table = join_files(ledger, kind, tuple(files), wanted)
    if table.column("replaces_row").null_count < table.num_rows:
        replaced = table.filter(pc.is_valid(table.column("replaces_row")))
        gone = _places(replaced, "replaces_submission", "replaces_sheet", "replaces_row")
        standing = pc.invert(pc.is_in(_places(table, "submission", "sheet", "row"), value_set=gone))
        table = table.filter(standing)
    if _is_in_order(table):
        return table
    return table.take(pc.sort_indices(table, sort_keys=[("sequence", "ascending"), ("row", "ascending")]))


def _is_in_order(table: pa.Table) -> bool:
    """Return whether rows stand in order of posting, as files that are read one after another do."""
    sequence, row = (table.column(name).to_numpy() for name in ("sequence", "row"))
    later, same = sequence[1:] > sequence[:-1], sequence[1:] == sequence[:-1]
    return bool((later | (same & (row[1:] >= row[:-1]))).all())


def join_files(ledger: Path, kind: str, files: tuple[FactFile, ...], columns: tuple[str, ...]) -> pa.Table:
    """Return all rows of these files, out of memory where they were read before. A form more is the usual change: then
    only its file is read."""
    if not files:
        return SCHEMAS[kind].empty_table().select(columns)
    names = (kind, *columns, *(file.sha256 for file in files))
    known = KEPT.find(names)
    if known is not None:
        return known
    before = KEPT.take(names[:-1])
    unread = files if before is None else files[-1:]
    bring_ahead(ledger, ((file.path, file.sha256) for file in unread))
    read = [_read(ledger, kind, file, columns) for file in unread]
    joined = pa.concat_tables(read if before is None else [before, *read]).combine_chunks()
    KEPT.put(names, joined)
    return joined


def _read(ledger: Path, kind: str, file: FactFile, columns: tuple[str, ...]) -> pa.Table:
    written = KEPT.find((kind, file.sha256))  # the form before this one was posted a moment ago; it is asked for twice
    if written is not None:
        return written.select(columns)
    stored = pq.ParquetFile(require(ledger / file.path, file.sha256))
    there = [name for name in columns if name in stored.schema_arrow.names]
    return fit(kind, stored.read(there)).select(columns)  # older files may lack a column


def _places(table: pa.Table, submission: str, sheet: str, row: str) -> pa.Array:
    """Where rows stand, a text each: submission, row, sheet."""
    parts = (table.column(submission), pc.cast(table.column(row), pa.string()), table.column(sheet))
    return pc.binary_join_element_wise(*parts, "/").combine_chunks()


KNOWN = (  # kinds that count from their form's month of account (lines/known.sql)
    "tariffs", "new_houses", "directory_corrections", "service_charges", "repair_schedule", "penalty_notice",
    "meter_change",
)  # fmt: skip
# Kinds of facts whose rows are each of one account: a month can be computed of them account by account.
BY_ACCOUNT = (
    "directory", "new_houses", "directory_corrections", "service_charges", "repair_schedule", "meter_readings",
    "meter_change", "recalculations", "allocations", "bank_register", "suspense", "reassigned",
)  # fmt: skip


def of_accounts(ledger: Path, files: Sequence[FactFile], accounts: Accounts) -> list[FactFile]:
    """Find the files that may hold rows of these accounts, by what their Parquet says of itself."""
    if accounts.first is None and accounts.end is None:
        return list(files)
    bring_ahead(ledger, ((file.path, file.sha256) for file in files))
    spans = {file.path: _footer(ledger, file).accounts for file in files}
    return [file for file in files if (span := spans[file.path]) is None or accounts.may_hold(*span)]


def register(
    connection: duckdb.DuckDBPyConnection,
    ledger: Path,
    kind: str,
    files: Sequence[FactFile],
    accounts: Accounts = EVERY_ACCOUNT,
    *,
    kept: bool = False,
) -> None:
    """Makes a kind's facts in force a view of that name in DuckDB: rows that a later row replaces are left out.
    `kept`: a connection that is asked many times reads them once and keeps them; it takes each kind once.

    `accounts`: only these, of the kinds in BY_ACCOUNT. A row replaces one of its own account (the forms' keys), so
    a range of accounts is as true as the whole. Raises DamagedFile.
    """
    if kept and not files:
        execute(connection, f"create temp table every_{kind} {declare(SCHEMAS[kind])}")
    else:
        _register_rows(connection, ledger, kind, files, accounts, "table" if kept else "view")
    show_in_force(connection, ledger, kind, files)


def show_in_force(connection: duckdb.DuckDBPyConnection, ledger: Path, kind: str, files: Sequence[FactFile]) -> None:
    """Make the kind's view of the rows in force out of `every_kind`, the rows of these files."""
    name = "rows_in_force" if find_replacing(ledger, {kind: files}) else "all_in_force"
    execute(connection, read_query(__file__, name, kind=kind))


def find_replacing(ledger: Path, by_kind: Mapping[str, Sequence[FactFile]]) -> frozenset[str]:
    """Find the kinds of which a row may take the place of another, by what their files say of themselves."""
    return frozenset(
        kind for kind, files in by_kind.items() if any(_footer(ledger, file).may_replace for file in files)
    )


def _register_rows(
    connection: duckdb.DuckDBPyConnection,
    ledger: Path,
    kind: str,
    files: Sequence[FactFile],
    accounts: Accounts,
    what: str,
) -> None:
    """Makes `every_kind`, a view or table of all rows of these files."""
    columns = ", ".join(SCHEMAS[kind].names)
    source = select_stored(connection, ledger, kind, files, accounts)
    connection.execute(f"create or replace temp {what} every_{kind} as select {columns} from ({source})")  # noqa: S608


def select_stored(
    connection: duckdb.DuckDBPyConnection,
    ledger: Path,
    kind: str,
    files: Sequence[FactFile],
    accounts: Accounts = EVERY_ACCOUNT,
) -> str:
    """Return the query of the kind's rows as these files have them, of the kinds in BY_ACCOUNT only those of the
    accounts; older files may lack a column. Raises DamagedFile."""
    connection.register(f"shape_{kind}", SCHEMAS[kind].empty_table())
    nothing = f"select * from shape_{kind} where false"  # noqa: S608 - DuckDB plans nothing for what is not there
    if not files:
        return nothing
    bring_ahead(ledger, ((file.path, file.sha256) for file in files))
    paths = ", ".join(quote_sql(str(require(ledger / file.path, file.sha256))) for file in files)
    alike = all(_footer(ledger, file).is_of_today for file in files)
    begin, by_name = ("", "") if alike else (f"{nothing} union all by name ", ", union_by_name = true")
    condition = accounts.condition() if kind in BY_ACCOUNT else ""
    where = f" where {condition}" if condition else ""
    return f"{begin}select * from read_parquet([{paths}]{by_name}){where}"


def _footer(ledger: Path, file: FactFile) -> Footer:
    return read_footer(ledger / file.path, file.sha256, file.kind)
