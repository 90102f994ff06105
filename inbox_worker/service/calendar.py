"""The service keeps the calendar (rules/schedule.yaml): each job once for its day or month, whatever ends the program.

That a job was done is an act of the service, recorded in one transaction with what the job records. What it makes
before that may be made again: a kill midway makes nothing twice and leaves nothing out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.schedule import DueJob, find_due_jobs
from inbox_worker.core.errors import foreseen_errors, reason_of
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.month.office import Office
from inbox_worker.outbox.proposals import finish_closed
from inbox_worker.service.calendar_jobs import DO

CALENDAR, BEGUN = "calendar", "begun"  # the act, and its subject when a home keeps the calendar for the first time
_LOOK_BACK = timedelta(days=3)  # a home makes up for so much from before it kept the calendar
_COUNTED = timedelta(minutes=15)  # between two counts of all duties: on a large home that takes a second
_AGAIN = timedelta(minutes=10)  # after a job that failed, or that has not what it needs yet


class ServiceCalendar:
    """Does what is due. It remembers only what it need not ask the journal again."""

    def __init__(self) -> None:
        self._done = set[str]()
        self.more = False
        self._counted: datetime | None = None
        self._waiting: dict[str, tuple[datetime, str]] = {}  # until when, and what is wrong ('' = not yet)

    def keep(self, office: Office, now: datetime, most: int = 100) -> list[str]:
        """Do what is due at a moment, at most so many jobs, under the home's lock; `more` says whether others are left.
        Return what people must know, a line each; a standing problem is returned each time."""
        finish_closed(office, now)
        due = [one for one in find_due_jobs(office.rules, now) if one.key not in self._done]
        if due:
            self._done |= _find_done(office, due, now)
        left = [one for one in due if one.key not in self._done and not self._waits(one, now)]
        for one in left[:most]:
            self._do(office, one, now)
        self.more = len(left) > most
        standing = {one.key for one in due}
        return [problem for key, (_, problem) in self._waiting.items() if problem and key in standing]

    def count_duties(self, office: Office, now: datetime) -> Mapping[tuple[str, str], int] | None:
        """Count the duties that are not met by party and state; None while the last count is fresh."""
        if self._counted and self._counted <= now < self._counted + _COUNTED:
            return None
        self._counted, today = now, to_almaty(now).date()
        return Counter((duty.who, duty.state(today)) for duty in find_duties(office, today))

    def _waits(self, due: DueJob, now: datetime) -> bool:
        """Return whether a job was tried so shortly before that it is not tried again yet."""
        until, _ = self._waiting.get(due.key, (now, ""))
        return now < until <= now + _AGAIN

    def _do(self, office: Office, due: DueJob, now: datetime) -> None:
        self._waiting.pop(due.key, None)
        try:
            finish = DO[due.name](office, due, now)
            if finish is None:
                self._waiting[due.key] = now + _AGAIN, ""
                return
            with office.journal.transaction() as connection:
                record_act(connection, CALENDAR, due.key, now, who=SERVICE, details=finish(connection))
        except foreseen_errors() as error:  # the other jobs, and what waits to leave, do not wait for it
            self._waiting[due.key] = now + _AGAIN, f"schedule.yaml, {due.key}: {reason_of(error)}; it is tried again"
            return
        self._done.add(due.key)


def _find_done(office: Office, due: list[DueJob], now: datetime) -> set[str]:
    """Return the keys of jobs that were done, and of those that were due before the home kept the calendar."""
    acts = find_acts_named(office.journal.database, CALENDAR)
    if not acts:
        with office.journal.transaction() as connection:
            record_act(connection, CALENDAR, BEGUN, now, who=SERVICE)
    begun = datetime.fromisoformat(acts[0].at) if acts else now
    return {act.subject for act in acts} | {one.key for one in due if one.at < begun - _LOOK_BACK}
