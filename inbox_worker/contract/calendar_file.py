"""Duties as a calendar file (.ics, RFC 5545): a day each, for the calendar of whoever keeps the terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from inbox_worker.contract.duty import Duty
from inbox_worker.core.text import one_line
from inbox_worker.settings.rules import Rules

_LONGEST = 75  # bytes of a line
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})


def write_calendar(duties: Iterable[Duty], rules: Rules, on: date) -> bytes:
    """Return the days of what is open and overdue. The same duty has the same UID in every file: a calendar that reads
    a later file updates it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//inbox-worker//duties//RU"]
    for duty in duties:
        if duty.state(on) != "met":
            lines += _event(duty, rules, on)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _fold(line)).encode("utf-8")


def _event(duty: Duty, rules: Rules, on: date) -> list[str]:
    rule = rules.duties[duty.duty]
    key = sha256(f"{duty.duty} {duty.customer} {duty.source}".encode()).hexdigest()[:32]
    summary = " ".join(filter(None, (duty.clause, rule.ru, duty.customer)))
    details = f"{rule.kk}; {duty.source}; {rule.missed.ru} / {rule.missed.kk}"
    return [
        "BEGIN:VEVENT",
        f"UID:{key}@inbox-worker",
        f"DTSTAMP:{on:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{duty.due:%Y%m%d}",
        f"DTEND;VALUE=DATE:{duty.due + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{one_line(summary).translate(_ESCAPED)}",
        f"DESCRIPTION:{one_line(details).translate(_ESCAPED)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _fold(line: str) -> list[str]:
    """Split a long line between characters; a line that goes on begins with a blank."""
    parts, current = list[str](), ""
    for sign in line:
        if len((current + sign).encode("utf-8")) > _LONGEST:
            parts.append(current)
            current = " "
        current += sign
    return [*parts, current]
