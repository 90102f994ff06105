"""What became of an arrival, as the interface's JSON and as a table for people."""

from __future__ import annotations

from typing import Any

from inbox_worker.ledger.journal import Journal
from inbox_worker.model import Arrival, Submission


def arrival_json(journal: Journal, arrival: Arrival) -> dict[str, Any]:
    """The arrival with its submissions and findings (interface.md, `ingest --json`)."""
    return {
        "arrival": arrival.id,
        "source": arrival.source,
        "received_at": arrival.received_at.isoformat(),
        "sender": arrival.sender,
        "outcome": arrival.outcome.value if arrival.outcome else None,
        "findings": [finding.as_json() for finding in journal.findings_of(arrival.number)],
        "submissions": [submission_json(journal, s) for s in submissions_shown(journal, arrival)],
    }


def submissions_shown(journal: Journal, arrival: Arrival) -> list[Submission]:
    """The arrival's own submissions, and those its documents released."""
    return journal.submissions_of(arrival.number) + journal.released_by(arrival.id)


def submission_json(journal: Journal, submission: Submission) -> dict[str, Any]:
    return {
        "submission": submission.id,
        "attachment": submission.attachment,
        "form": submission.form or None,
        "customer": submission.customer or None,
        "outcome": submission.outcome.value,
        "month": str(submission.month) if submission.month else None,
        "rows_read": submission.rows_read,
        "rows_posted": submission.rows_posted,
        "duplicate_of": submission.duplicate_of or None,
        "replaces": submission.replaces or None,
        "documents": submission.documents or None,
        "findings": [f.as_json() for f in journal.findings_of(submission.arrival, submission.id)],
    }
