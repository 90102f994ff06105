"""The two clocks of the service: what time it is for business, and how much time has passed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from inbox_worker.core.time import ALMATY


def _now() -> datetime:
    return datetime.now(ALMATY)


@dataclass(frozen=True)
class Clock:
    """`now` decides (deadlines, Almaty) and may be set by hand in either direction; `tick` measures waiting.

    `tick` gives seconds since some moment and only ever grows: a clock that was moved must neither stop
    the service for an hour nor make it hurry.
    """

    now: Callable[[], datetime] = _now
    tick: Callable[[], float] = time.monotonic
