"""Ends that come by themselves: whether lines stop after a house's contract or an attestation ran out is asked of staff
(4.3.10, 4.3.11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from inbox_worker.contract.events import find_house_contracts
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.held_for import task_term
from inbox_worker.deciding.table import show
from inbox_worker.ledger.tasks import STOP, Task
from inbox_worker.month.office import Office


def ask_about_ended(office: Office, now: datetime) -> None:
    """Make a task for each house whose contract ran out without another, and each attestation that did, once; those
    that a notice told of have theirs already."""
    sources = DutySources(office, to_almaty(now).date())
    found = [*_ended_contracts(sources, now), *_ended_attestations(sources, now)]
    if not found:
        return
    known = [task for task in office.journal.tasks.all() if task.kind == STOP]
    asked, notices = {(task.customer, task.what) for task in known}, {task.submission for task in known if task.sender}
    new = [task for task in found if (task.customer, task.what) not in asked and task.submission not in notices]
    if new:
        with office.journal.transaction() as connection:
            for task in new:
                office.journal.tasks.add(connection, task)


def _ended_contracts(sources: DutySources, now: datetime) -> Iterator[Task]:
    on, every = sources.on, find_house_contracts(sources)
    standing = {(one.customer, one.house) for one in every if one.state(on) == "in force"}
    for one in every:
        if one.state(on) == "ended" and (one.customer, one.house) not in standing and one.until:
            lines = sources.office.directory.lines(one.customer, Period.of(on))
            if one.house in set(lines.column("house").to_pylist()):
                yield _ask(sources, one.customer, one.source, f"{one.house}: {show(one.until)}", "4.3.11", now)


def _ended_attestations(sources: DutySources, now: datetime) -> Iterator[Task]:
    for customer in sources.customers:
        until = customer.attested_until
        if until is not None and until < sources.on and not (customer.valid_until and customer.valid_until < until):
            version = next((v for v in reversed(sources.office.journal.customers.versions(customer.bin))
                         if v.customer.attested_until == until), None)  # fmt: skip
            if version is not None:
                yield _ask(sources, customer.bin, version.submission, show(until), "4.3.10", now)


def _ask(sources: DutySources, customer: str, source: str, what: str, clause: str, now: datetime) -> Task:
    arrival, made_at = int(source[3:9]), to_almaty(now)
    due = task_term(sources.office.rules, STOP, sources.on)[1]
    return Task(STOP, customer, "", what, arrival, source, clause, due, made_at)
