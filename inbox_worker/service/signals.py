"""SIGTERM and SIGINT end the service after the step in hand."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from inbox_worker.receiving.drop_watch import Wakeup

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})


@contextmanager
def ended_by_signals(stop: threading.Event, wakeup: Wakeup) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop` and ring, from a thread of their own: a handler in the main thread could meet
    the wakeup's lock while it holds it.

    The main thread blocks them only so that the reading process inherits the block: a service manager's stop
    or Ctrl-C goes to the whole group, and a reader ended by it would look like a workbook that cannot be read.
    """
    reading, writing_end = os.pipe()
    os.set_blocking(writing_end, False)
    woken = signal.set_wakeup_fd(writing_end)  # works in whichever thread the signal falls, native ones too
    handlers = {number: signal.signal(number, _nothing) for number in _SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    listener = threading.Thread(target=_listen, args=(reading, stop, wakeup), daemon=True)
    listener.start()
    try:
        yield
    finally:
        os.write(writing_end, b"\0")
        listener.join()
        while signal.sigtimedwait(_SIGNALS, 0) is not None:
            pass  # a second Ctrl-C must not kill us on the way out
        signal.set_wakeup_fd(woken)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(reading)
        os.close(writing_end)


def _listen(reading: int, stop: threading.Event, wakeup: Wakeup) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.read(reading, 1)
    stop.set()
    wakeup.ring()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up byte does the work; without a handler the signal would kill."""
