"""Commands of a month: its draft and close, its documents, books and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.support import (
    AsOf,
    Json,
    Month,
    day_of_text,
    home_texts,
    in_staffs_words,
    load_no_checks,
    month_not_too_far,
    month_of_ledger,
    month_of_text,
    now,
    open_home,
    past_moment,
    print_json,
    record_written,
    this_home,
)
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.month.office import Office

months_app = typer.Typer()
ledger_app = typer.Typer(no_args_is_help=True, help="Ledger workbooks, and the journal itself.")


Engine = Annotated[str, typer.Option(help="duckdb or spark; what config.yaml says, if not given.")]


@months_app.command()
def draft(month: Month, engine: Engine = "", json: Json = False) -> None:
    """Show the month's charges and the payments posted so far, before its bills, and differences to the last month."""
    from inbox_worker.cli.month_screens import draft_json, show_differences, show_draft
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.months import draft_month

    with open_home() as office:
        with show_progress(office.say, quiet=json):
            made = draft_month(office, month_not_too_far(office, month), engine)
        if json:
            print_json(draft_json(made))
        else:
            show_draft(made, office)
            show_differences(made.differences, office)


@months_app.command()
def close(
    month: Month,
    engine: Engine = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute and prove, freeze nothing.")] = False,
    json: Json = False,
) -> None:
    """Close the month and show its control totals; a dry run also shows what differs from the month before."""
    from inbox_worker.cli.month_screens import (
        changes_json,
        changes_of_close,
        close_json,
        show_changes,
        show_close,
        show_differences,
        warn_of_prices,
    )
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.months import close_month

    with open_home(tidy=not dry_run) as office:
        with show_progress(office.say, quiet=json):
            closed = close_month(office, month_of_ledger(office, month), now(), dry_run, engine)
        closed = replace(closed, warnings=(*closed.warnings, *warn_of_prices(office, closed.month, now().date())))
        again = closed.number > 1 and not dry_run
        changes = changes_of_close(office, closed.month) if again else None
        if json:
            used = engine or office.home.config.ledger.engine
            print_json(close_json(closed, used) | ({"changes": changes_json(changes)} if changes else {}))
            return
        show_close(closed, dry_run, office.say)
        if not dry_run:
            typer.echo(office.say("undo.closed", month=closed.month))
        if changes:
            show_changes(changes, office)
        if closed.differences:
            show_differences(closed.differences, office)


@months_app.command()
def reopen(
    month: Month,
    reason: Annotated[str, typer.Option(help="Why; kept in the journal.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; open nothing.")] = False,
) -> None:
    """Open the last closed month again; its close stays on disk under its number. Shows, line by line, what closing it
    again would change by now."""
    from inbox_worker.cli.month_screens import show_changes_by_now
    from inbox_worker.month.months import reopen_month
    from inbox_worker.outbox.review import look_through

    if not reason.strip():
        raise UseError("--reason needs words")
    if dry_run:
        _foresee_reopening(month)
        return
    with open_home() as office:
        reopen_month(office, month_of_ledger(office, month), reason, now())
        look_through(office, now())  # documents that nobody looked at yet count, too
        typer.echo(f"{office.say('close.reopened', month=month)}\n{office.say('undo.reopened', month=month)}")
        _tell_documents(office, month, office.journal.closes.find_current_hashes())
        show_changes_by_now(office, month_of_text(month))


def _foresee_reopening(month: str) -> None:
    """Say what reopening a month would do, and what closing it again would change by now."""
    from inbox_worker.cli.month_screens import show_changes_by_now
    from inbox_worker.month.months import require_last_closed

    with open_home(write=False, decide=False) as office:
        asked = month_of_ledger(office, month)
        require_last_closed(office, asked)
        typer.echo(office.say("close.would_reopen", month=month))
        _tell_documents(office, month, {**office.journal.closes.find_current_hashes(), str(asked): ""})
        show_changes_by_now(office, asked)


def _tell_documents(office: Office, month: str, standing: Mapping[str, str]) -> None:
    """Print how many documents stop when these closes stand."""
    from inbox_worker.ledger.sent_documents import DocumentState

    old = office.journal.documents.of_old_closes(standing)
    if old:
        sent = sum(version.state is DocumentState.SENT for version in old)
        typer.echo(office.say("close.documents_stop", month=month, waiting=len(old) - sent, sent=sent))


