"""`release` and `confirm`: held forms that staff decide, and what they would come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.intake import DryRun, print_previews, show_decided
from inbox_worker.cli.support import Json, as_job_error, in_staffs_words, now, open_home
from inbox_worker.core.errors import UseError, collect_faults

if TYPE_CHECKING:
    from inbox_worker.core.model import Submission
    from inbox_worker.deciding.decide import Decision
    from inbox_worker.deciding.forms import FormDecider
    from inbox_worker.month.office import Office

held_app = typer.Typer()


@held_app.command()
def release(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Number of the held submission, IW-000012-1.")],
    documents: Annotated[str, typer.Option(help='What came and when: "paper, 20.08.2026".')],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Release a held submission: its supporting documents have arrived."""
    from inbox_worker.deciding.forms import FormDecider
    from inbox_worker.deciding.held_forms import held_by_number
    from inbox_worker.deciding.release import foresee_release
    from inbox_worker.deciding.release import release as release_held
    from inbox_worker.forms.day_said import day_said
    from inbox_worker.workbooks.cells import CellReader

    if not documents.strip():
        raise UseError("--documents needs words: what came and when")
    if dry_run:
        _show_foreseen(lambda forms: foresee_release(forms, identifier, documents, now()), json)
        return
    with open_home() as office, CellReader(office.rules.limits) as reader:
        faults: list[Exception] = []
        decided: list[Submission] = []
        released = held_by_number(office.journal, identifier)
        numbers = sorted({held.arrival for held in released})
        _tell_replies(office, released)
        with collect_faults(faults):
            decided = release_held(FormDecider(office, reader), identifier, documents, now())
        if faults and (not numbers or isinstance(faults[0], UseError)):
            raise faults[0]
        show_decided(office, [office.journal.arrivals.get(number) for number in numbers], json)
        if faults:
            raise as_job_error(faults[0], f"what is held of {identifier} stays so; mend that, then release it again")
        if not json:
            day = day_said(documents) or now().date()
            typer.echo(office.say("release.day", day=f"{day:%d.%m.%Y}"))
            _tell_no_way_back(office, decided)


@held_app.command()
def confirm(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Number of the held form, IW-000012-1.")],
    by: Annotated[str, typer.Option(help='Who confirmed it and how: "phone, Akhmetova, 21.08.2026".')],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Confirm what a held form says, asked by another way. It keeps the month of its receipt."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.forms import FormDecider
    from inbox_worker.deciding.held_for import CONFIRMATION
    from inbox_worker.deciding.held_forms import held_by_number
    from inbox_worker.deciding.release import confirm as confirm_held
    from inbox_worker.deciding.release import find_doubts_of, foresee_confirmation
    from inbox_worker.deciding.task_making import list_manual_steps
    from inbox_worker.workbooks.cells import CellReader

    if not by.strip():
        raise UseError("--by needs words: who confirmed it and how")
    if dry_run:
        _show_foreseen(lambda forms: foresee_confirmation(forms, identifier, by.strip(), now()), json)
        return
    with open_home() as office, CellReader(office.rules.limits) as reader:
        faults: list[Exception] = []
        held = held_by_number(office.journal, identifier, CONFIRMATION)
        confirmed: list[Submission] = []
        _tell_replies(office, held)
        with collect_faults(faults):
            forms = FormDecider(office, reader)
            for line in find_doubts_of(forms, held, now()):
                typer.echo(in_staffs_words(line), err=True)
            confirmed = confirm_held(forms, identifier, by.strip(), now())
        if faults and (not held or isinstance(faults[0], UseError)):
            raise faults[0]
        numbers = sorted({one.arrival for one in held})
        show_decided(office, [office.journal.arrivals.get(number) for number in numbers], json)
        if not json:
            show_lines(list_manual_steps(office, confirmed))
            _tell_no_way_back(office, confirmed)
        if faults:
            raise as_job_error(faults[0], f"what is held of {identifier} stays so; mend that, then confirm it again")


def _tell_replies(office: Office, decided: Sequence[Submission]) -> None:
    """Print, before a decision, which letters about these forms wait for somebody."""
    from inbox_worker.deciding.task_making import replies_waiting

    for line in replies_waiting(office, [one.id for one in decided]):
        typer.echo(in_staffs_words(line), err=True)


def _tell_no_way_back(office: Office, decided: Sequence[Submission]) -> None:
    """Print that what was posted is not taken back by a command, and what mends it."""
    if any(one.outcome.posted for one in decided):
        typer.echo(office.say("undo.posted"))


def _show_foreseen(foresee: Callable[[FormDecider], list[Decision]], as_json: bool) -> None:
    """Print what held forms would come to, as `ingest --dry-run` does. Nothing is written."""
    from inbox_worker.deciding.forms import FormDecider
    from inbox_worker.deciding.preview import preview_held, preview_json
    from inbox_worker.workbooks.cells import CellReader

    with open_home(write=False) as office, CellReader(office.rules.limits) as reader:
        decisions = foresee(FormDecider(office, reader))
        _tell_replies(office, [one.submission for one in decisions])
        print_previews(office, [preview_json(one) for one in preview_held(office, decisions)], as_json)
