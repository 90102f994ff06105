"""Drop folders: what may be taken from them, when it is wholly written, and what wakes the service on a change.

It only wakes; a scan decides. Network drives tell of no change at all, so scans also come by the clock.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventEmitter, ObservedWatch
from watchdog.observers.polling import PollingObserver

# Office programs and copying tools keep these beside a file that is still being worked on.
_NOT_OURS = (".*", "~$*", "*.tmp", "*.part", "*.crdownload")
# Our own reading of a file must not ring, or the worker would never rest.
_QUIET_EVENTS = ("opened", "closed_no_write")


def is_unfinished(name: str) -> bool:
    """Tell whether a file of this name is still being worked on, or hidden."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in _NOT_OURS)


def scan(folder: Path) -> list[Path]:
    """List the files that may be taken from a drop folder, the longest unchanged first, ties by name.

    Lock and temporary files and hidden files are passed over, and what `find_untaken` names. An absent folder is empty.
    """
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if path.is_symlink() or is_unfinished(path.name):
            continue
        look = _look(path)
        if look and path.is_file() and os.access(path, os.R_OK):
            found.append((look.changed, path.name, path))
    return [path for _, _, path in sorted(found)]


@dataclass(frozen=True)
class _Look:
    size: int
    changed: int  # mtime in nanoseconds


def _look(path: Path) -> _Look | None:
    try:
        seen = path.stat()
    except FileNotFoundError:  # taken away since it was listed
        return None
    return _Look(seen.st_size, seen.st_mtime_ns)


class Settled:
    """Tells which files are wholly written: same size and time of change over the quiet period.

    The state is in memory only: after a restart every file waits its quiet period again.
    """

    def __init__(self, quiet_seconds: float) -> None:
        self._quiet = quiet_seconds
        self._since: dict[Path, tuple[_Look, float]] = {}

    def find_settled(self, paths: Iterable[Path], tick: float) -> list[Path]:
        """Return those of the scanned files that are unchanged for the quiet period, in their order.

        `tick`: seconds of a clock that nobody sets; by the time of day a file would settle when that is moved.
        """
        known, self._since = self._since, {}
        ready = []
        for path in paths:
            look = _look(path)
            if look is None:
                continue
            before = known.get(path)
            since = before[1] if before and before[0] == look else tick
            self._since[path] = (look, since)
            if tick - since >= self._quiet:
                ready.append(path)
        return ready

    @property
    def waiting(self) -> int:
        """Count the files that the last scan knew, settled or not: with any, the next scan should come soon."""
        return len(self._since)


class _Ringer(FileSystemEventHandler):
    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _QUIET_EVENTS:
            self._event.set()


@dataclass(frozen=True)
class _Watched:
    """A folder under watch: which one it was on its disk, and the thread that watches it."""

    identity: tuple[int, int]
    watch: ObservedWatch
    thread: EventEmitter

    def alive(self, folder: Path) -> bool:
        return self.thread.is_alive() and _identity(folder) == self.identity


class Wakeup:
    """Wakes the service when something changes in a folder, or when any thread says so; to be used with `with`.

    `polling_seconds` set: the folders are looked at by the clock (network drives), not by the kernel's word.
    The kernel's watches can run out (OSError); then it polls, so it always works.
    A folder that is away (a network drive, a careless hand) is watched again by `mend` when it is back.
    """

    def __init__(self, folders: Iterable[Path], polling_seconds: float | None = None) -> None:
        self._folders = tuple(folders)
        self._polling_seconds = polling_seconds
        self._event = threading.Event()
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, _Watched] = {}

    def __enter__(self) -> Self:
        if self._polling_seconds is not None:
            self._start(PollingObserver(timeout=self._polling_seconds))
            return self
        try:
            self._start(Observer())
        except OSError:
            self.__exit__(None, None, None)
            self._start(PollingObserver(timeout=1))
        return self

    def _start(self, observer: BaseObserver) -> None:
        self._observer, self._watched = observer, {}
        observer.start()
        for folder in self._folders:
            self._watch(observer, folder)

    def _watch(self, observer: BaseObserver, folder: Path) -> None:
        identity = _identity(folder)
        if identity is None:
            return
        watch = observer.schedule(_Ringer(self._event), str(folder), recursive=False)
        thread = next(emitter for emitter in observer.emitters if emitter.watch == watch)
        self._watched[folder] = _Watched(identity, watch, thread)

    def mend(self) -> list[Path]:
        """Watch again what went away or was replaced; gives the folders that are away now.

        To be called before each scan: what fell into a folder before its watch was mended, that scan sees.
        """
        if self._observer is None:
            return []
        for folder in self._folders:
            before = self._watched.get(folder)
            if before and before.alive(folder):
                continue
            if before:
                del self._watched[folder]
                self._observer.unschedule(before.watch)
            with contextlib.suppress(OSError):  # away again, or no kernel watch left: scans by the clock go on
                self._watch(self._observer, folder)
        return [folder for folder in self._folders if not folder.is_dir()]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._observer:
            self._observer.stop()
            self._observer.join()

    def ring(self) -> None:
        """Wakes whoever waits: for a signal to stop, or when another source has work. From any thread."""
        self._event.set()

    def wait(self, timeout: float) -> bool:
        """Waits for a ring, at most `timeout` seconds; True when it rang since the last wait."""
        rang = self._event.wait(timeout)
        self._event.clear()
        return rang


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder of which disk a path leads to now; None when to none."""
    try:
        seen = folder.stat()
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino)
