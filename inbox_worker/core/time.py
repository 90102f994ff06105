"""Business time (Asia/Almaty, by the pinned tables of time zones) and the service's two clocks."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_ZONE_NAME = "Asia/Almaty"


def _pinned_zone() -> zoneinfo.ZoneInfo:
    """Return the zone out of the pinned tzdata package, whatever the machine's own tables say.

    A machine with tables older than 2024 still counts Almaty as UTC+6: every cut-off would be an hour wrong.
    """
    of_machine = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())
    try:
        zoneinfo.ZoneInfo.clear_cache(only_keys=[_ZONE_NAME])
        return zoneinfo.ZoneInfo(_ZONE_NAME)
    finally:
        zoneinfo.reset_tzpath(to=of_machine)


ALMATY = _pinned_zone()


def to_almaty(moment: datetime) -> datetime:
    """Return the same moment on the clock of Almaty. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; business time needs an aware moment")
    return moment.astimezone(ALMATY)


def _now() -> datetime:
    return datetime.now(ALMATY)


@dataclass(frozen=True)
class Clock:
    """`now` decides (deadlines, Almaty) and may be set by people in either direction; `tick` measures waiting.

    `tick` gives seconds since some moment and only ever grows: a clock that was moved must neither stop
    the service for an hour nor make it hurry.
    """

    now: Callable[[], datetime] = _now
    tick: Callable[[], float] = time.monotonic
