"""Compares rows that people's acts made with those acts: what is done, and what was handed over and when (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.tasks import DONE, DONE_BY_FORM

HANDOVER = "hand over"  # its subject is the document's place; behind its note stands the day that terms run from


def describe_handover(note: str, sent_at: str) -> str:
    """Return how the act of a handover describes it."""
    return f"{note}; {sent_at}"


def find_changed_tasks(connection: Connection) -> Iterator[str]:
    """Find tasks that are done otherwise than their act says, or without one where others have theirs. Earlier versions
    recorded no act."""
    a, k = t.acts.c, t.tasks.c
    found = connection.execute(select(t.acts).where(a.act.in_((DONE, DONE_BY_FORM))).order_by(a.number)).all()
    acts = {act.subject: act for act in found}
    first = min((act.at for act in found if act.act == DONE), default="")
    for task in connection.execute(select(t.tasks).where(k.done_at != "").order_by(k.number)).all():
        name, done_at = f"T-{task.number:06d}", task.done_at.isoformat()
        act = acts.pop(name, None)
        if act and (act.who, _second_of(act.at)) != (task.done_by, done_at):
            yield f"task {name} is done by {task.done_by} at {done_at}, and act {act.number} says {act.who} at {act.at}"
        elif act is None and first and done_at >= first:
            yield f"task {name} is done by {task.done_by} at {done_at}, and no act says so"
    yield from (f"task {name} is open, and act {act.number} says that it is done" for name, act in acts.items())


def _second_of(at: str) -> str:
    return datetime.fromisoformat(at).replace(microsecond=0).isoformat()


def find_changed_handovers(connection: Connection) -> Iterator[str]:
    """Find documents that were handed over otherwise than an act says: terms run from that day (4.3.7). Acts of earlier
    versions do not name it."""
    a, p = t.acts.c, o.outbox_proofs.c
    acts = connection.execute(select(a.who, a.at, a.details).where(a.act == HANDOVER)).all()
    said, first = {(act.who, act.at, act.details) for act in acts}, min((act.at for act in acts), default="")
    for proof in connection.execute(select(o.outbox_proofs).where(p.way == "hand").order_by(p.id)).all():
        key = proof.recipient, str(proof.queued_at)
        known = (*key, describe_handover(proof.answer, proof.sent_at)) in said or (*key, proof.answer) in said
        if known or not first or proof.queued_at < first:  # earlier versions recorded no act
            continue
        yield f"that document {proof.document} was handed over at {proof.sent_at} ({proof.answer}) is said by no act"
