"""The calendar of the service: which jobs of rules/schedule.yaml are due at a moment, each for its day or month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_worker.contract.duty import delivery_due
from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY, to_almaty
from inbox_worker.settings.calendar import add_working_days, is_working_day, last_deadline
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.schedule_rules import Job

PAYMENTS = "payments"  # standing orders know by themselves what was made (outbox/requests.py)
_DAY_IN = {"draft": -1, "close": 1, "reports": 1}  # a `day`, seen from the month that the job is about; others 0
_MONTHS_BACK, _MONTHS_AHEAD = 3, 2


@dataclass(frozen=True)
class DueJob:
    """A job whose moment has come. `about`: the day, month or year that it is done for, once; `month` is None for a job
    of a day or a year."""

    name: str
    job: Job
    about: str
    at: datetime
    month: Period | None = None

    @property
    def key(self) -> str:
        """Return how acts name that it was done."""
        return f"{self.name} {self.about}"


def find_due_jobs(rules: Rules, now: datetime) -> Iterator[DueJob]:
    """Find the last moment of each active job: one that was missed earlier is made up for by the last one.

    On a working day the job of the day waits for its time; on a day off that of the last working day counts.
    """
    for name, job in rules.schedule.items():
        if job.active and name != PAYMENTS and (found := _find_last(name, job, to_almaty(now), rules)):
            yield found


def has_begun(job: Job, now: datetime) -> bool:
    """Return whether a job of every working day is active and its time of the day has come."""
    return job.active and to_almaty(now).time() >= job.time


def _find_last(name: str, job: Job, now: datetime, rules: Rules) -> DueJob | None:
    if job.when.every:
        day = now.date()
        while not is_working_day(day, rules):
            day = add_working_days(day, -1, rules)
        moments = [DueJob(name, job, day.isoformat(), _at(day, job))]
    elif job.when.month:
        months = (Period(now.year - back, job.when.month) for back in (0, 1))
        moments = [DueJob(name, job, str(month.year), _at(_day_of(month, job.when.day), job)) for month in months]
    else:
        ahead = [Period.of(now.date()).plus(number) for number in range(_MONTHS_AHEAD, -_MONTHS_BACK, -1)]
        moments = [DueJob(name, job, str(month), _at(_day_for(name, job, month, rules), job), month) for month in ahead]
    return next((one for one in moments if one.at <= now), None)


def _day_for(name: str, job: Job, month: Period, rules: Rules) -> date:
    """Return the day on which a job for a month is done."""
    of = month.plus(_DAY_IN.get(name, 0))
    if job.when.after:
        return last_deadline(of, rules).date() + timedelta(days=1)
    if job.when.before:
        due = delivery_due(month, rules, job.documents)
        return add_working_days(due, -job.when.before.days, rules)
    return _day_of(of, job.when.day)


def _day_of(month: Period, day: int | None) -> date:
    return month.first_day.replace(day=min(day or 1, month.days))


def _at(day: date, job: Job) -> datetime:
    return datetime.combine(day, job.time, tzinfo=ALMATY)
