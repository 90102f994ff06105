"""Files that the journal names, compared with the hash that it names them by: none is read as truth without it."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_file, remedy_of, sha256, sha256_file

RESTORE = (
    "restore it from the backup (`inbox-worker restore BACKUP --only FILE`), then run `inbox-worker check --deep`, "
    "which compares every file"
)
_AGAIN = "whatever reads it next brings it from the storage again, and keeps this one in ledger/leftover/damaged"


class DamagedFile(JobError):
    """A file that the journal names is gone, is another one or cannot be read; the text names it and what to do."""

    def __init__(self, path: Path, what: str, remedy: str = RESTORE) -> None:
        super().__init__(f"{path} {what}; {remedy}")
        self.path = path
        self.what = what


FileHashes = dict[str, tuple[str, str]]  # by path: state ('' of a file changed just now) and hash
_SIDE_BY_SIDE = 8
_SETTLED_NS = 2_000_000_000  # a file changed just now may change again without its times showing it


class Hashes:
    """Hashes of files, kept as long as a file is the same one with the same size and times of change."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, int, int], str] = {}
        self.remembered: Mapping[str, tuple[str, str]] = {}
        self.asked: FileHashes | None = None  # what was asked about, where somebody remembers it

    def of(self, path: Path) -> str:
        """Return the file's SHA-256, computed once a process. Raises OSError."""
        found = path.stat()
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key not in self._known:
            state, digest = self.remembered.get(str(path), ("", ""))
            self._known[key] = digest if state == _state(found) else sha256_file(path)
        if self.asked is not None:
            settled = found.st_ctime_ns < time.time_ns() - _SETTLED_NS
            self.asked[str(path)] = (_state(found) if settled else "", self._known[key])
        return self._known[key]

    def of_object(self, name: str, state: str, read: Callable[[], str]) -> str:
        """Return the SHA-256 of what is kept elsewhere, by its name and state ('' of what was changed just now)."""
        known, digest = self.remembered.get(name, ("", ""))
        digest = digest if state and known == state else read()
        if self.asked is not None:
            self.asked[name] = (state, digest)
        return digest


_HASHES = Hashes()


def state_of_file(path: Path) -> str:
    """Return size, times of change and number of a file as one text: as long as it is the same, so are the bytes,
    unless somebody turned the clock or wrote to the disk beneath. Raises OSError."""
    return _state(path.stat())


def _state(found: os.stat_result) -> str:
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_ino}"


@contextmanager
def remember_hashes(known: Mapping[str, tuple[str, str]]) -> Iterator[FileHashes]:
    """Take files for what they were when they are in the state they were in then; yield what is asked about from now
    on, by path, with its state and hash."""
    _HASHES.remembered, _HASHES.asked = known, {}
    try:
        yield _HASHES.asked
    finally:
        _HASHES.remembered, _HASHES.asked = {}, None


def hash_of(path: Path) -> str:
    """Return the file's SHA-256, computed once a process. Raises OSError."""
    return _HASHES.of(path)


class Storage(Protocol):
    """Keep the files of a folder, of which the folder holds copies. Raises JobError where it cannot be asked."""

    def bring(self, path: Path, sha256: str) -> tuple[str, str]:
        """Put a file into its place again, proved by its hash; what keeps it from being there, and what to do."""

    def keep(self, path: Path, sha256: str, source: Path | None = None) -> None:
        """Keep a file, and compare what is kept with its hash. `source`: where its bytes are, None = in its place."""

    def remove(self, path: Path, sha256: str) -> None:
        """Keep a file of this hash no longer."""

    def holds(self, path: Path, sha256: str) -> bool:
        """Tell whether a file is kept."""


_STORAGES: dict[Path, Storage] = {}  # by folder


def keep_elsewhere(folders: Iterable[Path], storage: Storage | None) -> None:
    """Know from now on, in this process, what keeps the files of these folders; None: nothing but their disk."""
    for folder in folders:
        _STORAGES.pop(folder, None)
        _STORAGES.update({folder: storage} if storage else {})


def storage_of(path: Path) -> Storage | None:
    """Return what keeps a file besides the disk; None for all that is on the disk alone."""
    return next((_STORAGES[parent] for parent in path.parents if parent in _STORAGES), None) if _STORAGES else None


def store(path: Path, sha256: str) -> None:
    """Keep a file where its folder's files are kept, before the journal names it. Raises JobError."""
    if storage := storage_of(path):
        storage.keep(path, sha256)


def is_kept(path: Path, sha256: str) -> bool:
    """Tell whether a file is on the disk, or where its folder's files are kept. Raises JobError."""
    if path.is_file():
        return True
    storage = storage_of(path)
    return storage is not None and storage.holds(path, sha256)


