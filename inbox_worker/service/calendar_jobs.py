"""The work of each job of rules/schedule.yaml. It prepares and reminds: what leaves the house or freezes a month is
left to people.

A job prepares what may be made twice without harm, and returns what is to be recorded in the transaction that also
records that it was done; None = not yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from inbox_worker.contract.schedule import DueJob
from inbox_worker.core.model import Period
from inbox_worker.month.months import draft_month, find_possible_months, list_closed_months
from inbox_worker.month.office import Office
from inbox_worker.outbox.digest import write_digest
from inbox_worker.outbox.proposals import AUDIT, CLOSE, month_to_close, propose_for_missed, propose_task
from inbox_worker.outbox.publish import FROM_DRAFT, render_documents
from inbox_worker.outbox.publish_notices import put_up_due_notices
from inbox_worker.service.restore_job import try_newest_backup

Finish = Callable[[Connection], str]  # returns what the act says
Doing = Callable[[Office, DueJob, datetime], Finish | None]


def _draft(office: Office, due: DueJob, now: datetime) -> Finish | None:
    """Draft the month whose forms are in (4.3.2)."""
    month = _month(due)
    if month not in list_closed_months(office):
        if not _is_possible(office, month, now):
            return None
        draft_month(office, month)
    return lambda connection: str(month)


def _make_ready(office: Office, due: DueJob, now: datetime) -> Finish | None:
    """Render documents of a month for review, as soon as the month has what they are made of (4.1.1, 4.1.2, 4.1.8)."""
    month, kinds = _month(due), list(due.job.documents)
    of_draft = set(kinds) <= set(FROM_DRAFT) and _is_possible(office, month, now)
    if not of_draft and month not in list_closed_months(office):
        return None
    written = render_documents(office, month, kinds, "", now)
    return lambda connection: f"{month}: {', '.join(kinds)}, {len(written)}"


def _propose_close(office: Office, due: DueJob, now: datetime) -> Finish | None:
    """Propose the first open month. While that is an earlier one than the job's, the job waits for its turn."""
    if _month(due) in list_closed_months(office):
        return lambda connection: str(due.month)
    found = month_to_close(office, _month(due), due.job.patience, now)
    if found is None:
        return None
    month, missing = found
    code = "task.close_unpaid" if missing is None else "task.close_without" if missing else "task.close"
    what = office.rules.texts.written.both(code, month=month.form_text, banks=", ".join(missing or ()))

    def record(connection: Connection) -> str:
        task = propose_task(connection, office, CLOSE, str(month), what, now)
        return f"{month}: {task.id if task else '-'}"

    if month == due.month:
        return record
    with office.journal.transaction() as connection:
        record(connection)
    return None


def _follow_terms(office: Office, due: DueJob, now: datetime) -> Finish | None:
    """Make ready what terms call for: notices for review, tasks for staff."""
    notices = put_up_due_notices(office, now)
    return lambda connection: f"notices {len(notices)}, tasks {propose_for_missed(connection, office, now)}"


def _send_digest(office: Office, due: DueJob, now: datetime) -> Finish | None:
    return lambda connection: f"letters {write_digest(connection, office, due.about, now)}"


def _remind_of_audit(office: Office, due: DueJob, now: datetime) -> Finish | None:
    what = office.rules.texts.written.both("task.audit", year=due.about)

    def record(connection: Connection) -> str:
        task = propose_task(connection, office, AUDIT, due.about, what, now)
        return task.id if task else "-"

    return record


DO: Mapping[str, Doing] = {
    "draft": _draft,
    "bills": _make_ready,
    "reports": _make_ready,
    "close": _propose_close,
    "terms": _follow_terms,
    "digest": _send_digest,
    "audit": _remind_of_audit,
    "restore": try_newest_backup,
}


def _is_possible(office: Office, month: Period, now: datetime) -> bool:
    """Return whether a month can be drafted: there are lines, and the month before is closed or its draft stands."""
    return office.directory.first_month() is not None and month in find_possible_months(office, now)


def _month(due: DueJob) -> Period:
    if due.month is None:
        raise ValueError(f"{due.key} is no job of a month")
    return due.month
