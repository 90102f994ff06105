"""Tasks that arrivals make: recorded in the transaction that decides, finished in the one that settles them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.core.identifiers import parse_number
from inbox_worker.core.model import Arrival, Finding, Outcome, Severity, Submission, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.core.users import find_user
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.held_for import LONGEST_TASK, task_term
from inbox_worker.deciding.held_forms import (
    documents_for,
    find_taken_back,
    open_matter,
    speaks_against,
    spoken_of,
    taken_back_by,
)
from inbox_worker.deciding.letter_totals import find_other_total
from inbox_worker.deciding.letter_words import (
    asks_not_to_count,
    only_thanks,
    own_text,
    says_any,
    speaks_against_own,
    with_names_of,
)
from inbox_worker.deciding.register_changes import LEFT_TO_STAFF
from inbox_worker.deciding.table import show
from inbox_worker.deciding.wording import word_all
from inbox_worker.ledger.tasks import DONE_BY_FORM, LETTER, Task
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import LOAD, Opened, customers_for, customers_of
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sniff import Kind, sniff

INSTEAD = {
    Kind.PDF: "workbook.pdf", Kind.MESSAGE: "workbook.message", Kind.PICTURE: "workbook.picture",
    Kind.WORDS: "workbook.words", Kind.HTML: "workbook.web_page", Kind.OTHER: "workbook.not_a_workbook",
}  # fmt: skip
_PROGRAM = "program"


def letter_task(office: Office, arrival: Arrival, opened: Opened) -> tuple[Task, Finding] | None:
    """Return the task of a letter without a form, and the finding that says so: of a known Customer or bank, unless it
    only thanks; of anybody who answers us about something that is still open, for he may say that it is not his."""
    if arrival.mailbox == LOAD:
        return None
    customers = customers_of(opened.sender, office.journal.customers.at(arrival.received_at)) if opened.sender else []
    bins, words = [c.bin for c in customers], office.rules.tasks.letter
    about, of = open_matter(office, opened, bins)
    about = about or find_taken_back(office, arrival, opened, bins)
    idle = not (opened.documents or opened.findings) and only_thanks(opened, words)
    asks = bool(customers or opened.bank) and not idle
    if not (about or asks):
        return None
    return make_letter_task(office, arrival, opened, about, "; ".join(bins) or of, files=not about)


def taking_back_task(
    office: Office, arrival: Arrival, opened: Opened, cases: Sequence[Case]
) -> tuple[Task, Finding] | None:
    """Return the task of a letter with forms whose words take back an earlier one, which none of its forms replaces, or
    ask not to count those in it, say another measure of their numbers, or say more of them than stands in them."""
    bins = [c.bin for c in customers_for(arrival, opened.sender, office.journal.customers.at(arrival.received_at))]
    cells = (case.form.header.get("replaces") for case in cases)
    named = {number for cell in cells if cell and (number := parse_number(cell.text))}
    about = find_taken_back(office, arrival, opened, bins, named)
    if about:
        return make_letter_task(office, arrival, opened, about, "; ".join(bins), files=False)
    said = ""
    words, replacing = office.rules.tasks.letter, office.rules.vocabulary.labels["replaces"] if named else ()
    if all(asks_not_to_count(case.file.name, opened.text, words) for case in cases):
        return None  # each form waits for a person: its task says so
    if speaks_against_own(opened, words):
        code = "task.words_against"
    elif office.rules.vocabulary.around.measured.stand_in(own_text(with_names_of(opened))):
        code = "task.other_measure"
    elif says_any(with_names_of(opened), words.remarks, but=replacing):
        code = "task.remark"
    elif said := find_other_total(own_text(opened.text), cases, words):
        code = "task.total_differs"
    else:
        return None
    task, finding = make_letter_task(office, arrival, opened, "", "; ".join(bins), files=True)
    return task, replace(finding, code=code, value=arrival.id, facts={**finding.facts, "said": said})


def make_letter_task(
    office: Office, arrival: Arrival, opened: Opened, about: str, owners: str, files: bool
) -> tuple[Task, Finding]:
    """Return the task of a letter, and the finding that says so. `about`: the number of what it is about; `files`:
    whether it brought something that no form is."""
    came = to_almaty(arrival.received_at)
    clause, due = task_term(office.rules, LETTER, came.date())
    subject = opened.text.partition("\n")[0].strip()
    what = "; ".join(filter(None, [subject, *(document.name for document in opened.documents)]))
    what = (f"→ {about}: {what}" if about else what)[:LONGEST_TASK]
    task = Task(LETTER, owners, opened.sender, what, arrival.number, about, clause, due, came)
    facts = {"due": show(due), "clause": clause, "about": about}
    return task, Finding("task.letter" if files else "task.reply", value=arrival.source, facts=facts)


def decide_without_form(office: Office, arrival: Arrival, opened: Opened) -> tuple[Outcome, list[Finding], Task | None]:
    """Return what becomes of a letter that has no form and releases none: held for a person where its task says so,
    else ignored; and what there is to say of it."""
    own = [c.bin for c in customers_for(arrival, opened.sender, office.journal.customers.at(arrival.received_at))]
    found = letter_task(office, arrival, opened)
    notes = [Finding("message.without_form", value=arrival.source), *_replaced_while_held(office, opened, own)]
    if found and found[0].submission:
        notes += _withheld(office, opened, own, found[0].submission)
    else:
        notes += _instead_of_a_form(opened)
    return (Outcome.HELD, [*notes, found[1]], found[0]) if found else (Outcome.IGNORED, notes, None)


def replies_waiting(office: Office, numbers: Iterable[str]) -> list[str]:
    """Return a line for each open letter about these forms, for staff who decide about them."""
    tasks = office.journal.tasks
    found = {task.id: (number, task) for number in numbers for task in tasks.replies_about(number)}
    return [
        f"{number}: a reply of {task.sender} waits: {task.id}, {task.source}; read it first: `tasks show {task.id}`"
        for number, task in found.values()
    ]


def _replaced_while_held(office: Office, opened: Opened, own: Sequence[str]) -> list[Finding]:
    """Return what to tell of documents for forms that wait for none any more: a later one took their place."""
    return [
        Finding("documents.for_replaced", value=form.id, facts={"by": form.replaced_by or ""})
        for form in spoken_of(office.journal, opened.references, opened.text)
        if opened.documents and form.customer in own and form.outcome is Outcome.HELD and form.replaced_by
    ]


def _withheld(office: Office, opened: Opened, own: Sequence[str], about: str) -> list[Finding]:
    """Tell why documents do not release the form that they are for: their letter, or an earlier one, speaks against
    it."""
    journal, words = office.journal, office.rules.tasks.letter
    if not opened.documents:
        return []
    if speaks_against(journal, opened.text, words):
        return [Finding("documents.against", value=about)]
    waiting = (form for form in documents_for(journal, opened.references, opened.text, words) if form.customer in own)
    letters = [(form.id, task) for form in waiting if (task := taken_back_by(office, form))]
    return [
        Finding(
            "documents.taken_back",
            value=form,
            facts={"letter": task.source, "day": show(to_almaty(task.made_at).date())},
        )
        for form, task in letters
    ]


def word_letter(findings: Iterable[Finding], task: Task | None, rules: Rules) -> list[WordedFinding]:
    """Word a letter's findings. What came instead of a form is no error where a person sees to the letter."""
    worded = word_all(findings, rules)
    if task is None:
        return worded
    return [replace(one, severity=Severity.INFO) if one.code in INSTEAD.values() else one for one in worded]


