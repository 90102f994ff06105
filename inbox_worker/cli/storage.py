"""`ledger store` and `ledger fetch`: facts and closes into the S3 storage, and out of it."""

from __future__ import annotations

import typer

from inbox_worker.cli.rebuild import ledger_app
from inbox_worker.cli.support import home_texts, in_staffs_words, this_home
from inbox_worker.core.errors import UseError

__all__ = ["ledger_app"]


@ledger_app.command("store")
def ledger_store() -> None:
    """Put facts and closes that are on this disk into the storage of config.yaml (ledger.storage), each compared. What
    is decided or closed from then on is put there by itself."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.belonging import own_journal
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.month.stored import store_all

    home, say = this_home(), home_texts()
    _require_storage(home.config.ledger.storage)
    with lock_for_writing(home), own_journal(home) as journal, show_progress(say):
        new, lacking = store_all(journal, home)
    show_lines(
        [
            say("storage.stored", count=new, storage=home.config.ledger.storage),
            *(one.line(in_staffs_words) for one in lacking),
        ]
    )
    if lacking:
        raise typer.Exit(1)


@ledger_app.command("fetch")
def ledger_fetch() -> None:
    """Bring all facts and closes from the storage that are not on this disk: before the storage is given up, or to have
    them at hand. Each is compared."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.belonging import own_journal
    from inbox_worker.month.stored import fetch_all

    home, say = this_home(), home_texts()
    _require_storage(home.config.ledger.storage)
    with own_journal(home) as journal, show_progress(say):
        came, lacking = fetch_all(journal, home)
    show_lines(
        [
            say("storage.fetched", count=came, storage=home.config.ledger.storage),
            *(one.line(in_staffs_words) for one in lacking),
        ]
    )
    if lacking:
        raise typer.Exit(1)


def _require_storage(storage: str) -> None:
    if not storage:
        raise UseError("config.yaml names no ledger.storage: facts and closes are on this disk alone")
