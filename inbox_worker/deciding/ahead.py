"""Reading ahead: while one letter is decided, a second process reads the next few.

To read is to compute from the bytes and the rules alone: nothing is written, so what was read ahead may be thrown
away, and whatever goes wrong with it, the letter is read in its turn as if nobody had tried.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

from inbox_worker.core.model import Finding, FormTable, Message
from inbox_worker.settings.rules import Rules

MOST_BYTES = 256 * 1024  # a larger letter is read in its turn, alone with the memory that reading may take
_DEPTH = 4  # letters read ahead at most
_WORTH = 4  # fewer letters than these do not pay for the start of a process
_DEATHS = 3  # a process that dies so often without an answer is left alone

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class ReadForm:
    """What `form.read.read_form` gave for a file, and the seconds it took."""

    result: FormTable | tuple[Finding, ...]
    seconds: float


@dataclass(frozen=True)
class FilePlace:
    """Where a letter or file lies, the name by which people know it, and the addresses whose letters are opened:
    a stranger's are quarantined unread and must not keep anybody waiting."""

    path: Path
    source: str
    known: frozenset[str]


@dataclass(frozen=True)
class Foreseen:
    """A letter or file read ahead. `message`: its parts; `forms` by the sha256 of a file's bytes and its name."""

    sha256: str
    message: Message
    forms: Mapping[tuple[str, str], ReadForm]


class Ahead:
    """Keeps the second process, started when first there is enough to read, and what it has read.

    `of` knows the thing that `in_turn` gave last. Use from one thread.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reading-ahead")
        self._process: subprocess.Popen[bytes] | None = None
        self._rules = ""
        self._deaths = 0
        self._current: Future[Foreseen | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The second process, None before there was enough to read."""
        return self._process.pid if self._process else None

    @property
    def begun(self) -> bool:
        """Whether the thing in hand is being read ahead, or was."""
        return self._current is not None and (self._current.running() or self._current.done())

    def close(self) -> None:
        """Ends the process."""
        self._current = None
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._process:
            self._process.kill()  # the thread that waits for it hears the end of its pipe
        self._thread.shutdown()
        self._ended()

    def in_turn(self, things: Sequence[_Thing], lies: Callable[[_Thing], FilePlace], rules: Rules) -> Iterator[_Thing]:
        """Gives the things one after another; the next few are read meanwhile by these rules."""
        if len(things) < _WORTH or self._deaths >= _DEATHS:
            yield from things
            return
        coming = iter(things)
        waiting = deque((thing, self._begin(lies(thing), rules)) for thing in islice(coming, _DEPTH))
        try:
            while waiting:
                thing, self._current = waiting.popleft()
                waiting.extend((after, self._begin(lies(after), rules)) for after in islice(coming, 1))
                yield thing
        finally:
            self._current = None
            for _, future in waiting:
                future.cancel()

    def of(self, sha256: str) -> Foreseen | None:
        """What was read of the thing in hand, if these are its bytes; waits for a reading that has begun."""
        if self._current is None or self._current.cancel() or self._current.cancelled():
            return None
        foreseen = self._current.result()
        return foreseen if foreseen and foreseen.sha256 == sha256 else None

    def _begin(self, lying: FilePlace, rules: Rules) -> Future[Foreseen | None]:
        return self._thread.submit(self._read, lying, rules)

    def _read(self, lying: FilePlace, rules: Rules) -> Foreseen | None:
        """In the thread: asks the process. None when it cannot say: too large, gone, or its own end."""
        try:
            source, sink = self._pipes(rules)
            pickle.dump(lying, source)
            source.flush()
            answer = pickle.load(sink)  # noqa: S301 - written by our own program, not by a sender
        except (OSError, EOFError, pickle.UnpicklingError):
            self._deaths += 1
            self._ended()
            return None
        self._deaths = 0
        return answer if isinstance(answer, Foreseen) else None

    def _pipes(self, rules: Rules) -> tuple[IO[bytes], IO[bytes]]:
        """The process's two ends; a new process when there is none or the rules are others."""
        if self._process and self._rules != rules.version:
            self._ended()
        if self._process is None:
            self._process, self._rules = _start(), rules.version
            pickle.dump(rules, _ends(self._process)[0])
        return _ends(self._process)

    def _ended(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.communicate()


def _start() -> subprocess.Popen[bytes]:
    """The process, without our environment, where secrets stand."""
    package = Path(__file__).parent.parent.parent
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "inbox_worker.deciding.ahead_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", "PYTHONPATH": str(package), "TZ": os.environ.get("TZ", "")},
    )


def _ends(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise OSError("the reading process has no pipes")
    return process.stdin, process.stdout
