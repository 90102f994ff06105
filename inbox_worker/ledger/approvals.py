"""Approvals of documents in the chain of acts: the bytes of each when people moved it to `approved` or amended it
there. Rows of the outbox say the same; who changes those cannot change the act unseen (4.1.17)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select

from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.outbox_tables import DocumentState

APPROVE, AMEND, PUT_BACK, REJECT = "approve", "amend", "put back", "reject"
_FEW = 200


def describe_step(was: str, sha256: str, note: str) -> str:
    """Return what the act of a step says of it."""
    return f"{was or 'new'}, {sha256}, {note}".rstrip(", ")


def find_approved_bytes(database: Database, subjects: Collection[str]) -> dict[str, str]:
    """Return the SHA-256 of what people approved last, by the subjects of its acts, `month/folder/name`; '' where they
    took the approval back."""
    if not subjects:
        return {}
    a = t.acts.c
    months = {subject.partition("/")[0] for subject in subjects}
    of_months = or_(*(a.subject.like(f"{month}/%") for month in months))
    about = a.subject.in_(subjects) if len(subjects) <= _FEW else of_months  # a town's bills are too many to name
    found: dict[str, str] = {}
    rows = database.rows(select(a.act, a.subject, a.details).where(t.IS_OF_REVIEW, about).order_by(a.number))
    for row in rows:
        was, _, said = row.details.partition(", ")
        stands = row.act == APPROVE or (row.act == AMEND and was == DocumentState.APPROVED)
        found[row.subject] = said.partition(", ")[0] if stands else ""
    return found
