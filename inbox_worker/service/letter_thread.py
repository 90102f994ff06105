"""Letters leave in a thread of their own: a slow mail server keeps no decision waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from inbox_worker.core.errors import foreseen_errors
from inbox_worker.core.time import Clock
from inbox_worker.outbox.send import send_waiting
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import ServiceLog, fault_facts
from inbox_worker.settings.rules import RulesError

_LETTERS_A_ROUND = 10


class LetterThread:
    """Sends what is due whenever it is rung, and at every scan: tries again have their times."""

    def __init__(self, home: Home, service_log: ServiceLog, clock: Clock) -> None:
        self._home, self._service_log, self._clock = home, service_log, clock
        self._rung = threading.Event()
        self._stop = threading.Event()

    def ring(self) -> None:
        """Tell that there may be new letters."""
        self._rung.set()

    def round(self) -> None:
        """Sends some letters. Faults of ours are said and tried again in the next round."""
        try:
            problems = send_waiting(self._home, self._clock.now(), _LETTERS_A_ROUND, self._stop.is_set)
        except RulesError as error:
            self._service_log.broken_rules(error)
            return
        except foreseen_errors() as error:
            text = f"letters cannot be sent now: {type(error).__name__}: {error}; they are tried again"
            self._service_log.problem(text, "letters not sent", **fault_facts(error))
            return
        for problem in problems:
            self._service_log.problem(problem, "letters need staff: see `inbox-worker deliveries`")

    @contextmanager
    def at_work(self, ended: Callable[[], None]) -> Iterator[None]:
        """Send letters while in it. At its end the letter in hand is finished.

        A bug that ends the thread calls `ended`, for a service that answers nobody must not go on as if all were
        well, and is raised at the end.
        """
        with ThreadPoolExecutor(1, "letters") as threads:
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
