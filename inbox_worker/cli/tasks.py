"""`tasks`: the work of people, with clause and day, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.intake import DryRun
from inbox_worker.cli.support import Json, now, open_home, print_json
from inbox_worker.cli.typed_letters import show_foreseen, task_json, type_letter, words_of
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.core.model import Submission
    from inbox_worker.ledger.tasks import Task
    from inbox_worker.month.office import Office

tasks_app = typer.Typer(no_args_is_help=True)
Note = Annotated[str, typer.Option(help="What was done, or why a form is not confirmed; kept with it.")]
What = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="WHAT",
        help="What a letter without a form is; it acts like the form would: notice, withdrawal, proof (4.3.5), act "
        "(signed), original (4.6), consent (4.3.8), other.",
    ),
]
Kind = Annotated[str, typer.Option(help="Of a notice: its kind, as the form has it.")]
Day = Annotated[str, typer.Option(metavar="DATE", help="Of a notice: the day of the event, 2026-09-30.")]
Parameter = Annotated[str, typer.Option(help="Of a notice: service, house, end or account.")]
About = Annotated[str, typer.Option(metavar="ID", help="The act, form or task that it is about.")]
Whose = Annotated[str, typer.Option("--customer", metavar="BIN", help="Whose it is, where its sender has several.")]
Number = Annotated[str, typer.Argument(metavar="ID", help="Number of the task, T-000001.")]


@tasks_app.callback(invoke_without_command=True)
def tasks(context: typer.Context, json: Json = False) -> None:
    """Show what needs a person: letters without a form, requests, ...; `tasks --json` is `tasks list --json`."""
    if context.invoked_subcommand is None:
        list_(json=json)
    elif json:
        raise UseError("--json belongs behind the command: tasks list --json")


@tasks_app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also those done.")] = False,
    json: Json = False,
) -> None:
    """List tasks that are open, the most urgent first; --json prints every one."""
    from inbox_worker.cli.screens import show_tasks

    with open_home(write=False, decide=False) as office:
        tasks = office.journal.tasks
        if json:
            print_json({"tasks": [task_json(task) for task in tasks.all()]})
            return
        open_ = tasks.open()
        done = [task for task in tasks.all() if task.done_at] if all_ else []
        customers = office.journal.customers.on(now().date())
        show_tasks([(task_json(task), task.what) for task in (*open_, *done)], customers, office.say)


@tasks_app.command()
def show(identifier: Number, json: Json = False) -> None:
    """Show one task: what came, from whom, by when by which clause, and what to do."""
    from inbox_worker.cli.screens import name_customer, show_pairs

    with open_home(write=False, decide=False) as office:
        task = _find_task(office, identifier)
        if json:
            print_json({"tasks": [task_json(task)]})
            return
        rule = office.rules.tasks.rule(task.kind)
        held = _form_of(office, task)
        confirmed = rule.after if rule.after and held and held.confirmed and not task.done_at else None
        state, say = task_json(task)["state"], office.say
        finished = f"{task.done_at:%d.%m.%Y %H:%M} {task.done_by}" if task.done_at else "—"
        pairs = {
            "task.number": task.id, "column.kind": say(f"task.kind.{task.kind}"), "column.state": say(f"task.{state}"),
            "column.due": say("task.due", due=f"{task.due:%d.%m.%Y}", clause=task.clause),
            "column.customer": name_customer(task.customer, office.journal.customers.on(now().date())),
            "task.sender": task.sender or "—", "column.what": task.what, "column.about": task.about,
            "task.made": f"{task.made_at:%d.%m.%Y %H:%M}", "task.todo": say.of(confirmed or rule.todo),
            "task.replies": ", ".join(one.id for one in office.journal.tasks.replies_about(task.about)) or "—",
            "column.note": task.note or "—", "task.finished": finished,
        }  # fmt: skip
        show_pairs({say(label): value for label, value in pairs.items()})


@tasks_app.command()
def done(
    identifier: Number,
    note: Note = "",
    what: What = "",
    kind: Kind = "",
    date: Day = "",
    parameter: Parameter = "",
    about: About = "",
    customer: Whose = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Record that a person has done the task. A form that waits for a confirmation stays held: only `confirm` posts
    it."""
    from inbox_worker.core.users import find_user
    from inbox_worker.ledger.tasks import STOP

    if dry_run and not what:
        raise UseError("--dry-run shows what --as would do; write --as too")
    with open_home(write=not dry_run) as office:
        task, tasks = _find_task(office, identifier), office.journal.tasks
        if task.done_at:
            raise UseError(f"{task.id} is done already: {task.done_at.isoformat()}, {task.done_by}")
        if what:
            words = {"kind": kind, "parameter": parameter, "about": about, "customer": customer, "note": note}
            said = words_of(what, date, {name: text.strip() for name, text in words.items()})
            (show_foreseen if dry_run else type_letter)(office, task, said, json)
            return
        if kind or date or parameter or about or customer:
            raise UseError("--kind, --date, --parameter, --about and --customer say more of --as; write --as too")
        if task.kind == STOP:
            raise UseError(f"{task.id} proposes a stop: `stops accept {task.id} --by TEXT`, or `stops decline`")
        if not note.strip() and (held := _still_held(office, task)):
            what = f"{held.id} stays held: `confirm {held.id} --by TEXT` posts it"
            raise UseError(f"{task.id} is not confirmed; {what}; --note TEXT says why it is not")
        with office.journal.transaction() as connection:
            tasks.finish(connection, [task.id], now(), find_user(), note.strip())
        _show_done(office, task, json)


def _form_of(office: Office, task: Task) -> Submission | None:
    """Return the form that a task stands for."""
    return office.journal.submissions.get(task.submission) if task.submission and not task.is_reply else None


def _still_held(office: Office, task: Task) -> Submission | None:
    """Return the form of a task that still waits for a confirmation."""
    held = _form_of(office, task)
    return held if held and held.waits_for("confirmation") else None


def _show_done(office: Office, task: Task, json: bool) -> None:
    from inbox_worker.cli.screens import show_lines

    if json:
        print_json({"tasks": [task_json(_find_task(office, task.id))]})
        return
    held = _still_held(office, task)
    done = office.say("task.was_done", task=task.id)
    show_lines([office.say("task.still_held", task=task.id, held=held.id) if held else done])


def _find_task(office: Office, identifier: str) -> Task:

    task = office.journal.tasks.find(identifier)
    if task is None:
        raise UseError(f"there is no task {identifier}; `tasks list --all` shows them")
    return task