def hash_of_object(name: str, state: str, read: Callable[[], str]) -> str:
    """Return the SHA-256 of what is kept elsewhere: `read`, unless it is remembered of the same state."""
    return _HASHES.of_object(name, state, read)


def lack(path: Path) -> tuple[str, str]:
    """Say what keeps a file that the journal names from being read, and what to do; ('', '') when nothing does. A link
    is no file of the ledger: what it leads to is somebody else's to change or to move. One that is kept elsewhere, too,
    need not be here."""
    return ("", "") if storage_of(path) and not os.path.lexists(path) else _lack_here(path)


def _lack_here(path: Path) -> tuple[str, str]:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _tell_gone(path)
    except OSError as error:
        return _unread(error)
    if stat.S_ISLNK(mode):
        return "is a link, and the journal names a file", "put the file itself in its place"
    if stat.S_ISDIR(mode):
        return _tell_gone(path)
    if not stat.S_ISREG(mode):
        return "is a pipe, a device or a socket, and the journal names a file", RESTORE
    return (
        ("", "")
        if os.access(path, os.R_OK)
        else ("cannot be read: Permission denied", remedy_of(PermissionError(errno.EACCES, "")))
    )


def trouble(path: Path, expected: str) -> tuple[str, str]:
    """Say what keeps a file from being what the journal names, and what to do; ('', '') when it is just that. One that
    is kept elsewhere, too, is brought from there. Raises JobError where that cannot be asked."""
    what, remedy = trouble_here(path, expected)
    storage = storage_of(path)
    if not storage or (os.path.lexists(path) and not (what and stat.S_ISREG(path.lstat().st_mode))):
        return what, remedy
    return storage.bring(path, expected)


def trouble_here(path: Path, expected: str) -> tuple[str, str]:
    """Say the same of the disk alone: what is kept elsewhere, too, need not be here."""
    what, remedy = lack(path)
    if what or not os.path.lexists(path):
        return what, remedy
    try:
        found = _HASHES.of(path)
    except FileNotFoundError:
        return _tell_gone(path)
    except OSError as error:
        return _unread(error)
    return ("", "") if found == expected else (_differs(found, expected), _AGAIN if storage_of(path) else RESTORE)


DESTROYED = Path("ledger", "destroyed.jsonl")  # of a home: a line for each certificate of what was destroyed


def find_certificate(path: Path) -> tuple[int, str] | None:
    """Return number and day of the certificate by which a file that is not there was destroyed; None without one."""
    home = next((parent for parent in path.parents if (parent / DESTROYED).is_file()), None)
    try:
        for line in read_file(home / DESTROYED).decode("utf-8").splitlines() if home else ():
            stated = json.loads(line)
            if any(home and home / file["path"] == path for file in stated["files"]):
                return int(stated["number"]), str(stated["destroyed_at"])[:10]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # `check` tells that the file is not what was written
    return None


def _tell_gone(path: Path) -> tuple[str, str]:
    if found := find_certificate(path):
        number, day = found
        return (
            f"was destroyed by certificate {number} on {day}",
            f"archive/certificates/{number:06d}.html says who did it",
        )
    return "is not there, and the journal names it", RESTORE


def _unread(error: OSError) -> tuple[str, str]:
    return f"cannot be read: {error.strerror or error}", remedy_of(error)


def difference(path: Path, expected: str) -> str:
    """Say what keeps a file from being what the journal names, in words; '' when it is just that."""
    return trouble(path, expected)[0]


def require(path: Path, expected: str) -> Path:
    """Return the path of a file that is what the journal names. Raises DamagedFile."""
    what, remedy = trouble(path, expected)
    if what:
        raise DamagedFile(path, what, remedy)
    return path


def bring_ahead(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Bring what is kept elsewhere and will be asked for, by path in the folder and hash, side by side. Raises
    DamagedFile, and JobError where it cannot be asked."""
    if not _STORAGES:
        return
    away = [(folder / path, digest) for path, digest in files if not (folder / path).exists()]
    if len(away) > 1 and storage_of(away[0][0]):
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(lambda one: require(*one), away))


def read_proven(path: Path, expected: str) -> bytes:
    """Return the bytes of a file that is what the journal names. Raises DamagedFile."""
    what, remedy = lack(path)
    if what:
        raise DamagedFile(path, what, remedy)
    try:
        data = read_file(path)
    except OSError as error:
        raise DamagedFile(
            path, *(_tell_gone(path) if isinstance(error, FileNotFoundError) else _unread(error))
        ) from error
    if (found := sha256(data)) != expected:
        raise DamagedFile(path, _differs(found, expected))
    return data


def _differs(found: str, expected: str) -> str:
    return f"differs from what the journal names (SHA-256 {found[:12]}… instead of {expected[:12]}…)"
