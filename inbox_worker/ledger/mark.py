"""`ledger/mark`: how far the journal had come when it was last committed, kept beside the files that it names.

A journal that comes from another day than its files is known by it. The mark is written and made durable after each
commit, so a kill or a power cut leaves the journal a commit ahead of it, never behind.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from inbox_worker.core.files import PRIVATE_FILE, make_folder, read_small_file, sha256, sync_folder, take_lock

NAME = "mark"
_SLOT = 256  # bytes; there are two, written in turn: what a power cut tears is the one that was not in force
_KIND = "inbox-worker-mark-1"


@dataclass(frozen=True)
class JournalHead:
    """The state of a journal: whose it is, how many commits it has had, what the last one is known by, and the highest
    numbers that it gave: of an arrival, and in the order of posting."""

    journal: str
    commits: int
    head: str
    arrival: int
    sequence: int

    @property
    def last(self) -> str:
        """Return how people know the state."""
        return f"IW-{self.arrival:06d}, posting {self.sequence}, commit {self.commits}"


class Mark:
    """The mark of one home. Several processes may write it: the furthest commit stays."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger / NAME
        self._handle: int | None = None

    def read(self) -> JournalHead | None:
        """Read the state that was marked last; None when there is no mark, or none that is whole."""
        try:
            return _latest(read_small_file(self.path))
        except FileNotFoundError:
            return None

    def write(self, head: JournalHead) -> None:
        """Mark a state as committed; it is on the disk when this returns."""
        with self._lock_file(head) as handle:
            before = _latest(os.pread(handle, 2 * _SLOT, 0))
            if before and before.journal == head.journal and before.commits >= head.commits:
                return
            os.pwrite(handle, _line(head), _SLOT * (head.commits % 2))
            os.fdatasync(handle)

    def close(self) -> None:
        """Gives the file back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @contextmanager
    def _lock_file(self, head: JournalHead) -> Iterator[int]:
        if self._handle is None:
            self._handle = self._open(head)
        take_lock(self._handle, self.path, wait=True)
        try:
            yield self._handle
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _open(self, head: JournalHead) -> int:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return self._make(head)
        if _latest(os.pread(handle, 2 * _SLOT, 0)):
            return handle
        os.close(handle)
        return self._make(head)

    def _make(self, head: JournalHead) -> int:
        """A new mark gets its name when it says something and is on the disk: a kill never leaves an empty one. Beside
        a journal in a database there may be no ledger's folder yet."""
        make_folder(self.path.parent)
        handle, temporary = mkstemp(prefix=f".{NAME}.", dir=self.path.parent)
        try:
            os.fchmod(handle, PRIVATE_FILE)
            os.pwrite(handle, b"\n" * (2 * _SLOT), 0)
            os.pwrite(handle, _line(head), _SLOT * (head.commits % 2))
            os.fsync(handle)
            Path(temporary).replace(self.path)
        except BaseException:
            os.close(handle)
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(self.path.parent)
        return handle


def _line(head: JournalHead) -> bytes:
    text = f"{_KIND} {head.journal} {head.commits} {head.head} {head.arrival} {head.sequence}"
    return f"{text} {sha256(text.encode())[:16]}".encode().ljust(_SLOT - 1) + b"\n"


def _latest(data: bytes) -> JournalHead | None:
    found = [head for start in (0, _SLOT) if (head := _parse_slot(data[start : start + _SLOT]))]
    return max(found, key=lambda head: head.commits, default=None)


def _parse_slot(slot: bytes) -> JournalHead | None:
    text, _, check = slot.decode("ascii", "replace").strip().rpartition(" ")
    words = text.split(" ")
    if len(words) != 6 or words[0] != _KIND or sha256(text.encode())[:16] != check:
        return None
    _, journal, commits, head, arrival, sequence = words
    return JournalHead(journal, int(commits), head, int(arrival), int(sequence))
