"""A closed month on disk: `ledger/closes/<month>/*.parquet`, whole or absent, the same bytes for the same facts."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.files import sha256_file, sync_folder

FILES = ("lines", "recalculations", "payments", "suspense", "places", "estimates")
_LATER = ("estimates",)  # closes made by earlier versions do not have them


def close_hash(folder: Path) -> str:
    """One hash over the close's files: what the journal, documents and workbooks name."""
    digest = hashlib.sha256()
    for name in _names(folder):
        digest.update(f"{name}:{sha256_file(folder / f'{name}.parquet')}\n".encode())
    return digest.hexdigest()


def _names(folder: Path) -> list[str]:
    return [name for name in FILES if name not in _LATER or (folder / f"{name}.parquet").exists()]


def write_close(folder: Path, tables: Mapping[str, pa.Table]) -> str:
    """Writes all tables beside the place and gives the finished folder its name. Returns its hash."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        for name in FILES:
            _write_table(temporary / f"{name}.parquet", tables[name])
        sync_folder(temporary)
        digest = close_hash(temporary)
        temporary.rename(folder)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs its room back
        raise OSError(error.errno, error.strerror or str(error), str(folder)) from error
    sync_folder(folder.parent)
    return digest


def _write_table(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=1)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def clear_place(folder: Path, reopened: Mapping[str, int]) -> None:
    """Makes room for a close: a reopened close keeps its files under its number, a half-made one goes.

    `reopened`: hash -> number of the month's closes that were reopened.
    """
    if not folder.exists():
        return
    number = (
        reopened.get(close_hash(folder)) if all((folder / f"{n}.parquet").exists() for n in _names(folder)) else None
    )
    kept = folder.with_name(f"{folder.name}.{number}")
    if number is None or kept.exists():  # a close with the figures of a kept one, not recorded yet
        shutil.rmtree(folder)
    else:
        folder.rename(kept)
    sync_folder(folder.parent)


def read_close(folder: Path) -> dict[str, pa.Table]:
    """All tables of a close."""
    return {name: pq.read_table(folder / f"{name}.parquet") for name in _names(folder)}
