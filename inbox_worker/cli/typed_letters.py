"""`tasks done --as`: a letter without a form acts as what staff say that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_worker.cli.support import day_of_text, now, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.deciding.typed_letters import LetterWords
    from inbox_worker.ledger.tasks import Task
    from inbox_worker.month.office import Office


def words_of(what: str, day: str, words: dict[str, str]) -> LetterWords:
    """Return the words of staff about a letter. Raises UseError."""
    from inbox_worker.deciding.typed_letters import KINDS, LetterWords

    known = next((one for one in KINDS if one == what), None)
    if known is None:
        raise UseError(f"--as {what}: there is no such letter; write one of {', '.join(KINDS)}")
    return LetterWords(known, day=day_of_text(day), **words)


def type_letter(office: Office, task: Task, said: LetterWords, json: bool) -> None:
    """Let a letter act as what staff say it is, and print its task and the form that was made of it."""
    from inbox_worker.cli.screens import show_arrivals, show_lines
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.report import arrival_json
    from inbox_worker.deciding.typed_letters import act_on_letter
    from inbox_worker.workbooks.cells import CellReader

    with CellReader(office.rules.limits) as reader:
        arrival = act_on_letter(Pipeline(office, reader), task, said, now())
    made = [arrival_json(office.journal, arrival, office.home.archive)] if arrival else []
    finished = office.journal.tasks.find(task.id)
    if json and finished:
        print_json({"tasks": [task_json(finished)], "arrivals": made})
        return
    if made:
        show_arrivals(made, office.rules.forms, office.say)
    show_lines([office.say("task.was_done", task=task.id)])


def show_foreseen(office: Office, task: Task, said: LetterWords, json: bool) -> None:
    """Print what a letter would do as what staff say it is; nothing is kept."""
    from inbox_worker.cli.screens import show_arrivals, show_lines
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.preview import preview_json
    from inbox_worker.deciding.typed_letters import foresee_letter
    from inbox_worker.workbooks.cells import CellReader

    with CellReader(office.rules.limits) as reader:
        made = [preview_json(one) for one in foresee_letter(Pipeline(office, reader), task, said, now())]
    if json:
        print_json({"dry_run": True, "tasks": [task_json(task)], "arrivals": made})
        return
    if made:
        show_arrivals(made, office.rules.forms, office.say, dry_run=True)
    show_lines([office.say("task.would_be_done", task=task.id)])


def task_json(task: Task) -> dict[str, str]:
    """Return the task as programs read it (`tasks --json`)."""
    return {
        "task": task.id,
        "kind": task.kind,
        "customer": task.customer,
        "state": task.state(now().date()),
        "due": task.due.isoformat(),
        "clause": task.clause,
        "source": task.source,
        "note": task.note,
    }
