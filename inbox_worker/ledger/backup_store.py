"""A place of backups: `objects/`, each file once under its SHA-256, and `backups/`, a list of files for every backup.

A list gets its name when all that it names is on the disk, and no object is written twice: a kill at any moment leaves
every earlier backup whole, and the new one whole or absent.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from inbox_worker.core.errors import JobError, UseError
from inbox_worker.core.files import (
    PRIVATE_FILE,
    make_folder,
    open_file,
    open_lock,
    read_file,
    sha256,
    sync_disk,
    sync_folder,
    whole,
)
from inbox_worker.ledger.mark import JournalHead

KIND = "inbox-worker-backup-1"
_PIECE = 1 << 20
_AT_ONCE = 1000  # files that are made durable together


class BackupError(JobError):
    """A backup cannot be made, or what lies in its place is not what it was; the text names it and what to do."""


@dataclass(frozen=True)
class KeptFile:
    """A file or folder of the home. `path`: below the home; `sha256`: '' for a folder. `seen`: size and times of
    change, by which the next backup knows that it is the same."""

    path: str
    sha256: str
    size: int
    mode: int
    seen: tuple[int, ...] = ()


@dataclass(frozen=True)
class KeptJournal:
    """The journal's copy: in which database it was, and its state, that of all the files."""

    database: str
    sha256: str
    size: int
    head: JournalHead


@dataclass(frozen=True)
class BackupList:
    """One backup: a journal and the files that belong to it, by path."""

    number: int
    made_at: str
    version: str
    journal: KeptJournal
    files: Mapping[str, KeptFile]


class BackupStore:
    """One place of backups; several backups of one home share its objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lists = folder / "backups"
        self._incoming = folder / "incoming"
        self._new: dict[str, int] = {}  # objects that have no name yet

    @contextmanager
    def writing_alone(self) -> Iterator[None]:
        """Let no other backup write here meanwhile. Raises BackupError at once when one does."""
        make_folder(self.folder)
        with open_lock(self.folder / ".lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"another backup into {self.folder} is running; wait until it ends") from None
            try:
                self._clear()  # what a kill left: it may be torn
                yield
            finally:
                self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._new.clear()

    def object(self, digest: str) -> Path:
        """Return the place of the bytes with this hash."""
        return self.folder / "objects" / digest[:2] / digest

    def has(self, digest: str, size: int) -> bool:
        """Tell whether bytes with this hash and size are kept."""
        if digest in self._new:
            return True
        place = self.object(digest)
        return place.is_file() and place.stat().st_size == size

    def keep(self, source: Path) -> tuple[str, int, bool]:
        """Keep the bytes of a file as they are read now. Return their hash, their number, and whether they are new.
        They have their name after `settle`."""
        copy = self._incoming / "copy.tmp"
        try:
            make_folder(self._incoming)
            digest, size = copy_hashed(source, copy)
        except OSError as error:
            place = error.filename or str(source if error.errno == errno.EIO else self.folder)
            raise OSError(error.errno, error.strerror or str(error), place) from error
        if self.has(digest, size):
            return digest, size, False
        copy.replace(self._incoming / digest)
        self._new[digest] = size
        if len(self._new) >= _AT_ONCE:
            self.settle()
        return digest, size, True

    def settle(self) -> None:
        """Give new objects their names, when they are on the disk: an object that has its name is whole."""
        if not self._new:
            return
        sync_disk(self._incoming)
        for digest in self._new:
            make_folder(self.object(digest).parent)
            (self._incoming / digest).replace(self.object(digest))
        self._new.clear()
        sync_disk(self._incoming)

    def numbers(self) -> list[int]:
        """Return the numbers of the backups that are here, oldest first."""
        names = (path.stem for path in self.lists.glob("*.jsonl"))
        return sorted(int(name) for name in names if name.isdecimal())

    def list_of(self, number: int) -> Path:
        """Return the place of a backup's list."""
        return self.lists / f"{number:06d}.jsonl"

    def write(self, made: BackupList) -> None:
        """Write the list: the backup is there when this returns."""
        head = {"kind": KIND, "number": made.number, "made_at": made.made_at, "version": made.version}
        journal = {**vars(made.journal), "head": vars(made.journal.head)}
        seal = hashlib.sha256()
        with whole(self.list_of(made.number)) as temporary, temporary.open("wb") as file:
            for row in ({**head, "journal": journal}, *(vars(one) for one in made.files.values())):
                line = json.dumps(row, sort_keys=True).encode() + b"\n"
                seal.update(line)
                file.write(line)
            file.write(json.dumps({"sha256": seal.hexdigest()}).encode() + b"\n")

    def read(self, number: int = 0) -> BackupList:
        """Return a backup's list, that of the newest for 0. Raises UseError when there is none, BackupError when it
        is not what was written."""
        here = self.numbers()
        if not here:
            raise UseError(f"there is no backup in {self.folder}; name the folder that `backup` wrote into")
        if number and number not in here:
            raise UseError(f"there is no backup {number} in {self.folder}; there are {', '.join(map(str, here))}")
        path = self.list_of(number or here[-1])
        lines = read_file(path).splitlines(keepends=True)
        try:
            rows = [json.loads(line) for line in lines]
            sealed = rows[-1]["sha256"]
        except (ValueError, LookupError, TypeError):
            sealed = ""
        if not sealed or sha256(b"".join(lines[:-1])) != sealed:
            earlier = f"; `--number {here[-2]}` restores the one before" if len(here) > 1 and not number else ""
            raise BackupError(f"{path} differs from the list that was written{earlier}")
        return _list_of(path, rows[0], rows[1:-1])


def copy_hashed(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file's bytes; return their hash and number. Whoever names the copy makes it durable first."""
    hashing, size = hashlib.sha256(), 0
    with open_file(source) as file, target.open("wb") as copy:
        os.fchmod(copy.fileno(), PRIVATE_FILE)
        while piece := file.read(_PIECE):
            hashing.update(piece)
            size += len(piece)
            copy.write(piece)
    return hashing.hexdigest(), size


def _list_of(path: Path, head: dict[str, Any], rows: list[dict[str, Any]]) -> BackupList:
    if head.get("kind") != KIND:
        raise BackupError(f"{path} was written by another version of inbox-worker; restore with that one")
    words = head["journal"]
    journal = KeptJournal(**{**words, "head": JournalHead(**words["head"])})
    files = [KeptFile(**{**row, "seen": tuple(row["seen"])}) for row in rows]
    for file in files:
        place = PurePosixPath(file.path)
        if place.is_absolute() or ".." in place.parts:
            raise BackupError(f"{path} names {file.path!r}, which is outside a home; it is no backup of ours")
    return BackupList(head["number"], head["made_at"], head["version"], journal, {one.path: one for one in files})


def forget_backups(store: BackupStore, keep: int) -> int:
    """Remove all but the newest `keep` backups, with the objects that no other names. Return how many were removed."""
    numbers = store.numbers()
    if not keep or len(numbers) <= keep:
        return 0
    named: set[str] = set()
    for number in numbers[-keep:]:  # read before anything goes: a damaged list ends this
        kept = store.read(number)
        named |= {kept.journal.sha256, *(file.sha256 for file in kept.files.values())}
    for number in numbers[:-keep]:
        store.list_of(number).unlink()
    sync_folder(store.lists)
    for place in (store.folder / "objects").glob("??/*"):
        if place.name not in named:
            place.unlink()
    return len(numbers) - keep
