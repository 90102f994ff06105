"""Personal data of consumers in facts and closes: in which columns they stand, and files written anew without them
(4.1.12, 8.10). Accounts, keys, money and the order of rows stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.files import PRIVATE_FILE, make_folder, sha256_file, sync_folder
from inbox_worker.ledger.leftover import list_aside
from inbox_worker.ledger.packing import packing_as

PLACES = "places"  # of a close; every other kind is one of facts
# Columns that make a person known, by kind of file; a correction with a name has it in `was` and `becomes`, too.
PERSONAL: Mapping[str, Sequence[str]] = {
    "directory": ("name", "address", "flat", "email"),
    "new_houses": ("name", "address", "flat"),
    "directory_corrections": ("name",),
    "repair_schedule": ("flat",),
    PLACES: ("name", "address", "flat"),
}
_BESIDE: Mapping[str, Sequence[str]] = {"directory_corrections": ("was", "becomes")}  # where the others are filled
_OF_A_PERSON = ("name", "email", "was", "becomes")


def find_named(path: Path, kind: str, asked: pa.Array) -> list[str]:
    """Return which of the accounts asked have a value in any of the columns, sorted; a file that an earlier version
    wrote may lack some. `path`: of a file that is what the journal names."""
    rows = _read_filled(path, kind, asked, PERSONAL[kind])
    return sorted(set(rows["account"].to_pylist()))


def find_named_aside(ledger: Path, accounts: Collection[str]) -> Iterator[tuple[Path, set[str]]]:
    """Yield each file of facts and closes that was moved aside with those of the accounts whose data it holds: all of
    one that cannot be read, for it may hold anybody's."""
    asked = pa.array(sorted(accounts), pa.string())
    for path in list_aside(ledger) if accounts else ():
        kind = path.name.partition(".")[0].partition("-")[0]
        if path.suffix == ".parquet" and kind in PERSONAL:
            try:
                named = set(find_named(path, kind, asked))
            except (pa.ArrowException, OSError):
                named = set(accounts)
            if named:
                yield path, named


def read_words(path: Path, kind: str, asked: pa.Array) -> dict[str, set[str]]:
    """Return names and e-mail addresses of the accounts asked."""
    rows = _read_filled(path, kind, asked, PERSONAL[kind])
    found: dict[str, set[str]] = {}
    for name in set(rows.column_names).intersection(_OF_A_PERSON):
        for account, word in zip(rows["account"].to_pylist(), rows[name].to_pylist(), strict=True):
            if word:
                found.setdefault(account, set()).add(word)
    return found


def _read_filled(path: Path, kind: str, asked: pa.Array, columns: Sequence[str]) -> pa.Table:
    """Read the rows of the accounts asked that have a value in any of the columns."""
    there = [name for name in (*columns, *_BESIDE.get(kind, ())) if name in pq.read_schema(path).names]
    rows = pq.read_table(path, columns=["account", *there])
    return rows.filter(pc.and_(pc.is_in(rows["account"], asked), _is_filled(rows, columns)))


def _is_filled(rows: pa.Table, columns: Sequence[str]) -> pa.ChunkedArray:
    found = pa.chunked_array([pa.repeat(False, rows.num_rows)])
    for name in set(columns).intersection(rows.column_names):
        found = pc.or_(found, pc.not_equal(pc.fill_null(rows[name], ""), ""))
    return found


def write_cleared(path: Path, kind: str, accounts: pa.Array, folder: Path) -> str:
    """Write a file into a folder without the personal data of some accounts, whole and durable, under the name that
    `find_staged` tells; return its hash. Groups of rows, formats, notes and packing stay those of the file."""
    make_folder(folder)
    temporary = folder / f".{path.name}.tmp"
    source = pq.ParquetFile(path)
    with pq.ParquetWriter(temporary, source.schema_arrow, **packing_as(source)) as writer:
        for number in range(source.num_row_groups):
            rows = _clear(source.read_row_group(number), kind, accounts)
            writer.write_table(rows.combine_chunks(), row_group_size=max(rows.num_rows, 1))
    with temporary.open("rb+") as file:
        os.fchmod(file.fileno(), PRIVATE_FILE)
        os.fsync(file.fileno())
    digest = sha256_file(temporary)
    temporary.replace(find_staged(folder, digest))
    sync_folder(folder)
    return digest


def find_staged(folder: Path, sha256: str) -> Path:
    """Return where a file that was written anew waits to be put into its place."""
    return folder / f"{sha256}.parquet"


def _clear(rows: pa.Table, kind: str, accounts: pa.Array) -> pa.Table:
    gone = pc.and_(pc.is_in(rows["account"], accounts), _is_filled(rows, PERSONAL[kind]))
    for name in (*PERSONAL[kind], *_BESIDE.get(kind, ())):
        if name in rows.column_names:
            place = rows.column_names.index(name)
            field = rows.schema.field(place)
            rows = rows.set_column(place, field, pc.if_else(gone, pa.scalar(None, field.type), rows[name]))
    return rows
