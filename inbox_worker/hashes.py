"""Files that the journal names, compared with the hash that it names them by: none is read as truth without it."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.files import sha256, sha256_file

RESTORE = "restore it from the backup, then run `inbox-worker check --deep`, which compares every file"


class DamagedFile(JobError):
    """A file that the journal names is gone or is another one; the text names it and what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}; {RESTORE}")
        self.path = path
        self.what = what


class Hashes:
    """Hashes of files, kept as long as a file is the same one with the same size and times of change."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, int, int], str] = {}

    def of(self, path: Path) -> str:
        """The file's SHA-256, computed once a process. Raises OSError."""
        found = path.stat()
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key not in self._known:
            self._known[key] = sha256_file(path)
        return self._known[key]


_HASHES = Hashes()


def hash_of(path: Path) -> str:
    """The file's SHA-256, computed once a process. Raises OSError."""
    return _HASHES.of(path)


def difference(path: Path, expected: str) -> str:
    """What keeps a file from being what the journal names, in words; '' when it is just that."""
    try:
        found = _HASHES.of(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "is not there, and the journal names it"
    return "" if found == expected else _differs(found, expected)


def require(path: Path, expected: str) -> Path:
    """The path of a file that is what the journal names. Raises DamagedFile."""
    if what := difference(path, expected):
        raise DamagedFile(path, what)
    return path


def read_proven(path: Path, expected: str) -> bytes:
    """The bytes of a file that is what the journal names. Raises DamagedFile."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise DamagedFile(path, "is not there, and the journal names it") from None
    if (found := sha256(data)) != expected:
        raise DamagedFile(path, _differs(found, expected))
    return data


def _differs(found: str, expected: str) -> str:
    return f"differs from what the journal names (SHA-256 {found[:12]}… instead of {expected[:12]}…)"
