"""Decisions of the service in the chain of acts: what was decided of a form, and which facts it posted, by one hash."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, select

from inbox_worker.core.files import sha256
from inbox_worker.core.model import FactFile, Submission
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.text_types import NumberOrNone, Typed

DECIDE = "decide"
SERVICE = "service"
_s, _f = t.submissions.c, t.fact_files.c
_DECIDED = (
    _s.id, _s.arrival, _s.sha256, _s.form, _s.customer, _s.outcome, _s.month, _s.complete_at,
    _s.rows_read, _s.rows_posted, _s.rules, _s.sequence, _s.replaces, _s.duplicate_of,
)  # fmt: skip
_FILES = (_f.path, _f.sha256, _f.kind, _f.customer, _f.month, _f.rows)


def _hash_decision(decided: Iterable[Any], files: Iterable[tuple[object, ...]]) -> str:
    values = [[str(value) for value in row] for row in (decided, *sorted(files, key=str))]
    return sha256(json.dumps(values, ensure_ascii=False).encode())


def record_decision(connection: Connection, decided: Submission, files: Sequence[FactFile]) -> None:
    """Record what is decided of a form, in the same transaction. Its moment is the one that counted for it."""
    details = f"{decided.form or '-'}: {decided.outcome.value}, {decided.rows_posted}/{decided.rows_read}"
    values = [_as_read(column, getattr(decided, column.name)) for column in _DECIDED]
    after = _hash_decision(values, [tuple(getattr(file, column.name) for column in _FILES) for file in files])
    words = {"details": details, "before": decided.sha256, "after": after}
    record_act(connection, DECIDE, decided.id, decided.complete_at, who=SERVICE, **words)


def _as_read(column: Column[Any], value: Any) -> Any:
    """Return a value as the journal will give it back: '' and 0 that stand for nothing are None."""
    return value or None if isinstance(column.type, (Typed, NumberOrNone)) else value


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
        if known and _hash_decision(decided, files[decided.id]) != known:
            yield f"the decision of {decided.id}, or the facts that it names, is not what was decided"
    yield from (f"the decision of {gone} is not there any more" for gone in last)
