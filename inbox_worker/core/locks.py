"""Locks of a home; the file of each tells those who wait for it who has it, and what that one awaits."""

from __future__ import annotations

import io
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inbox_worker.core.files import open_lock, read_small_file, take_lock
from inbox_worker.core.time import Clock
from inbox_worker.core.users import command_named, find_user
from inbox_worker.core.waits import Wait, hear_waits, tell_wait

_LOOK_SECONDS = 0.05
_LONGEST = 200  # characters of a command


@contextmanager
def hold_lock(path: Path, seconds: float = 0, place: str | Path = "") -> Iterator[bool]:
    """Hold a lock, waited for at most so long; False where another has it still. `place`: what is locked, as people
    are told of it. Raises OSError."""
    with open_lock(path) as lock:
        with tell_wait(lambda: f"another inbox-worker is busy in {place}: {holder_of(path)}", seconds):
            taken = _take(lock, path, seconds)
        if not taken:
            yield False
            return
        since = f"{Clock().now():%d.%m.%Y %H:%M:%S}"
        _write_holder(lock, since, None)
        with hear_waits(lambda wait: _write_holder(lock, since, wait)):
            yield True


def holder_of(path: Path) -> str:
    """Return who has a lock that is taken, and what that one awaits."""
    try:
        note = json.loads(read_small_file(path))
        command, user, since, process, machine = (note[n] for n in ("command", "user", "since", "process", "machine"))
        waits = f"; {note['waits']}" if note["waits"] else ""
    except (OSError, ValueError, KeyError, TypeError):  # of an earlier version, or just being written
        return "it does not say who it is"
    line = f"`inbox-worker {command}` of {user} since {since}, process {process} on {machine}{waits}"
    return "".join(sign if sign.isprintable() else "?" for sign in line)


def _take(lock: io.BufferedReader, path: Path, seconds: float) -> bool:
    patience = time.monotonic() + seconds
    while not take_lock(lock, path):
        if time.monotonic() >= patience:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _write_holder(lock: io.BufferedReader, since: str, wait: Wait | None) -> None:
    """Write who has the lock into its file. On a full disk nobody reads it, and the lock is held all the same."""
    note = {
        "command": command_named()[:_LONGEST],
        "user": find_user(),
        "since": since,
        "process": os.getpid(),
        "machine": socket.gethostname(),
        "waits": wait.line if wait else "",
    }
    data = json.dumps(note, ensure_ascii=False).encode("utf-8", "replace")
    with suppress(OSError):
        os.pwrite(lock.fileno(), data, 0)
        os.ftruncate(lock.fileno(), len(data))
