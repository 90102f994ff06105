"""Held submissions and the documents they wait for: found by reply, by number, or told by staff (4.3.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time

from inbox_worker.calendar import to_almaty
from inbox_worker.form.values import day
from inbox_worker.ledger.deliveries import Deliveries
from inbox_worker.ledger.journal import Journal
from inbox_worker.model import Outcome, Submission

NUMBER = re.compile(r"\bIW-(\d{6,})(?:-(\d+))?\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{2}\.\d{2}\.\d{4}\b")


class FutureDocuments(Exception):
    """Staff named a day that has not come yet."""


def held_by_number(journal: Journal, identifier: str) -> list[Submission]:
    """Held submissions that a number names: one form (`IW-000012-1`) or all of an arrival (`IW-000012`)."""
    found = NUMBER.fullmatch(identifier.strip())
    if not found:
        return []
    return [
        submission
        for submission in journal.submissions_of(int(found[1]))
        if is_waiting(submission) and found[2] in (None, str(submission.ordinal))
    ]


def documents_for(journal: Journal, references: Sequence[str], text: str) -> list[Submission]:
    """Held submissions that a letter is about: it replies to theirs, to our answer, or names their number."""
    arrivals = [arrival.number for arrival in journal.arrivals_with_message_id(references)]
    arrivals += Deliveries(journal).arrivals_answered_by(references)
    held = [
        submission
        for number in dict.fromkeys(arrivals)
        for submission in journal.submissions_of(number)
        if is_waiting(submission)
    ]
    for named in NUMBER.finditer(text):
        held += held_by_number(journal, named[0])
    return list({submission.id: submission for submission in held}.values())


def is_waiting(submission: Submission) -> bool:
    """Held, and not replaced whole by a later form."""
    return submission.outcome is Outcome.HELD and not submission.replaced_by


def release_moment(documents: str, now: datetime) -> datetime:
    """When the documents came: the day staff wrote (to its end), else now. Raises FutureDocuments."""
    written = _DATE.search(documents)
    came = day(written[0]) if written else None
    if came is None:
        return now
    today = to_almaty(now)
    if came > today.date():
        raise FutureDocuments(f"{came:%d.%m.%Y} has not come yet: today is {today:%d.%m.%Y}")
    return min(now, datetime.combine(came, time.max, tzinfo=today.tzinfo))
