"""Files that the journal names, compared with the hash that it names them by: none is read as truth without it."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_file, remedy_of, sha256, sha256_file

RESTORE = (
    "restore it from the backup (`inbox-worker restore BACKUP --only FILE`), then run `inbox-worker check --deep`, "
    "which compares every file"
)


class DamagedFile(JobError):
    """A file that the journal names is gone, is another one or cannot be read; the text names it and what to do."""

    def __init__(self, path: Path, what: str, remedy: str = RESTORE) -> None:
        super().__init__(f"{path} {what}; {remedy}")
        self.path = path
        self.what = what


FileHashes = dict[str, tuple[str, str]]  # by path: state ('' of a file changed just now) and hash
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


def lack(path: Path) -> tuple[str, str]:
    """Say what keeps a file that the journal names from being read, and what to do; ('', '') when nothing does. A link
    is no file of the ledger: what it leads to is somebody else's to change or to move."""
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
    """Say what keeps a file from being what the journal names, and what to do; ('', '') when it is just that."""
    what, remedy = lack(path)
    if what:
        return what, remedy
    try:
        found = _HASHES.of(path)
    except FileNotFoundError:
        return _tell_gone(path)
    except OSError as error:
        return _unread(error)
    return ("", "") if found == expected else (_differs(found, expected), RESTORE)


DESTROYED = Path("ledger", "destroyed.jsonl")  # of a home: a line for each certificate of what was destroyed


def find_certificate(path: Path) -> tuple[int, str] | None:
    """Return number and day of the certificate by which a file that is not there was destroyed; None without one."""
    home = next((parent for parent in path.parents if (parent / DESTROYED).is_file()), None)
    try:
        for line in (home / DESTROYED).read_text("utf-8").splitlines() if home else ():
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
