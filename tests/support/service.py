"""`run` as a real process group: started in a home, heard line by line, ended or killed.

with ServiceProcess(home) as service:
    service.ready()
    line = service.line(lambda line: "accepted" in line)
    service.kill()                       # SIGKILL to all of it, as a power cut; or service.ended_by(SIGTERM)
"""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.support.warm import Started

PATIENCE = 60.0


class ServiceProcess:
    """A running `run`. Nothing here sleeps: lines are waited for on its pipes, each wait with a deadline."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.process = Started(["--home", str(home), "run"], environment)
        self.out: list[str] = []
        self.err: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._problems: queue.Queue[str | None] = queue.Queue()
        self._pumps = [
            self._pumped(self.process.stdout, self.out, self._lines),
            self._pumped(self.process.stderr, self.err, self._problems),
        ]

    def _pumped(self, pipe: IO[str], kept: list[str], lines: queue.Queue[str | None]) -> threading.Thread:
        def pump() -> None:
            for line in pipe:
                kept.append(line)
                lines.put(line)
            lines.put(None)

        thread = threading.Thread(target=pump, daemon=True)
        thread.start()
        return thread

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def line(self, wanted: Callable[[str], bool] = lambda line: True, patience: float = PATIENCE) -> str:
        """The next line of stdout that is wanted. Fails when the service ends or the time is up without it."""
        return self._next(self._lines, wanted, patience)

    def problem(self, wanted: Callable[[str], bool] = lambda line: True, patience: float = PATIENCE) -> str:
        """The next line of stderr that is wanted, in the same manner."""
        return self._next(self._problems, wanted, patience)

    def _next(self, lines: queue.Queue[str | None], wanted: Callable[[str], bool], patience: float) -> str:
        end = time.monotonic() + patience
        while True:
            try:
                line = lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no such line in {patience} s; so far:\n{self.told()}") from None
            if line is None:
                raise AssertionError(f"the service ended with {self.process.wait(PATIENCE)}:\n{self.told()}")
            if wanted(line):
                return line

    def ready(self) -> str:
        """Waits until the service watches its folders, in whichever manner it speaks."""
        return self.line(lambda line: line.startswith("watching ") or '"event": "watching"' in line)

    def health(self) -> dict[str, Any]:
        """What the health file says now; {} while there is none."""
        file = self.home / "ledger" / "health.json"
        told: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return told

    def ended_by(self, number: signal.Signals) -> int:
        """Sends the signal to the whole group, as a service manager or a terminal does; gives the exit code."""
        os.killpg(self.process.pid, number)
        return self._gone()

    def kill(self) -> None:
        """SIGKILL to the whole group; nothing of it runs when this returns. Harmless when it ended before."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._gone()

    def _gone(self) -> int:
        code = self.process.wait(PATIENCE)
        for pump in self._pumps:
            pump.join(PATIENCE)
        return code

    def told(self) -> str:
        """All it said, for a failure's words."""
        return "".join([*self.out, *self.err])