def keep_task(
    connection: Connection, office: Office, held: Submission, task: Task | None, asked: Sequence[Task] = ()
) -> Submission:
    """Record a form's tasks in the transaction of its decision; return the form with the number of the first.

    A task of the form that this one replaces whole is done.
    """
    tasks = office.journal.tasks
    if held.replaces and held.outcome.posted:
        replaced = office.journal.submissions.get(held.replaces)
        if replaced and replaced.task:
            tasks.finish(connection, [replaced.task], held.complete_at, _PROGRAM, f"→ {held.id}", DONE_BY_FORM)
    made = [tasks.add(connection, one).id for one in ((task, *asked) if task else asked)]
    return replace(held, task=made[0]) if made and not held.task else held


def settle_task(
    connection: Connection, office: Office, decided: Submission, now: datetime, note: str, leaves_work: bool
) -> None:
    """Settle a form's task after a confirmation or documents: done, unless it `leaves_work` still to be done."""
    if not decided.task or decided.held_for:
        return
    tasks = office.journal.tasks
    if decided.outcome.posted and leaves_work:
        tasks.note(connection, decided.task, now, note)
    else:
        tasks.finish(connection, [decided.task], now, find_user(), note)


def list_manual_steps(office: Office, decided: Sequence[Submission]) -> list[str]:
    """Return what staff must still do themselves after these forms were confirmed, a line a form (law 7)."""
    lines = []
    for one in decided:
        after = office.rules.tasks.rule(office.rules.tasks.kind(one.form)).after if one.outcome.posted else None
        findings = office.journal.submissions.findings_of(one.arrival, one.id) if after else []
        if after and one.task and any(finding.code == LEFT_TO_STAFF for finding in findings):
            lines.append(f"{one.id}, {one.task}: {office.say.of(after)}")
    return lines


def _instead_of_a_form(opened: Opened) -> list[Finding]:
    """Tell of each file of a letter without a form what it is, why no figure of it counts and what to send instead
    (4.1.15); not of one that the letter's other findings name."""
    named = {finding.value for finding in opened.findings}
    rest = [document for document in opened.documents if document.name not in named]
    kinds = [(sniff(document.data, document.name), document.name) for document in rest]
    return [Finding(INSTEAD[kind], value=name) for kind, name in kinds if kind in INSTEAD]
