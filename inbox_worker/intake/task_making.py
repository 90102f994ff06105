"""Tasks that arrivals make: recorded in the transaction that decides, finished in the one that settles them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Connection

from inbox_worker.calendar import to_almaty
from inbox_worker.context import Office
from inbox_worker.decision.holds import CONFIRMATION, TASK, task_of, task_term
from inbox_worker.decision.table import show
from inbox_worker.decision.words import word_all
from inbox_worker.intake.opening import INSTEAD, LOAD, Opened, customers_of
from inbox_worker.ledger.acts import acting
from inbox_worker.ledger.tasks import Task, Tasks
from inbox_worker.model import Arrival, Finding, Severity, Submission, WordedFinding
from inbox_worker.rules import Rules

_PROGRAM = "program"
_WRAPPED = "message.winmail"  # brought files that only its own program opens
_LONGEST = 500


def form_task(office: Office, arrival: Arrival, held: Submission, sender: str, rows: pa.Table) -> Task | None:
    """Return the task of a form that waits for a person; None when it waits for none, or has its task."""
    if held.task or not (held.waits_for(CONFIRMATION) or held.waits_for(TASK)):
        return None
    came = to_almaty(arrival.received_at)
    kind, clause, due = task_of(office.rules, held.form, rows, came.date())
    what = f"{office.rules.forms[held.form].title.ru}: {held.attachment}"[:_LONGEST]
    made_at = came.isoformat(timespec="seconds")
    return Task(kind, held.customer, sender, what, arrival.number, held.id, clause, due, made_at)


def letter_task(office: Office, arrival: Arrival, opened: Opened) -> tuple[Task, Finding] | None:
    """Return the task of a known Customer's letter that brought files and no form, and the finding that says so."""
    customers = customers_of(opened.sender, office.journal.customers()) if opened.sender else []
    wrapped = any(finding.code == _WRAPPED for finding in opened.findings)
    if arrival.mailbox == LOAD or not customers or not (opened.documents or wrapped):
        return None
    came = to_almaty(arrival.received_at)
    clause, due = task_term(office.rules, "letter", came.date())
    subject = opened.text.partition("\n")[0].strip()
    what = "; ".join(filter(None, [subject, *(document.name for document in opened.documents)]))[:_LONGEST]
    owners, made_at = "; ".join(customer.bin for customer in customers), came.isoformat(timespec="seconds")
    task = Task("letter", owners, opened.sender, what, arrival.number, "", clause, due, made_at)
    return task, Finding("task.letter", value=arrival.source, facts={"due": show(due), "clause": clause})


def word_letter(findings: Iterable[Finding], task: Task | None, rules: Rules) -> list[WordedFinding]:
    """A letter's findings in words. What came instead of a form is no error where a person sees to the letter."""
    worded = word_all(findings, rules)
    if task is None:
        return worded
    return [replace(one, severity=Severity.INFO) if one.code in INSTEAD.values() else one for one in worded]


def keep_task(connection: Connection, office: Office, held: Submission, task: Task | None) -> Submission:
    """Record a form's task in the transaction of its decision; return the form with the task's number.

    A task of the form that this one replaces whole is done.
    """
    tasks = Tasks(office.journal)
    if held.replaces and held.outcome.posted:
        replaced = office.journal.submission(held.replaces)
        if replaced and replaced.task:
            tasks.finish(connection, [replaced.task], held.complete_at, _PROGRAM, f"→ {held.id}")
    return replace(held, task=tasks.add(connection, task).id) if task else held


def settle_task(connection: Connection, office: Office, decided: Submission, now: datetime, note: str) -> None:
    """What a confirmation or documents leave of a form's task: done, unless something is still to be done by hand."""
    if not decided.task or decided.held_for:
        return
    tasks = Tasks(office.journal)
    if decided.outcome.posted and left_by_hand(office, [decided]):
        tasks.note(connection, decided.task, note)
    else:
        tasks.finish(connection, [decided.task], now, acting(), note)


def left_by_hand(office: Office, decided: Sequence[Submission]) -> list[str]:
    """Return what staff must still do themselves after these forms were confirmed, a line a form (law 7)."""
    lines = []
    for one in decided:
        after = office.rules.tasks.rule(office.rules.tasks.kind(one.form)).after if one.outcome.posted else None
        if after and one.task:
            lines.append(f"{one.id}, {one.task}: {after.ru}")
    return lines
