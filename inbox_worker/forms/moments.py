"""A written day without the time of day behind it: `10.08.2026 14.30`, `10.08.2026 в 14 ч 30 мин`, ISO with a zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_HOURS = r"(?:[01]?\d|2[0-4])"
_IN_LETTERS = r" ?(?:ч|час|часа|часов|сағ|сағат)(?![^\W\d_])\.?"
_TIME = re.compile(
    rf"(?i)(?:, ?| |(?<=\d)t)(?:"
    rf"{_HOURS}:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?"
    rf"|{_HOURS}(?P<sign>[.-])(?:00|1[3-9]|[2-5]\d)(?:(?P=sign)[0-5]\d)?"  # 11.08 may be another day
    rf"|(?:в|сағат) {_HOURS}[:.-][0-5]\d(?:[:.][0-5]\d)?"
    rf"|(?:в |сағат )?{_HOURS}{_IN_LETTERS}(?: ?[0-5]\d ?(?:м|мин|минут|минуты)(?![^\W\d_]))?"
    rf")(?:{_IN_LETTERS})?$"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)? ?(?:Z|[+-]\d\d(?::?\d\d)?)")
_OURS = (timedelta(hours=5), timedelta(hours=6))  # of Kazakhstan since March 2024, and before: many programs keep it
_SHORTEST = 11  # signs of a day with a time


def without_time(text: str) -> str:
    """Return a written day or month, its blanks single, without the sign that ends it and the time of day behind it. A
    moment with a zone stays as it is where it is on another day here: many programs write our midnight as 19:00 of the
    day before in UTC, and which day was meant is not ours to guess.

    >>> without_time('10.08.2026 14.30'), without_time('10.08.2026 г. в 9 ч 05 мин.'), without_time('10.08.2026 11.08')
    ('10.08.2026', '10.08.2026 г', '10.08.2026 11.08')
    >>> without_time('2026-08-10T14:30:00Z'), without_time('2026-08-09T19:00:00Z')
    ('2026-08-10', '2026-08-09T19:00:00Z')
    """
    text = text.rstrip(".,;")
    if len(text) < _SHORTEST:
        return text
    if _MOMENT.fullmatch(text):
        return text[:10] if _is_same_day_here(text) else text
    return _TIME.sub("", text).rstrip(".,")


def _is_same_day_here(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", "").replace(",", "."))
    except ValueError:
        return False
    return moment.utcoffset() in _OURS or all(
        moment.astimezone(timezone(zone)).date() == moment.date() for zone in _OURS
    )
