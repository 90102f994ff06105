"""The commands. Thin: each opens the home, calls one job and prints what came of it."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DBAPIError

from inbox_worker import __version__
from inbox_worker.commands.outbox import bills_app, outbox_app
from inbox_worker.commands.support import (
    JOB_ERRORS,
    USE_ERRORS,
    UseError,
    collect_seldom,
    day_of_text,
    fail,
    home_from,
    home_path,
    journal_said,
    moment_of_text,
    month_of_text,
    now,
    opened,
    rendering,
    who,
)
from inbox_worker.config import load_home
from inbox_worker.context import Office
from inbox_worker.form.workbook import CellReader
from inbox_worker.intake.ahead import Ahead
from inbox_worker.intake.opening import LOAD
from inbox_worker.intake.report import arrival_json, preview_json
from inbox_worker.ledger.journal import JournalError
from inbox_worker.model import Arrival
from inbox_worker.pipeline import Pipeline
from inbox_worker.progress import follow, showing

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
ledger_app = typer.Typer(no_args_is_help=True, help="Ledger workbooks.")
forms_app = typer.Typer(no_args_is_help=True, help="The blanks that customers fill in.")
app.add_typer(ledger_app, name="ledger")
app.add_typer(forms_app, name="forms")
app.add_typer(outbox_app, name="outbox")
app.add_typer(bills_app, name="bills")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Month = Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")]


def main() -> None:
    """Runs a command: a mistake in use is one line and exit 2, a failed job one line and exit 1."""
    collect_seldom()
    try:
        sys.exit(app(home_from(sys.argv[1:]), prog_name="inbox-worker", standalone_mode=False))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except typer.TyperException as error:
        fail(error.format_message() or "which command? `--help` lists them", 2)
    except USE_ERRORS as error:
        fail(str(error), 2)
    except JOB_ERRORS as error:
        fail(str(error), 1)
    except DBAPIError as error:
        fail(journal_said(error), 1)
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}", 1)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    home: Annotated[str, typer.Option(help="Folder where config.yaml stands (or INBOX_WORKER_HOME).")] = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """The service behind a billing centre's mailboxes: forms in, decisions, a ledger to the tiyn, documents out."""
    if version:
        typer.echo(f"inbox-worker {__version__}")
        raise typer.Exit()


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new home.")]) -> None:
    """Make a new home: config.yaml, folders, rules and templates copied for editing."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.homes import make_home

    show_lines(make_home(folder))


@app.command()
def demo(
    customers: Annotated[int, typer.Option(help="How many customers.")] = 42,
    accounts: Annotated[int, typer.Option(help="How many personal accounts.")] = 4000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 2026,
) -> None:
    """Make a sample town, send its forms through the real pipeline, close a month, render every document."""
    from inbox_worker.commands.showcase import DemoError, run_demo

    folder = Path(os.environ.get("INBOX_WORKER_HOME") or "demo-town")
    try:
        run_demo(folder, customers, accounts, seed)
    except DemoError as error:
        raise UseError(str(error)) from error


DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; post and keep nothing.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to take in.")]


@app.command()
def load(files: Files, dry_run: DryRun = False, json: Json = False) -> None:
    """Load the operator's own registers: customers, directory, bank_register."""
    _take(files, LOAD, None, "", dry_run, json)


