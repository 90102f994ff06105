"""`outbox` and `bills`: review from a terminal, delivery, bills to consumers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.support import (
    Json,
    in_staffs_words,
    load_no_checks,
    month_not_too_far,
    month_of_text,
    now,
    open_home,
    print_json,
)
from inbox_worker.core.errors import JobError

if TYPE_CHECKING:
    from datetime import datetime

    from inbox_worker.month.office import Office
    from inbox_worker.outbox.review import Selection
    from inbox_worker.outbox.waiting import OutboxResult

outbox_app = typer.Typer(no_args_is_help=True, help="Documents that wait for review or leave.")
bills_app = typer.Typer(no_args_is_help=True, help="Bills to consumers by e-mail.")

outbox_app.callback()(load_no_checks)
bills_app.callback()(load_no_checks)

MonthOf = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="Only this accounting month.")]
Customer = Annotated[str, typer.Option("--customer", metavar="БИН", help="Only this customer.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="act, receipt, ...; may stand several times.")]
Paths = Annotated[list[Path] | None, typer.Argument(metavar="[PATH...]", help="Documents, or folders of them.")]
All = Annotated[bool, typer.Option("--all", help="All that fits; needed when nothing else is named.")]


@outbox_app.command("list")
def list_(
    month: MonthOf = "",
    customer: Customer = "",
    kind: Kinds = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent or rejected.")] = False,
    json: Json = False,
) -> None:
    """List what waits for review or for delivery, its age and its deadline; overdue first."""
    from inbox_worker.outbox.waiting import list_documents

    _show(list_documents, _selection(None, month, customer, kind, everything), json)


@outbox_app.command()
def approve(
    path: Paths = None, month: MonthOf = "", customer: Customer = "", kind: Kinds = None, everything: All = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Approve documents, as if they were moved to outbox/approved; they are delivered next."""
    from inbox_worker.outbox.use_cases import approve_documents

    _show(
        lambda office, asked, at: approve_documents(office, asked, _who(), at),
        _selection(path, month, customer, kind, everything),
        json,
    )


@outbox_app.command()
def reject(
    path: Paths = None, month: MonthOf = "", customer: Customer = "", kind: Kinds = None, everything: All = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Reject documents, as if they were moved to outbox/rejected; rendered anew they come back."""
    from inbox_worker.outbox.use_cases import reject_documents

    _show(
        lambda office, asked, at: reject_documents(office, asked, _who(), at),
        _selection(path, month, customer, kind, everything),
        json,
    )


@outbox_app.command()
def send(
    path: Paths = None,
    month: MonthOf = "",
    customer: Customer = "",
    kind: Kinds = None,
    everything: All = False,
    handed: Annotated[str, typer.Option(help='They were handed over: how and when, "paper, 05.10.2026".')] = "",
    json: Json = False,
) -> None:
    """Deliver approved documents now, by e-mail or into the exchange folder as the rules say."""
    from inbox_worker.outbox.use_cases import confirm_handover, send_documents

    asked, note = _selection(path, month, customer, kind, everything), handed.strip()
    if note:
        _show(lambda office, asked, at: confirm_handover(office, asked, note, _who(), at), asked, json)
    else:
        _show(send_documents, asked, json)


@outbox_app.command()
def cancel(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A sent act, outbox/sent/.../act-2026-09.docx.")],
    reason: Annotated[str, typer.Option(help="Why; it is printed in the act.")],
) -> None:
    """Put up a reversing act with a number of its own for review; what was sent stays."""
    from inbox_worker.outbox.use_cases import cancel_document

    with open_home(decide=False) as office:
        typer.echo(str(cancel_document(office, path, reason.strip(), now())))


@bills_app.command("send")
def send_bills(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")],
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many letters now.")] = None,
    json: Json = False,
) -> None:
    """Send approved bills of single accounts to consumers; again and again until all are gone."""
    from inbox_worker.cli.outbox_screens import show_bills
    from inbox_worker.outbox.use_cases import send_bill_letters

    with open_home(decide=False) as office:
        report, said, failure = send_bill_letters(office, month_not_too_far(office, month), limit, now())
    if json:
        print_json(report.as_json(office.rules.texts.spoken))
    else:
        show_bills(report, said, office.say)
    if failure:
        raise JobError(failure)


def _selection(
    paths: list[Path] | None, month: str, customer: str, kinds: list[str] | None, everything: bool
) -> Selection:
    from inbox_worker.outbox.review import Selection

    return Selection(paths or (), month_of_text(month) if month else None, customer, kinds or (), everything)


def _who() -> str:
    from inbox_worker.core.users import find_user

    return f"command:{find_user()}"


def _show(do: Callable[[Office, Selection, datetime], OutboxResult], asked: Selection, json: bool) -> None:
    """Show what a use case did. Raises JobError where documents that were asked for were left."""
    from inbox_worker.cli.outbox_screens import show_documents
    from inbox_worker.outbox.listing import documents_json, problems_json

    with open_home(decide=False) as office:
        result = do(office, asked, now())
        for line in result.said:
            typer.echo(f"inbox-worker: {in_staffs_words(line)}", err=True)
        rows = documents_json(office, result.documents, now())
        if json:
            problems = problems_json(result.problems, office.rules.texts.spoken)
            print_json({"documents": rows, "problems": problems})
        else:
            show_documents(rows, result.problems, office.say)
    if result.failure:
        raise JobError(result.failure)
