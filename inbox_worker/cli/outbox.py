"""`outbox` and `bills`: review from a terminal, delivery, bills to consumers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inbox_worker.cli.support import Json

outbox_app = typer.Typer(no_args_is_help=True, help="Documents that wait for review or leave.")
bills_app = typer.Typer(no_args_is_help=True, help="Bills to consumers by e-mail.")

MonthOf = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="Only this accounting month.")]
Customer = Annotated[str, typer.Option("--customer", metavar="БИН", help="Only this customer.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="act, turnover, ...; may stand several times.")]
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
    """What waits for review or for delivery, its age and its deadline; overdue first."""
    from inbox_worker.cli.outbox_work import list_documents

    list_documents(month, customer, kind or [], everything, json)


@outbox_app.command()
def approve(
    path: Paths = None, month: MonthOf = "", customer: Customer = "", kind: Kinds = None, everything: All = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Approve documents, as if they were moved to outbox/approved; they are delivered next."""
    from inbox_worker.cli.outbox_work import approve_documents

    approve_documents(path or [], month, customer, kind or [], everything, json)


@outbox_app.command()
def reject(
    path: Paths = None, month: MonthOf = "", customer: Customer = "", kind: Kinds = None, everything: All = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Reject documents, as if they were moved to outbox/rejected; rendered anew they come back."""
    from inbox_worker.cli.outbox_work import reject_documents

    reject_documents(path or [], month, customer, kind or [], everything, json)


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
    from inbox_worker.cli.outbox_work import send_documents

    send_documents(path or [], month, customer, kind or [], everything, handed.strip(), json)


@outbox_app.command()
def cancel(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A sent act, outbox/sent/.../act-2026-09.docx.")],
    reason: Annotated[str, typer.Option(help="Why; it is printed in the act.")],
) -> None:
    """Put up a reversing act with a number of its own for review; what was sent stays."""
    from inbox_worker.cli.outbox_work import cancel_document

    cancel_document(path, reason.strip())


@bills_app.command("send")
def send_bills(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")],
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many letters now.")] = None,
    json: Json = False,
) -> None:
    """Send approved bills of single accounts to consumers; again and again until all are gone."""
    from inbox_worker.cli.outbox_work import send_bill_letters

    send_bill_letters(month, limit, json)