@app.command()
def ingest(
    files: Files,
    mailbox: Annotated[str, typer.Option(help="korrektirovki or bigoperators")],
    received_at: Annotated[str, typer.Option(help="Receipt time, ISO 8601; without a zone it is Almaty's.")] = "",
    sender: Annotated[str, typer.Option("--from", help="Sender's address, when it is not in the file.")] = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take e-mails (.eml) or workbooks through the real pipeline now."""
    if mailbox not in ("korrektirovki", "bigoperators"):
        raise UseError(f"--mailbox {mailbox!r}: it is korrektirovki or bigoperators")
    _take(files, mailbox, moment_of_text(received_at) if received_at else None, sender, dry_run, json)


def _take(
    files: list[Path], mailbox: str, received_at: datetime | None, sender: str, dry_run: bool, as_json: bool
) -> None:
    from inbox_worker.commands.screens import show_arrivals
    from inbox_worker.intake.takein import in_load_order, look_at, take_in

    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UseError(f"no such file: {', '.join(missing)}")
    with opened(write=not dry_run) as office, CellReader(office.rules.limits) as reader, Ahead() as ahead:
        # nothing is opened before it was scanned
        pipeline = Pipeline(office, reader, ahead)
        if dry_run:
            with showing(quiet=as_json):
                paths = follow(files, "проверка файлов")
                previews = [look_at(pipeline, file, mailbox, received_at, sender, now()) for file in paths]
            _print_previews([preview_json(preview) for preview in previews], as_json, show_arrivals)
            return
        with showing(quiet=as_json):
            ordered = in_load_order(pipeline, files) if mailbox == LOAD else files
            in_turn = follow(pipeline.files_in_turn(ordered), "приём файлов", len(ordered))
            arrivals = [take_in(pipeline, file, mailbox, received_at, sender, now()) for file in in_turn]
        _print_arrivals(office, arrivals, as_json, show_arrivals)


def _print_arrivals(office: Office, arrivals: list[Arrival], as_json: bool, show: Any) -> None:
    reports = [arrival_json(office.journal, arrival, office.home.archive) for arrival in arrivals]
    if as_json:
        _print_json({"arrivals": reports})
    else:
        show(reports)


def _print_previews(reports: list[dict[str, Any]], as_json: bool, show: Any) -> None:
    if as_json:
        _print_json({"dry_run": True, "arrivals": reports})
    else:
        show(reports, dry_run=True)


def _print_json(document: Any) -> None:
    from inbox_worker.commands.screens import as_json

    typer.echo(as_json(document))


@app.command()
def release(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Number of the held submission, IW-000012-1.")],
    documents: Annotated[str, typer.Option(help='What came and when: "paper, 20.08.2026".')],
    json: Json = False,
) -> None:
    """Staff: the awaited documents of a held submission are here."""
    from inbox_worker.commands.screens import show_arrivals

    if not documents.strip():
        raise UseError("--documents needs words: what came and when")
    with opened() as office, CellReader(office.rules.limits) as reader:
        released = Pipeline(office, reader).release(identifier, documents, now())
        arrivals = [office.journal.arrival(number) for number in sorted({s.arrival for s in released})]
        _print_arrivals(office, arrivals, json, show_arrivals)


@app.command()
def admit(
    identifier: Annotated[str, typer.Argument(metavar="ARRIVAL", help="Number of the quarantined letter, IW-000012.")],
    as_customer: Annotated[str, typer.Option(metavar="БИН", help="Whose letter it is; asked by phone.")] = "",
    by: Annotated[str, typer.Option(help="Who vouches for it; else the log-in name.")] = "",
    json: Json = False,
) -> None:
    """Staff: a letter in quarantine is genuine; it is decided anew, as if its sender were known."""
    from inbox_worker.commands.screens import show_arrivals
    from inbox_worker.intake.admission import admit as admit_arrival

    with opened() as office, CellReader(office.rules.limits) as reader:
        arrival = admit_arrival(Pipeline(office, reader), identifier, as_customer, by or who(), now())
        _print_arrivals(office, [arrival], json, show_arrivals)


@app.command()
def draft(month: Month, json: Json = False) -> None:
    """The month's charges before its payments and bills; differences to the last month."""
    from inbox_worker.commands.month_screens import draft_json, show_differences, show_draft

    with opened() as office:
        with showing(quiet=json):
            made = office.months.draft(month_of_text(month))
        if json:
            _print_json(draft_json(made))
        else:
            show_draft(made)
            show_differences(made.differences, office)


@app.command()
def close(
    month: Month,
    engine: Annotated[str, typer.Option(help="Only duckdb so far.")] = "duckdb",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute and prove, freeze nothing.")] = False,
    json: Json = False,
) -> None:
    """The month's close and its control totals; a dry run also tells what differs from the month before."""
    from inbox_worker.commands.month_screens import close_json, show_close, show_differences

    if engine != "duckdb":
        raise UseError(f"--engine {engine!r}: only duckdb is there")
    with opened() as office:
        with showing(quiet=json):
            closed = office.months.close(month_of_text(month), now(), dry_run)
        if json:
            _print_json(close_json(closed, engine))
            return
        show_close(closed, dry_run)
        if closed.differences:
            show_differences(closed.differences, office)


@app.command()
def reopen(month: Month, reason: Annotated[str, typer.Option(help="Why; kept in the journal.")]) -> None:
    """Open the last closed month again; its close stays on disk under its number."""
    if not reason.strip():
        raise UseError("--reason needs words")
    with opened() as office:
        office.months.reopen(month_of_text(month), reason, now())
    typer.echo(f"{month} is open again")


@app.command()
def documents(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="act, turnover, ...; may stand several times.")] = None,
    customer: Annotated[str, typer.Option(metavar="БИН", help="Only this customer.")] = "",
    day: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The payments of this day (--kind payments).")] = "",
    account: Annotated[list[str] | None, typer.Option(help="The bill of this account alone (--kind bills).")] = None,
    preview: Annotated[str, typer.Option(metavar="DIR", help="One of every document, of made-up data, into DIR.")] = "",
) -> None:
    """Render the month's documents into outbox/pending."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.publishing.papers import KINDS, render_documents
    from inbox_worker.publishing.preview import write_preview
    from inbox_worker.rules import load_rules

    if bool(month) == bool(preview):
        raise UseError("name a month, or a folder by --preview")
    if preview:
        home = load_home(home_path())
        with rendering():
            show_lines([str(path) for path in write_preview(home, load_rules(home.rules), Path(preview))])
        return
    unknown = sorted(set(kind or ()) - set(KINDS))
    if unknown:
        raise UseError(f"--kind {unknown[0]!r}: it is {', '.join(KINDS)}")
    with rendering(), opened() as office:
        asked = month_of_text(month), kind or [], customer
        with showing():
            written = render_documents(office, *asked, now(), day_of_text(day), account or [])
        show_lines([str(path) for path in written])


@app.command()
def report(month: Month) -> None:
    """The month on one page for staff: what came, charges, payments and debts, what waits for people."""
    from inbox_worker.publishing.month_report import write_report

    with rendering(), opened(write=False) as office:
        typer.echo(str(write_report(office, month_of_text(month))))


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="ID_OR_PATH", help="IW-000012, IW-000012-1, or a document.")],
    cell: Annotated[str, typer.Argument(metavar="[CELL]", help="A cell of the workbook or figure of the act.")] = "",
) -> None:
    """Where a figure, a decision or a document comes from, down to the e-mail and the rule's clause."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.explaining.explain import ExplainError, explain_anything

    with opened(write=False) as office:
        try:
            lines = explain_anything(office, what, cell)
        except (ExplainError, JournalError) as error:
            raise UseError(str(error)) from error
        show_lines(lines)


