"""Business time: Asia/Almaty, by the pinned tables of time zones."""

from __future__ import annotations

import zoneinfo
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
