"""Waits that people hear of: who waits for seconds is told for what and until when, and others hear it, too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

_QUIET = 3.0  # seconds of a wait that nobody need hear of


@dataclass(frozen=True)
class Wait:
    """A wait for something, in the code's English. `until`: a time of day here."""

    what: str
    until: str

    @property
    def line(self) -> str:
        return f"{self.what}; it is waited for until {self.until}"


Hear = Callable[[Wait | None], None]  # None: the wait is over
_HEARERS: ContextVar[tuple[Hear, ...]] = ContextVar("hearers", default=())


@contextmanager
def hear_waits(hear: Hear) -> Iterator[None]:
    """Let somebody hear of every wait of this thread that takes seconds."""
    before = _HEARERS.set((*_HEARERS.get(), hear))
    try:
        yield
    finally:
        _HEARERS.reset(before)


@contextmanager
def tell_wait(what: Callable[[], str], seconds: float) -> Iterator[None]:
    """Tell what is awaited, once it has taken seconds, to those who hear. `seconds`: how long it is waited for."""
    hearers = _HEARERS.get()
    if not hearers or seconds <= _QUIET:
        yield
        return
    from inbox_worker.core.time import Clock

    until = Clock().now() + timedelta(seconds=seconds)
    announced = list[Wait]()

    def tell() -> None:
        announced.append(Wait(what(), f"{until:%H:%M:%S}"))
        for hear in hearers:
            hear(announced[0])

    timer = threading.Timer(_QUIET, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for hear in hearers if announced else ():
            hear(None)
