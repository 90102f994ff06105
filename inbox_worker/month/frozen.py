"""A closed month on disk: `ledger/closes/<month>/*.parquet`, whole or absent, the same bytes for the same facts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import PRIVATE_FILE, make_folder, remedy_of, sha256, sync_folder
from inbox_worker.core.hashes import RESTORE, DamagedFile, hash_of, lack, require, storage_of, trouble_here
from inbox_worker.core.model import Period
from inbox_worker.ledger.closes import CLOSE_FORMAT, CloseRecord, Closes, FilesOfClose
from inbox_worker.ledger.leftover import set_aside
from inbox_worker.ledger.packing import EARLIER, packing_of

FILES = ("lines", "recalculations", "payments", "suspense", "places", "estimates", "steps", "past_steps")
GROUP_ROWS = 131_072  # a range of accounts is read without the rest
_STEPS = ("steps", "past_steps")  # of charges by steps of consumption: a close without any has no such file
_LATER = ("estimates", *_STEPS)  # closes made by earlier versions do not have them

_JOURNAL = "restore the journal, with the files that belong to it, from one backup"


def close_hash(folder: Path) -> str:
    """Return one hash over the close's files: what the journal, documents and workbooks name."""
    return hash_over(file_hashes(folder))


def file_hashes(folder: Path) -> dict[str, str]:
    """Return name -> hash of each of the close's files."""
    names = [name for name in FILES if name not in _LATER or (folder / f"{name}.parquet").exists()]
    return {name: hash_of(folder / f"{name}.parquet") for name in names}


def hash_over(hashes: Mapping[str, str]) -> str:
    """Return the hash of a close over the hashes of its files, in the order of `file_hashes`."""
    return sha256("".join(f"{name}:{digest}\n" for name, digest in hashes.items()).encode())


class NewerFormat(JobError):
    """A close was written by a newer program in a format that this one does not know."""

    def __init__(self, path: Path, format_: int) -> None:
        self.what = f"has format {format_}, and this program reads formats up to {CLOSE_FORMAT}"
        self.remedy = "use the inbox-worker that closed the month, or a newer one"
        super().__init__(f"{path} {self.what}; {self.remedy}")