@months_app.command()
def documents(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="act, turnover, ...; may stand several times.")] = None,
    customer: Annotated[str, typer.Option(metavar="БИН", help="Only this customer.")] = "",
    day: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The payments of this day (--kind payments).")] = "",
    account: Annotated[list[str] | None, typer.Option(help="The bill of this account alone (--kind bills).")] = None,
    preview: Annotated[str, typer.Option(metavar="DIR", help="One of every document, of made-up data, into DIR.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Print the path of every document.")] = False,
) -> None:
    """Render the month's documents into outbox/pending."""
    from inbox_worker.cli.outbox_screens import show_written
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.deciding.open_office import proved_rules
    from inbox_worker.outbox.made_anew import take_up_anew
    from inbox_worker.outbox.manifest import read_kinds
    from inbox_worker.outbox.preview import write_preview
    from inbox_worker.outbox.publish import KINDS, render_documents
    from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT

    if bool(month) == bool(preview):
        raise UseError("name a month, or a folder by --preview")
    if preview:
        home = this_home()
        show_lines([str(path) for path in write_preview(home, proved_rules(home.rules), Path(preview))])
        return
    unknown = sorted(set(kind or ()) - {*KINDS, NOTICE_DOCUMENT})
    if unknown:
        raise UseError(f"--kind {unknown[0]!r}: it is {', '.join((*KINDS, NOTICE_DOCUMENT))}")
    with open_home() as office:
        asked = month_not_too_far(office, month), kind or [], customer
        with show_progress(office.say):
            written = render_documents(office, *asked, now(), day_of_text(day), account or [])
            take_up_anew(office, written, now())
        folder = office.home.outbox / "pending" / str(asked[0])
        show_written(written, read_kinds(written), folder, verbose, office.say)


@months_app.command()
def report(month: Month, as_of: AsOf = "") -> None:
    """Write the month on one page for staff: what came, charges, payments and debts, what waits for people."""
    if not as_of:
        load_no_checks()
    from inbox_worker.month.shown_files import record_page
    from inbox_worker.outbox.staff_page import find_damaged_suspense, write_report

    with open_home(write=False, decide=False) as office:
        asked = month_not_too_far(office, month)
        if as_of:
            from inbox_worker.cli.past_screens import show_past_report

            path = show_past_report(office, asked, past_moment(as_of), now().date())
        else:
            path = write_report(office, asked, now().date())
            typer.echo(str(path))
        record_written(office, partial(record_page, office.home, path, now()))
        for file in find_damaged_suspense(office):
            typer.echo(office.say("report.damaged_file", file=file), err=True)


@ledger_app.command("books")
def ledger_books(month: Month, as_of: AsOf = "") -> None:
    """Write the ledger workbooks of a closed month; as of a moment, into ledger/books-as-of."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.documents.ledger_books import render_books

    if as_of:
        from inbox_worker.cli.past_screens import show_past_books
        from inbox_worker.month.shown_files import record_books

        with open_home(write=False, decide=False) as office:
            written = show_past_books(office, month_of_ledger(office, month), past_moment(as_of))
            record_written(office, partial(record_books, office.home, written, now()))
        return
    with open_home() as office:
        with show_progress(office.say):
            written = render_books(office, month_of_ledger(office, month))
        show_lines([str(path) for path in written])


@ledger_app.command("changes")
def ledger_changes(
    month: Month,
    earlier: Annotated[int, typer.Option("--from", help="The number of the earlier close; else the one before.")] = 0,
    csv: Annotated[str, typer.Option("--csv", metavar="FILE", help="Write every line that differs into FILE.")] = "",
    json: Json = False,
) -> None:
    """Show what closing a month again changed, line by line, beside the close that was reopened; of a month that is
    open again what closing it now would change."""
    from inbox_worker.cli.month_screens import changes_json, show_changes, write_changes
    from inbox_worker.month.close_changes import compare_closes, compare_with_now

    with open_home(write=False, decide=False) as office:
        asked = month_of_ledger(office, month)
        is_open = office.journal.closes.in_force(asked) is None and office.journal.closes.count(asked)
        found = (compare_with_now if is_open else compare_closes)(office, asked, earlier)
        if csv:
            write_changes(found, Path(csv))
        if json:
            print_json(changes_json(found))
            return
        show_changes(found, office)


@ledger_app.command("verify")
def ledger_verify(
    month: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="Compute only this month anew.")] = "",
    customer: Annotated[str, typer.Option(metavar="БИН", help="Compare only this customer's documents.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Read and compute also what was found whole before.")] = False,
    json: Json = False,
) -> None:
    """Prove the ledger again: files, acts, closes, workbooks, documents; exit 1 when anything differs."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.verify import cannot_be_asked
    from inbox_worker.month.verified import know_verified
    from inbox_worker.month.verify import notes
    from inbox_worker.outbox.verify import find_changed_rules, verify_ledger

    home, say = this_home(), home_texts()
    chosen = month_of_text(month) if month else None
    with show_progress(say, quiet=json), know_verified(home, full, now()) as known:
        problems = verify_ledger(home, chosen, customer, known)
    changed = find_changed_rules(home) if not problems and home.rules.exists() else []
    unrecorded = [f"this run is not recorded: {known.unrecorded}"] if known.unrecorded else []
    beside = [*([] if cannot_be_asked(problems) else notes(home)), *known.remarks, *unrecorded]
    if json:
        done = {"files_read": known.read, "closes_computed": known.computed}
        each = [vars(problem) for problem in problems]
        print_json({"problems": each, "changed_rules": changed, "notes": beside, **done})
    else:
        lines = [*(problem.line(in_staffs_words) for problem in problems), *changed] or [say("check.well")]
        lines.append(say("verify.done", read=known.read, computed=len(known.computed)))
        show_lines([*lines, *(say("check.note", text=in_staffs_words(note)) for note in beside)])
    if problems or changed:
        raise typer.Exit(1)
