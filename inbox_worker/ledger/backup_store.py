"""A place of backups: `objects/`, each file once under its SHA-256, and `backups/`, a list of files for every backup.

A list gets its name when all that it names is on the disk, and no object is written twice: a kill at any moment leaves
every earlier backup whole, and the new one whole or absent.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import (
    PRIVATE_FILE,
    free_path,
    make_folder,
    name_errors,
    open_file,
    open_lock,
    read_file,
    sync_disk,
    sync_folder,
    take_lock,
    whole,
    write_atomic,
)
from inbox_worker.core.hashes import lack
from inbox_worker.ledger.backup_cipher import KEY, BackupCipher, LostKey, WrongPassword, is_encrypted
from inbox_worker.ledger.backup_lists import BackupError, BackupList, DamagedList, digests_of, read_lines, write_lines

_LISTS, _UNFINISHED = "backups", "unfinished"
_PIECE = 1 << 20
_AT_ONCE = 1000  # files that are made durable together


class BackupStore:
    """One place of backups; several backups of one home share its objects. `password`: what it is encrypted with; ''
    for a place that is not. Raises UseError where the place says otherwise."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self.folder = folder
        self.lists = folder / _LISTS
        self._incoming = folder / "incoming"
        self._new: dict[str, int] = {}  # objects that have no name yet
        if not (folder / KEY).exists() and any(is_encrypted(self.list_of(number)) for number in self.numbers()[-1:]):
            raise LostKey.of(folder)
        if (folder / KEY).exists() and not password:
            raise WrongPassword(
                f"the backups in {folder} are encrypted; name their password by --password-file or "
                "INBOX_WORKER_BACKUP_PASSWORD"
            )
        if password and not (folder / KEY).exists() and self.numbers():
            raise UseError(f"the backups in {folder} are not encrypted; name a new folder for encrypted ones")
        if password:
            make_folder(folder)
        self._cipher = BackupCipher.of_place(folder, password) if password else None

    @property
    def encrypted(self) -> bool:
        """Tell whether nothing may lie here as it is in the home."""
        return self._cipher is not None

    @contextmanager
    def writing_alone(self) -> Iterator[None]:
        """Let no other backup write here meanwhile. Raises BackupError at once when one does."""
        make_folder(self.folder)
        with open_lock(self.folder / ".lock") as lock:
            if not take_lock(lock, self.folder / ".lock"):
                raise BackupError(f"another backup into {self.folder} is running; wait until it ends")
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
        name = self._cipher.name_of(digest) if self._cipher else digest
        return self.folder / "objects" / name[:2] / name

    def has(self, digest: str, size: int) -> bool:
        """Tell whether bytes with this hash and size are kept."""
        if digest in self._new:
            return True
        place = self.object(digest)
        return place.is_file() and place.stat().st_size == (self._cipher.size_of(size) if self._cipher else size)

    def copy(self, digest: str, target: Path) -> str:
        """Copy kept bytes into a file, and return the hash of what was copied; '' for bytes that cannot be read.
        Whoever names the copy makes it durable first."""
        hashing = hashlib.sha256()
        try:
            with name_errors(target), target.open("wb") as copy:
                os.fchmod(copy.fileno(), PRIVATE_FILE)
                for piece in self._pieces(self.object(digest)):
                    hashing.update(piece)
                    copy.write(piece)
        except ValueError:
            return ""
        return hashing.hexdigest()

    def is_whole(self, digest: str) -> bool:
        """Tell whether bytes with this hash are kept, and are what they were."""
        place = self.object(digest)
        if lack(place)[0]:
            return False
        hashing = hashlib.sha256()
        try:
            for piece in self._pieces(place):
                hashing.update(piece)
        except ValueError:
            return False
        return hashing.hexdigest() == digest

    def _pieces(self, place: Path) -> Iterator[bytes]:
        with open_file(place) as file:
            if self._cipher:
                yield from self._cipher.decrypt(file)
            else:
                while piece := file.read(_PIECE):
                    yield piece

    def drop_damaged(self, digests: Collection[str]) -> set[str]:
        """Remove objects that are not what they were, so that the home's files are kept anew; return their hashes."""
        damaged = {digest for digest in digests if not self.is_whole(digest)}
        for digest in damaged:
            self.object(digest).unlink(missing_ok=True)
        return damaged

    def set_damaged_lists_aside(self, *, every: bool) -> list[Path]:
        """Give the newest list, or `every` one, another name where it is not what was written (a copy that was torn):
        it keeps no further backup from being made. Return where they are."""
        found = []
        for number in self.numbers() if every else self.numbers()[-1:]:
            try:
                self.read(number)
            except DamagedList:
                place = free_path(self.list_of(number).with_suffix(".damaged"))
                self.list_of(number).rename(place)
                found.append(place)
        return found

    def keep(self, source: Path) -> tuple[str, int, bool]:
        """Keep the bytes of a file as they are read now. Return their hash, their number, and whether they are new.
        They have their name after `settle`."""
        copy = self._incoming / "copy.tmp"
        try:
            make_folder(self._incoming)
            digest, size = copy_hashed(source, copy, self._cipher)
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
        return numbers_in(self.folder)

    def list_of(self, number: int) -> Path:
        """Return the place of a backup's list."""
        return list_in(self.folder, number)

    def begin(self, number: int) -> None:
        """Say on the place which backup is begun: one that a kill or a full disk ended is none that was taken away."""
        write_atomic(self.folder / _UNFINISHED, str(number).encode())

    def write(self, made: BackupList) -> None:
        """Write the list: the backup is there when this returns."""
        with whole(self.list_of(made.number)) as temporary, temporary.open("wb") as file:
            if self._cipher:
                self._cipher.encrypt(write_lines(made), file)
            else:
                file.writelines(write_lines(made))
        (self.folder / _UNFINISHED).unlink(missing_ok=True)

    def read(self, number: int = 0) -> BackupList:
        """Return a backup's list, that of the newest for 0. Raises UseError when there is none, BackupError when it
        is not what was written."""
        here = self.numbers()
        if not here:
            raise UseError(f"there is no backup in {self.folder}; name the folder that `backup` wrote into")
        if number and number not in here:
            raise UseError(f"there is no backup {number} in {self.folder}; there are {', '.join(map(str, here))}")
        path = self.list_of(number or here[-1])
        earlier = f"; `--number {here[-2]}` restores the one before" if len(here) > 1 and not number else ""
        try:
            found = read_lines(path, b"".join(self._pieces(path)))
        except (ValueError, DamagedList) as error:
            raise DamagedList(f"{path} differs from the list that was written{earlier}") from error
        if self.list_of(found.number) != path:  # a copy in the place of a newer one would restore an older home
            raise DamagedList(f"{path} is the list of backup {found.number}, under another name{earlier}")
        return found