@dataclass(frozen=True)
class FrozenClose:
    """A close as the journal names it. `sha256`: over all its files as the month was closed; `files`: name -> hash of
    each as it is now, none of a close that an earlier version made; `formats`: name -> version of the file's format, 0
    before formats had versions; `files_then`: as the month was closed, before consumers who left were taken out."""

    folder: Path
    sha256: str
    files: Mapping[str, str]
    formats: Mapping[str, int] = field(default_factory=dict)
    files_then: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256_now(self) -> str:
        """Return the hash over all its files as they are now."""
        return (
            hash_over({name: self.files[name] for name in FILES if name in self.files}) if self.files else self.sha256
        )

    def file(self, name: str) -> Path | None:
        """Return a file of the close, compared with its hash; None when closes of that time had no such file. Raises
        DamagedFile, and NewerFormat for one that would be read wrongly."""
        path = self.folder / f"{name}.parquet"
        for newer in self._find_newer():
            raise newer
        if self.files:
            return require(path, self.files[name]) if name in self.files else None
        what, remedy = self._trouble()
        if what:
            raise DamagedFile(self.folder, what, remedy)
        return path if path.exists() else None

    def files_needed(self, *names: str) -> dict[str, Path]:
        """Return files that every close has, by name. Raises DamagedFile."""
        found = {name: self.file(name) for name in names}
        return {name: path for name, path in found.items() if path is not None}

    def problems(self) -> list[tuple[Path, str, str]]:
        """Return every file that is not what the journal names, what is wrong with it, and what to do."""
        if self.files:
            paths = {self.folder / f"{name}.parquet": digest for name, digest in self.files.items()}
            found = [*self._disagreement(), *((path, *trouble_here(path, digest)) for path, digest in paths.items())]
        else:
            found = [(self.folder, *self._trouble())]
        return [*self._tell_newer(), *(one for one in found if one[1])]

    def missing_files(self) -> list[tuple[Path, str, str]]:
        """Return the same without a look at the bytes: files that are not there or cannot be read."""
        paths = [self.folder / f"{name}.parquet" for name in self.files or ("lines",)]
        found = [*self._disagreement(), *(one for one in ((path, *lack(path)) for path in paths) if one[1])]
        return [*self._tell_newer(), *found]

    def _disagreement(self) -> Iterator[tuple[Path, str, str]]:
        """Tell when the hashes of the files are not those that the close's own hash is made of."""
        then = self.files_then or self.files
        if then and hash_over({name: then[name] for name in FILES if name in then}) != self.sha256:
            yield self.folder, "is named otherwise as a whole than file by file: the journal was changed", _JOURNAL

    def _find_newer(self) -> Iterator[NewerFormat]:
        for name, format_ in self.formats.items():
            if format_ > CLOSE_FORMAT:
                yield NewerFormat(self.folder / f"{name}.parquet", format_)

    def _tell_newer(self) -> list[tuple[Path, str, str]]:
        return [(self.folder, newer.what, newer.remedy) for newer in self._find_newer()][:1]

    def _trouble(self) -> tuple[str, str]:
        """Return what is wrong with a close whose files have no hashes of their own, and what to do; '' when nothing
        is."""
        try:
            found = close_hash(self.folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            return f"lacks {Path(error.filename).name}, and the journal names it", RESTORE
        except OSError as error:
            return f"cannot be read: {error.strerror or error}", remedy_of(error)
        return ("", "") if found == self.sha256 else ("holds a file that differs from what was closed", RESTORE)


def frozen_close(record: CloseRecord, folder: Path, files: FilesOfClose) -> FrozenClose:
    """Return the close of a record, in a folder."""
    return FrozenClose(folder, record.sha256, files.now, files.formats, files.then)


def find_reopened(closes: Closes, month: Period, folder: Path) -> dict[str, int]:
    """Return the number of each of the month's reopened closes, by the hash over its files as they are now."""
    records, files = [one for one in closes.all() if one.month == month and one.reopened_at], closes.files_of(month)
    return {frozen_close(one, folder, files[month, one.number]).sha256_now: one.number for one in records}


class CloseWriter:
    """Writes a close range by range beside its place; `finish` gives the whole folder its name.

    Used in a `with`: what was not finished is removed, for a full disk needs its room back. `earlier`: pack files as
    earlier programs did, so that a close of theirs that is written again is the same bytes.
    """

    def __init__(self, folder: Path, *, earlier: bool = False) -> None:
        self.folder = folder
        self.earlier = earlier
        self.temporary = folder.with_name(f".{folder.name}.tmp")
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, pa.Table] = {}  # rows that do not fill a group yet

    def __enter__(self) -> Self:
        shutil.rmtree(self.temporary, ignore_errors=True)
        with self._name_folder():
            make_folder(self.temporary)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what it could not write was reported already
            self._end()
        shutil.rmtree(self.temporary, ignore_errors=True)

    def add(self, tables: Mapping[str, Iterable[pa.Table]]) -> None:
        """Add rows that follow those added before, by file. Groups of rows are of one size, so that the ranges that
        a month was computed in change no byte."""
        for name, parts in tables.items():
            for table in parts:
                self._add(name, table)

    def _add(self, name: str, table: pa.Table) -> None:
        with self._name_folder():
            if name in _STEPS and name not in self._writers and not table.num_rows:
                return
            if name not in self._writers:
                path = self.temporary / f"{name}.parquet"
                packing = EARLIER if self.earlier else packing_of(table.schema)
                self._writers[name] = pq.ParquetWriter(path, table.schema, **packing)
                self._waiting[name] = table.schema.empty_table()
            rows = pa.concat_tables([self._waiting[name], table])
            full = rows.num_rows - rows.num_rows % GROUP_ROWS
            self._write(name, rows.slice(0, full))
            self._waiting[name] = rows.slice(full)

    def _write(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._writers[name].write_table(rows.combine_chunks(), row_group_size=GROUP_ROWS)

    def finish(self) -> str:
        """Make the files durable, give the folder its name and return the close's hash."""
        with self._name_folder():
            for name, rows in self._waiting.items():
                self._write(name, rows)
            self._end()
            for path in self.temporary.iterdir():
                with path.open("rb+") as file:
                    os.fchmod(file.fileno(), PRIVATE_FILE)
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
    def _name_folder(self) -> Iterator[None]:
        """Name the close's folder in an error of the disk."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(self.folder)) from error


def clear_place(folder: Path, reopened: Mapping[str, int]) -> None:
    """Make room for a close: a reopened close keeps its files under its number, a half-made one goes.

    `reopened`: hash -> number of the month's closes that were reopened. Raises DamagedFile when it is a reopened one
    that was changed since: it is proof of what was published then.
    """
    if not folder.exists():
        return
    whole = all((folder / f"{name}.parquet").exists() for name in FILES if name not in _LATER)
    number = reopened.get(close_hash(folder)) if whole else None
    if storage_of(folder / "lines.parquet"):  # a copy: what was closed lies in the storage
        kept = folder.with_name(f"{folder.name}.{number}")
        if number is None or kept.exists():
            set_aside(folder.parents[1], folder)
        else:
            folder.rename(kept)
        sync_folder(folder.parent)
        return
    if number is None and any(not folder.with_name(f"{folder.name}.{kept}").exists() for kept in reopened.values()):
        raise DamagedFile(folder, "is a reopened close, and differs from what was closed")
    kept = folder.with_name(f"{folder.name}.{number}")
    if number is None or kept.exists():  # a close with the figures of a kept one, not recorded yet
        shutil.rmtree(folder)
    else:
        folder.rename(kept)
    sync_folder(folder.parent)
