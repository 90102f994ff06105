"""The day that staff name in words of theirs: when documents came on paper, when a document was handed over."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from inbox_worker.core.errors import UseError
from inbox_worker.core.time import to_almaty
from inbox_worker.forms.values import day, without_year

_DAYS = re.compile(r"(?<![\d.])(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}-\d\d-\d\d)(?![\d.]?\d)")
_IN_WORDS = re.compile(r"(?<!\d)\d{1,2}\s+[^\W\d]+\s+\d{4}(?!\d)")
_NO_YEAR = re.compile(r"(?<![\d.])(?:\d{1,2}\s+[^\W\d]+|\d{1,2}\.\d{1,2})(?![\d.]?\d)")


class UnclearDay(UseError):
    """The words of staff name several days, one that is none, one without its year, or one to come."""


def day_said(words: str) -> date | None:
    """Return the one day that the words name; None when they name none. Raises UnclearDay.

    >>> day_said('бумага, 21.08.2026'), day_said('бумага')
    (datetime.date(2026, 8, 21), None)
    """
    written = [found[0] for found in _DAYS.finditer(words)]
    days = {text: day(text) for text in written}
    days |= {text: named for found in _IN_WORDS.finditer(words) if (named := day(text := found[0]))}
    if unread := [text for text, named in days.items() if named is None]:
        raise UnclearDay(f"{unread[0]} is no day; write the day like 21.08.2026")
    if len(set(days.values())) > 1:
        raise UnclearDay(f"these are several days: {', '.join(days)}; name only the one that is meant")
    if not days and (short := [text for found in _NO_YEAR.finditer(words) if without_year(text := found[0], True)]):
        raise UnclearDay(f"{short[0]} has no year; write the day like 21.08.2026")
    return next(iter(days.values()), None)


def moment_said(words: str, now: datetime) -> datetime:
    """Return the end of the day that the words name, `now` where they name none or today. Raises UnclearDay."""
    named, today = day_said(words), to_almaty(now)
    if named is None:
        return now
    if named > today.date():
        raise UnclearDay(f"{named:%d.%m.%Y} has not come yet: today is {today:%d.%m.%Y}")
    return min(now, datetime.combine(named, time.max, tzinfo=today.tzinfo))
