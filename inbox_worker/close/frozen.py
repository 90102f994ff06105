"""A closed month on disk: `ledger/closes/<month>/*.parquet`, whole or absent, the same bytes for the same facts."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.files import sha256_file, sync_folder

FILES = ("lines", "recalculations", "payments", "suspense", "places", "estimates")
GROUP = 1 << 17  # rows of a row group
_LATER = ("estimates",)  # closes made by earlier versions do not have them


def close_hash(folder: Path) -> str:
    """One hash over the close's files: what the journal, documents and workbooks name."""
    digest = hashlib.sha256()
    for name in _names(folder):
        digest.update(f"{name}:{sha256_file(folder / f'{name}.parquet')}\n".encode())
    return digest.hexdigest()


def _names(folder: Path) -> list[str]:
    return [name for name in FILES if name not in _LATER or (folder / f"{name}.parquet").exists()]


class CloseWriter:
    """Writes a close beside its place, part by part; `finish` gives the whole folder its name. Left without that,
    nothing stays.

    Row groups are of GROUP rows however the parts come, so that bytes depend on the rows alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._temporary = folder.with_name(f".{folder.name}.tmp")
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, pa.Table] = {}

    def __enter__(self) -> CloseWriter:
        self._clear()
        with self._told():
            self._temporary.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            with suppress(OSError):
                writer.close()
        self._clear()  # a full disk needs its room back

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        """Adds rows to files of the close (FILES); every file's parts come in the order of its rows."""
        with self._told():
            for name, table in tables.items():
                self._write(name, table)

    def finish(self) -> str:
        """Makes the close durable and gives it its place, which must be free. Returns its hash."""
        with self._told():
            for name in FILES:
                self._group(name, self._waiting[name])
                self._writers[name].close()
                with (self._temporary / f"{name}.parquet").open("rb+") as file:
                    os.fsync(file.fileno())
            sync_folder(self._temporary)
            digest = close_hash(self._temporary)
            self._temporary.rename(self.folder)
        sync_folder(self.folder.parent)
        return digest

    def _write(self, name: str, table: pa.Table) -> None:
        if name not in self._writers:
            path = self._temporary / f"{name}.parquet"
            self._writers[name] = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
        waiting = self._waiting.get(name)
        rows = table if waiting is None else pa.concat_tables([waiting, table])
        full = rows.num_rows // GROUP * GROUP
        for start in range(0, full, GROUP):
            self._group(name, rows.slice(start, GROUP))
        self._waiting[name] = rows.slice(full)

    def _group(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._writers[name].write_table(rows.combine_chunks(), row_group_size=GROUP)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the disk name the close's place."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(self.folder)) from error

    def _clear(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)


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
