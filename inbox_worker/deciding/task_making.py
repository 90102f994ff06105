"""Tasks that arrivals make: recorded in the transaction that decides, finished in the one that settles them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Connection

from inbox_worker.core.addresses import is_same_address
from inbox_worker.core.identifiers import NUMBER
from inbox_worker.core.model import Arrival, Finding, Outcome, Severity, Submission, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.holds import CONFIRMATION, DOCUMENTS, TASK, task_of, task_term
from inbox_worker.deciding.release import replied_to, spoken_of
from inbox_worker.deciding.table import show
from inbox_worker.deciding.wording import word_all
from inbox_worker.ledger.acts import acting
from inbox_worker.ledger.letters import Letters
from inbox_worker.ledger.tasks import LETTER, Task, Tasks
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import INSTEAD, LOAD, Opened, customers_of
from inbox_worker.settings.rules import Rules

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
    """Return the task of a letter without a form, and the finding that says so: of a known Customer, who sent files; of
    anybody who answers us about something that is still open, for he may say that it is not his."""
    customers = customers_of(opened.sender, office.journal.customers()) if opened.sender else []
    about, of = ("", "") if arrival.mailbox == LOAD else open_matter(office, opened, [c.bin for c in customers])
    wrapped = any(finding.code == _WRAPPED for finding in opened.findings)
    files = bool(customers and (opened.documents or wrapped))
    if arrival.mailbox == LOAD or not (about or files):
        return None
    came = to_almaty(arrival.received_at)
    clause, due = task_term(office.rules, "letter", came.date())
    subject = opened.text.partition("\n")[0].strip()
    what = "; ".join(filter(None, [subject, *(document.name for document in opened.documents)]))
    what = (f"→ {about}: {what}" if about else what)[:_LONGEST]
    owners, made_at = "; ".join(c.bin for c in customers) or of, came.isoformat(timespec="seconds")
    task = Task(LETTER, owners, opened.sender, what, arrival.number, about, clause, due, made_at)
    facts = {"due": show(due), "clause": clause, "about": about}
    return task, Finding("task.letter" if files else "task.reply", value=arrival.source, facts=facts)


def open_matter(office: Office, opened: Opened, own: Sequence[str]) -> tuple[str, str]:
    """Return the number of what a letter is about if that is still open (a held form, a task), and whose it is.

    Asked of the Customers `own` of its sender, and of the address that we wrote to, for a reply to what we wrote there.
    """
    journal, tasks = office.journal, Tasks(office.journal).open()
    written = Letters(journal).with_message_ids(opened.references)
    ours = {one.arrival for one in written if opened.sender and is_same_address(one.recipient, opened.sender)}
    named = [int(number[1]) for number in NUMBER.finditer(opened.text)]
    for number in dict.fromkeys([*replied_to(journal, opened.references), *named]):
        letter = next((t for t in tasks if t.kind == LETTER and t.arrival == number), None)
        if letter and (number in ours or set(letter.customer.split("; ")) & set(own)):
            return letter.source, letter.customer
    waiting = {task.submission for task in tasks}
    found = [
        form
        for form in spoken_of(journal, opened.references, opened.text)
        if (form.customer in own or form.arrival in ours)
        and (form.id in waiting or form.waits_for(DOCUMENTS) or form.waits_for(CONFIRMATION))
    ]
    if not found:
        return "", ""
    first = found[0]
    alone = len({form.id for form in found if form.arrival == first.arrival}) == 1
    return first.id if alone else f"IW-{first.arrival:06d}", first.customer


def replies_waiting(office: Office, numbers: Iterable[str]) -> list[str]:
    """Return a line for each open letter about these forms, for staff who decide about them."""
    tasks = Tasks(office.journal)
    found = {task.id: (number, task) for number in numbers for task in tasks.replies_about(number)}
    return [
        f"{number}: a reply of {task.sender} waits: {task.id}, {task.source}; read it first: `tasks show {task.id}`"
        for number, task in found.values()
    ]


def replaced_while_held(office: Office, opened: Opened, own: Sequence[str]) -> list[Finding]:
    """Return what to tell of documents for forms that wait for none any more: a later one took their place."""
    return [
        Finding("documents.for_replaced", value=form.id, facts={"by": form.replaced_by})
        for form in spoken_of(office.journal, opened.references, opened.text)
        if opened.documents and form.customer in own and form.outcome is Outcome.HELD and form.replaced_by
    ]


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
