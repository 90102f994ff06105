"""SIGTERM, SIGINT and SIGHUP end the service after the step in hand."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import FrameType

from inbox_worker.core.errors import JobError
from inbox_worker.receiving.drop_watch import Wakeup

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


class HungUp(JobError):
    """SIGHUP asks a service to begin anew: a supervisor starts it again after a failure, but not after that signal."""


@contextmanager
def ended_by_signals(stop: threading.Event, wakeup: Wakeup) -> Iterator[None]:
    """Let these signals set `stop` and ring, from a thread of their own: a handler in the main thread could meet the
    wakeup's lock while it holds it. Raises HungUp after the block for SIGHUP; started by `nohup`, it is ignored.

    The main thread blocks them only so that the reading process inherits the block: a service manager's stop
    or Ctrl-C goes to the whole group, and a reader ended by it would look like a workbook that cannot be read.
    """
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    (reading, writing_end), came, asked = os.pipe(), list[int](), _SIGNALS - ignored
    os.set_blocking(writing_end, False)
    woken = signal.set_wakeup_fd(writing_end)  # works in whichever thread the signal falls, native ones too
    handlers = {number: signal.signal(number, _nothing) for number in asked}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    listener = threading.Thread(target=_listen, args=(reading, asked, came, stop, wakeup), daemon=True)
    listener.start()
    try:
        yield
    finally:
        os.write(writing_end, b"\0")
        listener.join()
        while signal.sigtimedwait(asked, 0) is not None:
            pass  # a second Ctrl-C must not kill us on the way out
        signal.set_wakeup_fd(woken)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(reading)
        os.close(writing_end)
    if signal.SIGHUP in came:
        raise HungUp("SIGHUP ended the service after the step in hand; started again, it reads config.yaml anew")


def _listen(reading: int, asked: Set[signal.Signals], came: list[int], stop: threading.Event, wakeup: Wakeup) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, asked)
    came += os.read(reading, 1)
    stop.set()
    wakeup.ring()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up byte does the work; without a handler the signal would kill."""
