"""The staff's page as it was at a moment, and what of it has changed since."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from inbox_worker.core.files import write_atomic
from inbox_worker.core.model import Period
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.month_page import MonthPage, render_month_page
from inbox_worker.documents.view import show_sum
from inbox_worker.month.office import Office
from inbox_worker.month.shown_files import REPORTS
from inbox_worker.outbox.staff_page import month_page

_SUMS = ("charged", "paid", "debt", "advance")


def write_past_report(
    office: Office, past: Office, month: Period, moment: datetime, on: date
) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """Write the page of a moment beside that of now; tell where it lies, what it says, and what the page says now.
    `past`: what was known then; `on`: the day that acts are told as of."""
    then = month_page(MonthFacts(past, month), moment.date(), moment)
    now = month_page(MonthFacts(office, month), on)
    home = office.home
    path = home.ledger / REPORTS / f"{month}.as-of-{moment:%Y-%m-%dT%H%M%S}.html"
    write_atomic(path, render_month_page(then, home.document_template))
    return path, _describe(then), _describe(now)


def _describe(page: MonthPage) -> dict[str, Any]:
    """Return what a page says, by the words that it says it with."""
    labels = {name: page.texts.both(f"sheet.{name}") for name in _SUMS}
    sums = {row.name: {label: show_sum(getattr(row, name)) for name, label in labels.items()} for row in page.customers}
    waiting = [f"{row.what}: {row.which} {row.note} ({row.count})" for row in page.waiting]
    forms = {page.texts.both(f"report.outcome.{name}"): count for name, count in page.outcomes.items()}
    state, waits = page.texts.both("report.state"), page.texts.both("report.waits")
    return {state: page.state.partition(";")[0], **forms, **sums, waits: waiting}
