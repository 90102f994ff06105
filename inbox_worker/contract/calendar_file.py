"""Duties as a calendar file (.ics, RFC 5545): a day each, for the calendar of whoever keeps the terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from inbox_worker.contract.duty import Duty
from inbox_worker.core.model import Customer
from inbox_worker.core.text import one_line
from inbox_worker.settings.rules import Rules


def write_calendar(duties: Iterable[Duty], customers: Mapping[str, Customer], rules: Rules, on: date) -> bytes:
    """Return the days of what is open and overdue, with the Customers' names. The same duty has the same UID in every
    file: a calendar that reads a later file updates it."""
    calendar = Calendar()
    calendar.add("prodid", "-//inbox-worker//duties//RU")
    calendar.add("version", "2.0")
    for duty in duties:
        if duty.state(on) != "met":
            known = customers.get(duty.customer)
            calendar.add_component(_event(duty, known.name if known else "", rules, on))
    return bytes(calendar.to_ical())


def _event(duty: Duty, name: str, rules: Rules, on: date) -> Event:
    rule, event = rules.duties[duty.duty], Event()
    key = sha256(f"{duty.duty} {duty.customer} {duty.source}".encode()).hexdigest()[:32]
    summary = " ".join(filter(None, (duty.clause, rule.ru, name, duty.customer)))
    details = f"{rule.kk}; {duty.source}; {rule.missed.ru} / {rule.missed.kk}"
    event.add("uid", f"{key}@inbox-worker")
    event.add("dtstamp", datetime.combine(on, time(), tzinfo=UTC))
    event.add("dtstart", duty.due)
    event.add("dtend", duty.due + timedelta(days=1))
    event.add("summary", one_line(summary))
    event.add("description", one_line(details))
    event.add("transp", "TRANSPARENT")
    return event
