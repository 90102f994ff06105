"""`report` and `ledger books` as of a moment: what was known then, and what has changed since."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from inbox_worker.cli.month_screens import show_changes
from inbox_worker.cli.screens import show_lines
from inbox_worker.core.model import Period
from inbox_worker.deciding.past_office import open_past_office
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.explain.since import find_differences
from inbox_worker.month.close_changes import compare_since
from inbox_worker.month.months import MonthError, is_closed
from inbox_worker.month.office import Office
from inbox_worker.month.shown_files import PAST_BOOKS
from inbox_worker.outbox.past_report import write_past_report


def show_past_report(office: Office, month: Period, moment: datetime, on: date) -> Path:
    """Write the staff's page as of a moment; print where it lies and what of it has changed since. Gives it."""
    with open_past_office(office, moment) as past:
        path, then, now = write_past_report(office, past, month, moment, on)
    changes = [f"  {what}: {before or '—'} → {after or '—'}" for what, before, after in find_differences(then, now)]
    show_lines([str(path), office.say("explain.since" if changes else "explain.same_since"), *changes])
    return path


def show_past_books(office: Office, month: Period, moment: datetime) -> list[Path]:
    """Write the ledger workbooks as of a moment; print where they lie and which lines have changed since; give them."""
    folder = office.home.ledger / PAST_BOOKS / f"{moment:%Y-%m-%dT%H%M%S}" / str(month)
    with open_past_office(office, moment) as past:
        if is_closed(office, month) and not is_closed(past, month):
            raise MonthError(f"{month} was not closed yet at {moment:%Y-%m-%d %H:%M}; ledger workbooks show closes")
        written = render_books(past, month, folder)
        show_lines([str(path) for path in written])
        changes = compare_since(office, past, month)
    if changes:
        show_changes(changes, office)
    else:
        show_lines([office.say("explain.same_since")])
    return written
