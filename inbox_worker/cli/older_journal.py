"""`ledger accept-journal`: the home goes on with an older journal."""

from __future__ import annotations

from typing import Annotated

import typer

from inbox_worker.cli.months import ledger_app
from inbox_worker.cli.support import in_staffs_words, now, this_home
from inbox_worker.core.errors import UseError

__all__ = ["ledger_app"]


@ledger_app.command("accept-journal")
def accept_journal(
    reason: Annotated[str, typer.Option(help="Why there is no better one; kept.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; record nothing.")] = False,
) -> None:
    """Take an older journal as that of this home's files, when there is no better one: what it does not name is
    moved to ledger/leftover, and numbers given since are given again."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.users import find_user
    from inbox_worker.month.accept_journal import accept_journal as accept
    from inbox_worker.month.accept_journal import foresee_accepting
    from inbox_worker.month.office import lock_for_writing

    home = this_home()
    if not (reason.strip() or dry_run):
        raise UseError("--reason needs words")
    with lock_for_writing(home):
        done = foresee_accepting(home) if dry_run else accept(home, reason, find_user(), now())
        show_lines([in_staffs_words(line) for line in done])
