"""Letters that a program sent by itself and that hold a form: staff see them, nothing posts, nobody is answered.

A program of a Customer marks what it sends as automatic, or sends through a list. Such a letter is never answered, for
an answer may start a loop (money.md, ignored); but a form in it is not lost: a task names the letter.
"""

from __future__ import annotations

from dataclasses import replace

from inbox_worker.core.model import Arrival, Finding, Outcome
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.task_making import make_letter_task
from inbox_worker.ledger.tasks import Task
from inbox_worker.receiving.opening import Opened, customers_for
from inbox_worker.receiving.screening import ROBOTS


def settle_robot(
    forms: FormDecider, arrival: Arrival, opened: Opened
) -> tuple[Outcome, tuple[Finding, ...], Task | None]:
    """Return what becomes of a letter that its opening left to a person: ignored (money.md), and a task where it has a
    form that can be read, or a file that cannot, and answers nothing of ours."""
    office, robots = forms.office, tuple(one for one in opened.findings if one.code in ROBOTS)
    found = [file.name for file in opened.forms if forms.form_of(file.data, file.name)]
    unread = not opened.forms
    ours = office.journal.letters.with_message_ids(opened.references)
    if ours or not (found or unread):
        return Outcome.IGNORED, robots, None
    customers = customers_for(arrival, opened.sender, office.journal.customers.at(arrival.received_at))
    owners = "; ".join(customer.bin for customer in customers)
    task, finding = make_letter_task(office, arrival, opened, "", owners, files=True)
    facts = {**finding.facts, "number": arrival.id}
    finding = replace(finding, code="task.robot", value="; ".join(found) or "—", facts=facts)
    return Outcome.IGNORED, (*robots, finding), task
