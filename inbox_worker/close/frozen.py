"""A closed month on disk: `ledger/closes/<month>/*.parquet`, whole or absent, the same bytes for the same facts."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

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


class CloseWriter:
    """Writes a close range by range beside its place; `finish` gives the whole folder its name.

    Used in a `with`: what was not finished is removed, for a full disk needs its room back.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder.with_name(f".{folder.name}.tmp")
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, pa.Table] = {}  # rows that do not fill a group yet

    def __enter__(self) -> Self:
        shutil.rmtree(self.temporary, ignore_errors=True)
        with self._naming():
            self.temporary.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what it could not write was told already
            self._end()
        shutil.rmtree(self.temporary, ignore_errors=True)

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Rows that follow those added before, by file. Groups of rows are of one size, so that the ranges that a
        month was computed in change no byte."""
        with self._naming():
            for name, table in tables.items():
                if name not in self._writers:
                    path = self.temporary / f"{name}.parquet"
                    options = {"compression": "zstd", "compression_level": 1}
                    self._writers[name] = pq.ParquetWriter(path, table.schema, **options)
                    self._waiting[name] = table.schema.empty_table()
                rows = pa.concat_tables([self._waiting[name], table])
                full = rows.num_rows - rows.num_rows % _GROUP_ROWS
                self._write(name, rows.slice(0, full))
                self._waiting[name] = rows.slice(full)

    def _write(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._writers[name].write_table(rows.combine_chunks(), row_group_size=_GROUP_ROWS)

    def finish(self) -> str:
        """Makes the files durable and gives the folder its name. Returns the close's hash."""
        with self._naming():
            for name, rows in self._waiting.items():
                self._write(name, rows)
            self._end()
            for path in self.temporary.iterdir():
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
            sync_folder(self.temporary)
            digest = close_hash(self.temporary)
            self.temporary.rename(self.folder)
            sync_folder(self.folder.parent)
        return digest

    def _end(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """An error of the disk names the close's folder."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(self.folder)) from error


_GROUP_ROWS = 131_072  # a range of accounts is read without the rest


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
