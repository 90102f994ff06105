"""Decide proposed stops: staff accept one, and its lines are not charged from the next month and the Customer is told;
or turn it down, with their reason (4.3.5, 4.3.10, 4.3.11, 10.2, 10.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Outcome, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.table import show
from inbox_worker.deciding.written_form import check_written, ingest_written
from inbox_worker.ledger.acts import find_user, record_act
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.tasks import STOP, Task
from inbox_worker.month.months import is_closed
from inbox_worker.month.office import Office
from inbox_worker.outbox.publish_notices import make_notice

_OF_HOUSE, _OF_ATTESTATION = "4.3.11", "4.3.10"  # clauses by which the lines concerned are known
_LONGEST = 12  # months ahead; a later day is a slip of the pen
_TAKEN = (Outcome.ACCEPTED, Outcome.DUPLICATE)  # taken before, when a kill came between the stop and its task's end


class StopError(UseError):
    """A proposed stop cannot be decided as staff say; the text tells what is missing. Its task stays open."""


@dataclass(frozen=True)
class StopPlace:
    """Lines to be stopped: of an account or a house, of one service or all ('')."""

    house: str = ""
    account: str = ""
    service: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.house, self.account, self.service)))


@dataclass(frozen=True)
class DecidedStop:
    """A stop that was accepted: `submission` holds it, `begins` is its first day, `notice` waits for review."""

    submission: str
    begins: date
    places: tuple[StopPlace, ...]
    notice: Path


def find_proposed(office: Office) -> list[tuple[Task, tuple[StopPlace, ...]]]:
    """Return the stops that wait for a decision, the most urgent first, each with the lines that it is known to be
    about; none where staff must name them."""
    return [(task, find_places(office, task)) for task in office.journal.tasks.open() if task.kind == STOP]


def find_places(office: Office, task: Task) -> tuple[StopPlace, ...]:
    """Return the lines that a proposed stop is about: the house whose contract ended, or every house of a maintainer
    whose attestation ended; none where its clause does not tell (a complaint is of an account)."""
    if task.clause == _OF_HOUSE:
        files = [f for f in office.journal.facts.files("house_contracts") if f.submission == task.submission]
        rows = read_facts(office.home.ledger, "house_contracts", files).to_pylist() if files else []
        ended = [row for row in rows if row["customer"] == task.customer and row["until"]]
        named = [row for row in ended if f"{row['house']}: {show(row['until'])}" == task.what]
        return tuple(StopPlace(house=house) for house in sorted({row["house"] for row in named or ended}))
    if task.clause == _OF_ATTESTATION:
        lines = office.directory.lines(task.customer, Period.of(task.due))
        return tuple(StopPlace(house=house) for house in sorted(set(lines.column("house").to_pylist())))
    return ()


def accept_stop(
    pipeline: Pipeline, identifier: str, by: str, places: Sequence[StopPlace], now: datetime, since: date | None = None
) -> DecidedStop:
    """Stop the lines from the 1st of a month, tell the Customer, and finish the task.

    `by`: the ground, as the Customer reads it; `places`: what is stopped, none = what the proposal is about; `since`:
    the first day, None = of the next month. Raises StopError, for a day that cannot be one, too; WrittenFormRefused
    where the ledger does not take the stop.
    """
    office, task = pipeline.office, _find_open(pipeline.office, identifier)
    stopped, begins = _find_stopped(office, task, places), _find_first_day(office, to_almaty(now).date(), since)
    arrival = ingest_written(pipeline, "stops", _rows(task, stopped, by, begins), task.id, now)
    if arrival.outcome not in _TAKEN:
        raise StopError(f"{arrival.id}, made of {task.id}, is {arrival.outcome}; look at it before you decide the stop")
    taken = office.journal.submissions.get(f"{arrival.id}-1")
    holding = taken and taken.duplicate_of or f"{arrival.id}-1"
    words = f"{by} ({'; '.join(map(str, stopped))})"
    path = make_notice(office, "stop", task.customer, words, begins, now)
    _finish(office, task, f"stop accepted → {holding}: {by}", now)
    return DecidedStop(holding, begins, stopped, path)


def foresee_stop(
    pipeline: Pipeline, identifier: str, by: str, places: Sequence[StopPlace], now: datetime, since: date | None = None
) -> tuple[tuple[StopPlace, ...], date]:
    """Return what `accept_stop` would stop, and from which day. Nothing is written. Raises as it does."""
    office, task = pipeline.office, _find_open(pipeline.office, identifier)
    stopped, begins = _find_stopped(office, task, places), _find_first_day(office, to_almaty(now).date(), since)
    check_written(pipeline, "stops", _rows(task, stopped, by, begins), task.id, now)
    return stopped, begins


def decline_stop(office: Office, identifier: str, why: str, now: datetime) -> Task:
    """Leave the lines as they are, and finish the task with the reason. Raises StopError."""
    task = _find_open(office, identifier)
    _finish(office, task, f"stop declined: {why}", now)
    return task


def _find_open(office: Office, identifier: str) -> Task:
    task = office.journal.tasks.find(identifier)
    if task is None or task.kind != STOP:
        raise StopError(f"{identifier} is no proposed stop; `stops list` shows them")
    if task.done_at:
        raise StopError(f"{task.id} is decided already: {task.note}")
    return task


def _find_stopped(office: Office, task: Task, places: Sequence[StopPlace]) -> tuple[StopPlace, ...]:
    stopped = tuple(places) or find_places(office, task)
    if not stopped:
        raise StopError(f"{task.id} does not tell which lines: add --house or --account, and --service for one of them")
    return stopped


def _find_first_day(office: Office, today: date, since: date | None) -> date:
    """Return the first day of a stop: lines stop from the 1st of a month, and not in one that is closed."""
    if since is None:
        return Period.of(today).plus(1).first_day
    month = Period.of(since)
    if since != month.first_day:
        raise StopError(f"{since} is not the 1st of a month, and lines stop from one: --from {month.plus(1).first_day}")
    if is_closed(office, month):
        raise StopError(f"{month} is closed, its lines are charged: stop them from a later day, or `reopen` the month")
    if month > Period.of(today).plus(_LONGEST):
        raise StopError(f"{since} is more than {_LONGEST} months away; look at the year, or decide when it is nearer")
    return since


def _rows(task: Task, places: Sequence[StopPlace], by: str, begins: date) -> list[Mapping[str, str]]:
    return [
        {"bin": task.customer, "house": place.house, "account": place.account, "service": place.service,
         "from_date": show(begins), "reason": by, "clause": task.clause}
        for place in places
    ]  # fmt: skip


def _finish(office: Office, task: Task, note: str, now: datetime) -> None:
    with office.journal.transaction() as connection:
        office.journal.tasks.finish(connection, [task.id], now, find_user(), note)
        record_act(connection, "stop decided", task.id, now, details=note)
