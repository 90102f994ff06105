"""Report on an arrival, as the interface's JSON and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inbox_worker.core.model import Arrival, Outcome, Submission, WordedFinding
from inbox_worker.deciding.marked_workbook import answer_of
from inbox_worker.ledger.journal import Journal


def arrival_json(journal: Journal, arrival: Arrival, archive: Path) -> dict[str, Any]:
    """Return the arrival with its submissions and findings (interface.md, `ingest --json`)."""
    submissions, forms = [], journal.submissions
    found = forms.every_finding_of(arrival.number)
    for submission in submissions_shown(journal, arrival):
        own = submission.arrival == arrival.number
        findings = found.get(submission.id, []) if own else forms.findings_of(submission.arrival, submission.id)
        answer = answer_of(archive, submission, findings)
        submissions.append({**submission_json(submission, findings), "answer": answer})
    shown = arrival.outcome is not None and (arrival.outcome is Outcome.HELD or arrival.outcome.posted)
    task = journal.tasks.of_arrival(arrival.number) if shown else None
    task = task or next((one["task"] for one in submissions if one["task"]), "")
    return {**head_json(arrival, found.get("", [])), "task": task, "submissions": submissions}


def submissions_shown(journal: Journal, arrival: Arrival) -> list[Submission]:
    """Return the arrival's own submissions, or those its documents released: a letter with forms releases none."""
    return journal.submissions.of_arrival(arrival.number) or journal.submissions.released_by(arrival.id)


def submission_json(submission: Submission, findings: Sequence[WordedFinding]) -> dict[str, Any]:
    """Return a form's outcome; `changes` counts what it changed, null when nothing was posted."""
    return {
        "submission": submission.id,
        "attachment": submission.attachment,
        "form": submission.form or None,
        "customer": submission.customer or None,
        "outcome": submission.outcome.value,
        "held_for": list(submission.held_for),
        "task": submission.task or "",
        "month": str(submission.month) if submission.month else None,
        "rows_read": submission.rows_read,
        "rows_posted": submission.rows_posted,
        "changes": vars(submission.changes) if submission.outcome.posted else None,
        "duplicate_of": submission.duplicate_of,
        "replaces": submission.replaces,
        "documents": submission.documents,
        "findings": [finding.as_json() for finding in findings],
    }


def head_json(arrival: Arrival, findings: Sequence[WordedFinding]) -> dict[str, Any]:
    """Return what is said of an arrival beside its forms."""
    return {
        "arrival": arrival.id,
        "source": arrival.source,
        "received_at": arrival.received_at.isoformat(),
        "sender": arrival.sender,
        "outcome": arrival.outcome.value if arrival.outcome else None,
        "findings": [finding.as_json() for finding in findings],
    }
