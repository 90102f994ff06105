"""Processes that read workbooks, lent from command to command and from office to office of this process."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Callable
from typing import IO, Any

from inbox_worker.workbooks import cells
from inbox_worker.workbooks.jail import Confined
from tests.support.shared_patch import SharedPatch


class _Lent(Confined):
    """A confined process that is there already: a start takes as long as many a command. Where all that it was asked
    was answered, the next that asks gets it; one that failed, holds too much or is due for renewal is ended as ever."""

    _idle: defaultdict[tuple[str, int], list[tuple[subprocess.Popen[bytes], IO[bytes], int]]] = defaultdict(list)

    def __init__(self, program: str, memory: int, rest: int, files: int) -> None:
        super().__init__(program, memory, rest, files)
        self._waiting = self._idle[program, memory]
        self._answered = False

    def begin(self) -> subprocess.Popen[bytes]:
        if self._child is None and self._waiting:
            self._child, self._stderr, self._files = self._waiting.pop()
            self._awaited, self._answered = False, True
        return super().begin()

    def ask(
        self, wanted: dict[str, Any], data: bytes, seconds: float, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[bytes, bytes]:
        self._answered = False
        answer = super().ask(wanted, data, seconds, meanwhile)
        self._answered = True
        return answer

    def close(self) -> None:
        if self._child and self._answered and self._child.poll() is None and self._files < self._renew_after:
            self._waiting.append((self._child, self._stderr, self._files))
            self._child, self._answered = None, False
        super().close()


lent = SharedPatch(cells, "Confined", _Lent).needed  # readers opened meanwhile take processes that are there