def numbers_in(folder: Path) -> list[int]:
    """Return the numbers of the backups in a place, oldest first; no password is needed."""
    names = (path.stem for path in (folder / _LISTS).glob("*.jsonl"))
    return sorted(int(name) for name in names if name.isdecimal())


def list_in(folder: Path, number: int) -> Path:
    """Return where a place has the list of a backup."""
    return folder / _LISTS / f"{number:06d}.jsonl"


def unfinished_in(folder: Path) -> int:
    """Return the number of a backup that a kill or a full disk ended in a place, 0 for none."""
    said = folder / _UNFINISHED
    number = read_file(said) if said.is_file() else b""
    return int(number) if number.isdigit() else 0


def copy_hashed(source: Path, target: Path, cipher: BackupCipher | None = None) -> tuple[str, int]:
    """Copy a file's bytes, encrypted by a cipher; return their hash and number. Whoever names the copy makes it durable
    first."""
    hashing, size = hashlib.sha256(), 0

    def pieces() -> Iterator[bytes]:
        nonlocal size
        while piece := file.read(_PIECE):
            hashing.update(piece)
            size += len(piece)
            yield piece

    with name_errors(target), open_file(source) as file, target.open("wb") as copy:
        os.fchmod(copy.fileno(), PRIVATE_FILE)
        if cipher:
            cipher.encrypt(pieces(), copy)
        else:
            copy.writelines(pieces())
    return hashing.hexdigest(), size


def forget_backups(store: BackupStore, keep: int, hashes: Mapping[int, str]) -> tuple[int, tuple[int, ...]]:
    """Remove all but the newest `keep` backups, with the objects that no other names. Return how many were removed, and
    those that stay beside them: their last act is not one of the home's, whose hashes these are by number, so they know
    what it lost when it was put back to an earlier day."""
    numbers = store.numbers()
    old = numbers[:-keep] if keep else []
    others = tuple(number for number in old if _knows_other_acts(store, number, hashes))
    going = set(old).difference(others)
    if not going:
        return 0, others
    named: set[str] = set()
    for number in set(numbers) - going:  # read before anything goes: a damaged list ends this
        kept = store.read(number)
        named |= {store.object(digest).name for digest in digests_of(kept)}
    for number in going:
        store.list_of(number).unlink()
    sync_folder(store.lists)
    for place in (store.folder / "objects").glob("??/*"):
        if place.name not in named:
            place.unlink()
    return len(going), others


def _knows_other_acts(store: BackupStore, number: int, hashes: Mapping[int, str]) -> bool:
    """Return whether a backup has acts that are not there; one whose list is damaged brings nothing back."""
    try:
        return not store.read(number).is_of(hashes)
    except DamagedList:
        return False
