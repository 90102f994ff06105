"""Documents are rendered by as many processes as the close may use threads; a few are not worth a process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self, TypeVar

from inbox_worker.core.errors import JobError

T = TypeVar("T")
R = TypeVar("R")

_CONTEXT = get_context("forkserver")
# what libraries read when they are imported: NumPy's OpenBLAS and Arrow's jemalloc begin no thread
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
_WORTH_A_PROCESS = 8  # Customers; the first process takes a second to start


class Workers:
    """Used in a `with`. `most`: how many orders will come in all. `worth`: how many of them are worth a process.

    Processes are forked from one that has imported what renders, once for all that a command or the service makes.

    Raises JobError when one of the processes is ended from outside.
    """

    def __init__(self, threads: int, most: int, worth: int = _WORTH_A_PROCESS) -> None:
        self._processes = min(threads, most // worth)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._processes >= 2:
            self._pool = ProcessPoolExecutor(self._processes, _CONTEXT, _begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise JobError("a process that renders documents was ended from outside; run the command again") from error

    def map(self, work: Callable[[T], R], orders: Iterable[T], count: int) -> Iterator[R]:
        """Return the results in the order of the orders, of which there are `count`. Processes begin with the first
        ones while the others are made."""
        if self._pool is None:
            return map(work, orders)
        _start_server(work.__module__)
        return self._pool.map(work, orders, chunksize=max(1, count // (self._processes * 4)))


def _start_server(module: str) -> None:
    """Start the process that the others are forked from, with a module imported; once it runs, processes import what
    they need. It has one thread: a process forked while another thread holds a lock waits for that lock for ever."""
    _CONTEXT.set_forkserver_preload([module])
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin() -> None:
    """Prepare a process. It ends with its parent, which may be killed: nobody else would end it. Typst sets pages in
    this thread alone: there is a process a core, and threads of each would only wait for one another (a fifth of the
    time); it asks when it sets its first page."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
