"""A thread of the service beside the deciding: what waits for another machine keeps no decision waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from inbox_worker.core.time import Clock
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import ServiceLog


class OwnThread:
    """Makes a `round` whenever it is rung, and at every scan."""

    name = "own"

    def __init__(self, home: Home, service_log: ServiceLog, clock: Clock) -> None:
        self._home, self._service_log, self._clock = home, service_log, clock
        self._rung = threading.Event()
        self._stop = threading.Event()

    def ring(self) -> None:
        """Tell that there may be something new."""
        self._rung.set()

    def round(self) -> None:
        """Make one round. Faults of ours are said and tried again in the next one."""
        raise NotImplementedError

    @contextmanager
    def at_work(self, ended: Callable[[], None]) -> Iterator[None]:
        """Make rounds while in it. At its end the thing in hand is finished.

        A bug that ends the thread calls `ended`, for a service that does half of its work must not go on as if all
        were well, and is raised at the end.
        """
        with ThreadPoolExecutor(1, self.name) as threads:
            work = threads.submit(self._run)
            work.add_done_callback(lambda _: ended())
            try:
                yield
            finally:
                self._stop.set()
                self._rung.set()
            work.result()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.round()
            self._rung.wait(self._home.config.folders.scan_seconds)
            self._rung.clear()
