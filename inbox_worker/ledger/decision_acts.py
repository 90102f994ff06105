"""Decisions of the service in the chain of acts: what was decided of a form, and which facts it posted, by one hash."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from inbox_worker.core.files import sha256
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act

DECIDE = "decide"
SERVICE = "service"
Told = list[list[str]]
_s, _f = t.submissions.c, t.fact_files.c
_DECIDED = (
    _s.id, _s.arrival, _s.sha256, _s.form, _s.customer, _s.outcome, _s.month, _s.complete_at,
    _s.rows_read, _s.rows_posted, _s.rules, _s.sequence, _s.replaces, _s.duplicate_of,
)  # fmt: skip
_FILES = (_f.path, _f.sha256, _f.kind, _f.customer, _f.month, _f.rows)


def hash_told(told: Told) -> str:
    """Return the hash over a decision, by which the chain of acts knows it."""
    return sha256(json.dumps(told, ensure_ascii=False).encode())


def _tell(decided: Iterable[Any], files: Iterable[tuple[object, ...]]) -> Told:
    return [[str(value) for value in row] for row in (decided, *sorted(files, key=str))]


def tell_decision(connection: Connection, submission: str) -> Told:
    """Return what was decided of a form, its own values first, then a row for each file of facts: path, SHA-256,
    kind, Customer, month, rows."""
    decided = connection.execute(select(*_DECIDED).where(_s.id == submission)).one()
    files = connection.execute(select(*_FILES).where(_f.submission == submission)).all()
    return _tell(decided, [tuple(row) for row in files])


def record_decision(connection: Connection, submission: str) -> None:
    """Record what was just decided of a form, in the same transaction. Its moment is the one that counted for it."""
    decided = connection.execute(select(*_DECIDED).where(_s.id == submission)).one()
    details = f"{decided.form or '-'}: {decided.outcome.value}, {decided.rows_posted}/{decided.rows_read}"
    of_decision = {"before": decided.sha256, "after": hash_told(tell_decision(connection, submission))}
    record_act(connection, DECIDE, submission, decided.complete_at, who=SERVICE, details=details, **of_decision)


def find_changed_decisions(connection: Connection) -> Iterator[str]:
    """Find forms whose decision or facts are not what the chain says was decided last."""
    a = t.acts.c
    acts = connection.execute(select(a.subject, a.after).where(a.act == DECIDE).order_by(a.number)).all()
    last = {act.subject: act.after for act in acts}
    files = defaultdict(list)
    for row in connection.execute(select(*_FILES, _f.submission)).all():
        files[row.submission].append(tuple(row)[:-1])
    for decided in connection.execute(select(*_DECIDED).order_by(_s.arrival, _s.ordinal)).all():
        known = last.pop(decided.id, "")
        if known and hash_told(_tell(decided, files[decided.id])) != known:
            yield f"the decision of {decided.id}, or the facts that it names, is not what was decided"
    yield from (f"the decision of {gone} is not there any more" for gone in last)