@app.command()
def deliveries(
    again: Annotated[int, typer.Option(metavar="NUMBER", help="Send this letter (again).")] = 0,
    drop: Annotated[int, typer.Option(metavar="NUMBER", help="Do not send this letter.")] = 0,
    all_: Annotated[bool, typer.Option("--all", help="Also those sent or dropped.")] = False,
    json: Json = False,
) -> None:
    """Letters that leave: what waits, what was refused, and what only people can decide (uncertain)."""
    from inbox_worker.answering.sending import DeliveryError, deliveries_json, of_interest, resolve
    from inbox_worker.commands.screens import show_deliveries

    if again and drop:
        raise UseError("--again or --drop, not both")
    with opened(write=False) as office:
        try:
            if again or drop:
                resolve(office, again or drop, bool(again), now())
        except DeliveryError as error:
            raise UseError(str(error)) from error
        found = deliveries_json(office)
    if json:
        _print_json({"deliveries": found})
    else:
        show_deliveries([one for one in found if all_ or of_interest(one, now())])


@app.command()
def check() -> None:
    """Config, rules, templates, folders, mail server: all problems at once."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.homes import check_home

    problems = check_home(home_path())
    show_lines(problems or ["all is well"])
    if problems:
        raise typer.Exit(1)


@app.command()
def once() -> None:
    """One pass over mailboxes and drop folders, then exit."""
    from inbox_worker.service.voice import Voice
    from inbox_worker.worker import Worker

    home = load_home(home_path())
    with Worker(home, Voice("json" if home.config.logs == "json" else "plain")) as worker:
        worker.once(now())


@app.command()
def run() -> None:
    """The service: watches mailboxes and drop folders and decides what comes; SIGTERM ends after the current step."""
    from inbox_worker.service.metrics import MetricsError
    from inbox_worker.service.voice import Voice
    from inbox_worker.worker import Worker, style_of

    home = load_home(home_path())
    try:
        with Worker(home, Voice(style_of(home))) as worker:
            worker.run()
    except MetricsError as error:
        raise UseError(str(error)) from error


@app.command()
def health(json: Json = False) -> None:
    """How the running service is, in one line; exit 1 when it does not run, stopped, or has not been heard of."""
    from inbox_worker.service.clock import Clock
    from inbox_worker.service.health import health_line, look_at_health

    told = look_at_health(load_home(home_path()), Clock())
    if json:
        _print_json(told)
    else:
        typer.echo(health_line(told))
    if not told["healthy"]:
        raise typer.Exit(1)


@ledger_app.command("books")
def ledger_books(month: Month) -> None:
    """Write the ledger workbooks of a closed month."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.publishing.books import render_books

    with rendering(), opened() as office:
        with showing():
            written = render_books(office, month_of_text(month))
        show_lines([str(path) for path in written])


@forms_app.command("build")
def forms_build() -> None:
    """Make the blanks in templates/forms from the rules."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.form.blank import build_blanks
    from inbox_worker.rules import load_rules

    home = load_home(home_path())
    folder = home.path / "templates" / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    show_lines([str(path) for path in build_blanks(load_rules(home.rules), folder)])
