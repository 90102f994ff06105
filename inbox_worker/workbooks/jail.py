"""A confined child process that touches strangers' bytes for us, and is replaced whenever it fails."""

from __future__ import annotations

import json
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from inbox_worker.core.errors import JobError
from inbox_worker.workbooks.jail_protocol import MARK, VERDICTS

_HERE = Path(__file__).parent
_NONSENSE = 256  # no process ends with it: the child spoke nonsense and was ended by us
_ENDING = 5.0  # seconds
_LARGEST = 4 << 30  # bytes of an answer: more than a child's memory can hold
_OUTSIDE = (-signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM)


class ReaderFailure(JobError):
    """The child does not work on this machine: our fault, to be retried, never the sender's."""


class _Nonsense(ValueError):
    """The bytes from the pipe are no answer."""


class Ended(JobError):
    """The child ended in the middle of a file. `late`: its time was up; `code`: how it ended; `words`: its last."""

    def __init__(self, late: bool, code: int, words: str) -> None:
        super().__init__(f"the child ended with {code}: {words}")
        self.late, self.code, self.words = late, code, words

    @property
    def from_outside(self) -> bool:
        """Return whether somebody else killed it, which says nothing about the file."""
        return self.code in _OUTSIDE


class Confined:
    """One warm child (`jail_protocol.py`), started at the first request and renewed after so many, and after a file
    that left it holding more than `rest` bytes. `memory`: what it may take above its start."""

    def __init__(self, program: str, memory: int, rest: int, files: int) -> None:
        self._program, self._memory, self._rest, self._renew_after = program, memory, rest, files
        self._child: subprocess.Popen[bytes] | None = None
        self._awaited = False  # the child was begun and has not said yet that it is there
        self._files = 0
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object

    @property
    def pid(self) -> int | None:
        """The child, None before the first request."""
        return self._child.pid if self._child else None

    def close(self) -> None:
        """Ends the child."""
        if self._child is None:
            return
        child, self._child = self._child, None
        child.kill()
        child.communicate()

    def ask(
        self, wanted: dict[str, Any], data: bytes, seconds: float, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[bytes, bytes]:
        """Return the child's verdict (one byte) and payload for a file. Raises Ended, or ReaderFailure (ours).

        `meanwhile` is done here while the child works. When it raises, the file is given up and the child with it.
        """
        child = self.prepare()
        self._files += 1
        late = threading.Event()
        timer = threading.Timer(seconds, _end, (child, late))
        timer.start()
        try:
            with self._lives(child, late):
                _send(child, {**wanted, "seconds": seconds}, data)
            meanwhile()
            with self._lives(child, late):
                answer = _answer(child)
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        if _resident(child.pid) > self._rest:
            self.close()
        return answer

    @contextmanager
    def _lives(self, child: subprocess.Popen[bytes], late: threading.Event) -> Iterator[None]:
        """Raises Ended when the child goes in the block, or speaks nonsense, which ends it."""
        try:
            yield
        except _Nonsense as error:
            self.close()
            raise Ended(late.is_set(), _NONSENSE, str(error)) from error
        except (OSError, EOFError) as error:
            raise self._death(child, late.is_set()) from error

    def _death(self, child: subprocess.Popen[bytes], late: bool) -> Ended:
        try:
            code = child.wait(_ENDING)  # it closed its pipe: its own end says more than ours would
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            code = _NONSENSE
        words = self._last_words()
        self.close()
        return Ended(late or code == -signal.SIGXCPU, code, words)

    def begin(self) -> subprocess.Popen[bytes]:
        """Start the child, if there is none, and do not wait until it is there."""
        if self._child is None:
            self._child, self._awaited, self._files = self._start(), True, 0
        return self._child

    def prepare(self) -> subprocess.Popen[bytes]:
        """Start or renew the child, if need be: its start must not count as time of the file that comes."""
        if self._child is not None and (self._files >= self._renew_after or self._child.poll() is not None):
            self.close()
        child = self.begin()
        if self._awaited and _pipes(child)[1].read(1) != b"R":
            self.close()
            raise ReaderFailure(f"{self._program} did not start: {self._last_words()}; run `check`")
        self._awaited = False
        return child

    def _last_words(self) -> str:
        """Return the end of what the child wrote on stderr."""
        self._stderr.seek(0)
        return self._stderr.read()[-600:].decode("utf-8", "replace").strip()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a child without our environment, where secrets are. Without the folder of its program on its path:
        modules here are called like the standard library's."""
        self._stderr.seek(0)
        self._stderr.truncate()
        return subprocess.Popen(
            [sys.executable, "-P", "-s", str(_HERE / self._program), str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={
                "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system",
                "PYTHONPATH": str(_HERE.parent.parent), "PYTHONHASHSEED": "0", "OPENPYXL_LXML": "False",
            },
        )  # fmt: skip


def _send(child: subprocess.Popen[bytes], wanted: dict[str, Any], data: bytes) -> None:
    request = json.dumps(wanted).encode()
    sink = _pipes(child)[0]
    sink.write(struct.pack("<I", len(request)) + request + struct.pack("<Q", len(data)))
    sink.write(data)
    sink.flush()


def _answer(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    source = _pipes(child)[1]
    head = _exactly(source, len(MARK) + 9)
    mark, verdict, size = head[: len(MARK)], head[len(MARK) : -8], struct.unpack("<Q", head[-8:])[0]
    if mark != MARK or verdict not in VERDICTS or size > _LARGEST:
        raise _Nonsense(f"an answer that begins with {head!r}")
    return verdict, _exactly(source, size)


def _resident(pid: int) -> int:
    """Return bytes of memory that a process holds; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if child.stdin is None or child.stdout is None:
        raise ReaderFailure("the child process has no pipes")
    return child.stdin, child.stdout


def _exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data
