"""Commands of what people take in: registers, messages and workbooks, documents, what staff confirm or vouch for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.support import Json, as_job_error, moment_of_text, now, open_home, print_json
from inbox_worker.core.errors import JobError, UseError, collect_faults

if TYPE_CHECKING:
    from inbox_worker.core.model import Arrival
    from inbox_worker.month.office import Office

intake_app = typer.Typer()

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; post and keep nothing.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to take in.")]


@intake_app.command()
def load(files: Files, dry_run: DryRun = False, json: Json = False) -> None:
    """Load the operator's own registers: customers, directory, bank_register."""
    from inbox_worker.receiving.opening import LOAD

    _take(files, LOAD, None, "", dry_run, json)


@intake_app.command()
def ingest(
    files: Files,
    mailbox: Annotated[str, typer.Option(help="korrektirovki, bigoperators or banks")],
    received_at: Annotated[str, typer.Option(help="Receipt time, ISO 8601; without a zone it is Almaty's.")] = "",
    sender: Annotated[str, typer.Option("--from", help="Sender's address, when it is not in the file.")] = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take e-mails (.eml) or workbooks through the real pipeline now."""
    from inbox_worker.settings.config import BANKS, MAILBOXES

    if mailbox not in (*MAILBOXES, BANKS):
        raise UseError(f"--mailbox {mailbox!r}: it is korrektirovki, bigoperators or banks")
    _take(files, mailbox, moment_of_text(received_at) if received_at else None, sender, dry_run, json)


def _take(
    files: list[Path], mailbox: str, received_at: datetime | None, sender: str, dry_run: bool, as_json: bool
) -> None:
    from inbox_worker.core.progress import follow, show_progress
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.preview import preview_json
    from inbox_worker.deciding.take_in import in_load_order, look_at, take_in
    from inbox_worker.deciding.tries import Faults
    from inbox_worker.receiving.opening import LOAD
    from inbox_worker.workbooks.cells import CellReader

    _check_files(files)
    with open_home(write=not dry_run) as office, CellReader(office.rules.limits) as reader:
        pipeline = Pipeline(office, reader, now())
        if dry_run:
            with show_progress(office.say, quiet=as_json):
                paths = follow(files, "checking")
                previews = [look_at(pipeline, file, mailbox, received_at, sender, now()) for file in paths]
            print_previews(office, [preview_json(preview) for preview in previews], as_json)
            return
        with _show_in_any_case(office, as_json) as arrivals, show_progress(office.say, quiet=as_json):
            ordered = in_load_order(pipeline, files) if mailbox == LOAD else files
            faults = Faults()  # a file that cannot even be stored stops no other one
            for file in follow(ordered, "taking"):
                with faults.keep_error():
                    arrivals.append(take_in(pipeline, file, mailbox, received_at, sender, now()))
            faults.raise_first()


def _check_files(files: list[Path]) -> None:
    """Raise UseError before anything is taken in."""
    if folders := [str(file) for file in files if file.is_dir()]:
        raise UseError(f"{', '.join(folders)} is a folder: name the files in it; nothing was taken in")
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UseError(f"no such file: {', '.join(missing)}; nothing was taken in")
    closed = [str(file) for file in files if not os.access(file, os.R_OK)]
    if closed:
        raise UseError(f"may not be read: {', '.join(closed)}; nothing was taken in")


@contextmanager
def _show_in_any_case(office: Office, as_json: bool) -> Iterator[list[Arrival]]:
    """Print what became of the arrivals that the block collects, also when it ends by an error of ours, which then
    is told after them. Raises JobError when some failed."""
    from inbox_worker.core.model import Outcome

    arrivals: list[Arrival] = []
    faults: list[Exception] = []
    with collect_faults(faults):
        yield arrivals
    if faults and not arrivals:
        raise faults[0]
    show_decided(office, arrivals, as_json)
    if faults:
        raise as_job_error(faults[0], "not all was done")
    failed = [arrival for arrival in arrivals if arrival.outcome is Outcome.FAILED]
    if failed:
        first = failed[0]
        raise JobError(
            f"{', '.join(arrival.id for arrival in failed)} not decided by a fault of ours "
            f"({first.id} {first.source}: {first.why}); mend that, then: inbox-worker retry {first.id}"
        )


def show_decided(office: Office, arrivals: list[Arrival], as_json: bool) -> None:
    """Print what became of the arrivals, and put up their answers that staff review."""
    from inbox_worker.cli.screens import show_arrivals
    from inbox_worker.deciding.report import arrival_json

    reports = [arrival_json(office.journal, arrival, office.home.archive) for arrival in arrivals]
    if as_json:
        print_json({"arrivals": reports})
    else:
        show_arrivals(reports, office.rules.forms, office.say)
    _put_up_answers(office, as_json)


def _put_up_answers(office: Office, as_json: bool) -> None:
    """Put the answers that staff review into the outbox, where no service runs that does it at its next look."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.ledger.letters import LetterState
    from inbox_worker.outbox.folders import RECEIPTS
    from inbox_worker.outbox.receipts import put_up_receipts

    months = sorted({letter.month for letter in office.journal.letters.all((LetterState.REVIEW,))})
    if not months:
        return
    problems = put_up_receipts(office, now())
    for problem in problems:
        typer.echo(problem.line(office.say), err=True)
    if not (as_json or problems):
        folders = ", ".join(f"outbox/pending/{month}/{RECEIPTS}" for month in months)
        show_lines([office.say("answers.up_for_review", folder=folders)])


def print_previews(office: Office, reports: list[dict[str, Any]], as_json: bool) -> None:
    """Print what would become of arrivals."""
    from inbox_worker.cli.screens import show_arrivals

    if as_json:
        print_json({"dry_run": True, "arrivals": reports})
    else:
        show_arrivals(reports, office.rules.forms, office.say, dry_run=True)


@intake_app.command()
def admit(
    identifier: Annotated[str, typer.Argument(metavar="ARRIVAL", help="Number of the quarantined letter, IW-000012.")],
    as_customer: Annotated[str, typer.Option(metavar="БИН", help="Whose letter it is; asked by phone.")] = "",
    by: Annotated[str, typer.Option(help="Who vouches for it; else the log-in name.")] = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Admit a message from quarantine: it is decided anew, as if its sender were known."""
    from inbox_worker.core.users import find_user
    from inbox_worker.deciding.admit import admit as admit_arrival
    from inbox_worker.deciding.admit import vouch
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.preview import preview_arrival, preview_json
    from inbox_worker.workbooks.cells import CellReader

    if dry_run:
        with open_home(write=False) as office, CellReader(office.rules.limits) as reader:
            arrival, vouched = vouch(office, identifier, as_customer, by or find_user(), now())
            looked = preview_arrival(Pipeline(office, reader, now()).forms, arrival, noted=[vouched])
            print_previews(office, [preview_json(looked)], json)
        return
    with open_home() as office, CellReader(office.rules.limits) as reader:
        with _show_in_any_case(office, json) as arrivals:
            pipeline = Pipeline(office, reader, now())
            arrivals.append(admit_arrival(pipeline, identifier, as_customer, by or find_user(), now()))
        if not json and any(arrival.outcome and arrival.outcome.posted for arrival in arrivals):
            typer.echo(office.say("undo.posted"))


@intake_app.command()
def retry(
    identifiers: Annotated[
        list[str] | None, typer.Argument(metavar="[ARRIVAL]...", help="Numbers of failed letters, IW-000012.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that failed or has no decision yet.")] = False,
    json: Json = False,
) -> None:
    """Retry arrivals that failed, once their cause is mended; they keep their times of receipt."""
    from inbox_worker.core.model import Outcome
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.deciding.retry import every_failed, to_retry
    from inbox_worker.deciding.retry import retry as retry_arrival
    from inbox_worker.receiving.drop_folder import put_retried
    from inbox_worker.workbooks.cells import CellReader

    if bool(identifiers) == all_:
        raise UseError("specify the numbers of failed letters (`health` shows them), or --all")
    with open_home() as office, CellReader(office.rules.limits) as reader:
        waiting = to_retry(office.journal, identifiers) if identifiers else every_failed(office.journal)
        with _show_in_any_case(office, json) as arrivals:
            for failed in waiting:
                arrivals.append(retry_arrival(Pipeline(office, reader, now()), failed, now()))
                place = None if arrivals[-1].outcome is Outcome.FAILED else put_retried(office.home, failed, now())
                if place:
                    office.journal.arrivals.note_place(failed.number, place.relative_to(office.home.path).as_posix())
