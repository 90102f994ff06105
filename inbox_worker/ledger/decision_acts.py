"""Decisions of the service in the chain of acts: what was decided of a form, and which facts it posted, by one hash."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, select

from inbox_worker.core.files import sha256
from inbox_worker.core.model import FactFile, Submission
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.text_types import NumberOrNone, Typed

DECIDE = "decide"
SERVICE = "service"
Decision = dict[str, list[Any]]
_s, _f, _n = t.submissions.c, t.fact_files.c, t.findings.c
_DECIDED = (
    _s.id, _s.arrival, _s.sha256, _s.form, _s.customer, _s.outcome, _s.month, _s.complete_at,
    _s.rows_read, _s.rows_posted, _s.rules, _s.sequence, _s.replaces, _s.duplicate_of,
)  # fmt: skip
_BESIDE = (_s.documents, _s.confirmed)  # acts of earlier versions do not hold them, nor findings
_FILES = (_f.path, _f.sha256, _f.kind, _f.customer, _f.month, _f.rows)
_FOUND = (_n.code, _n.severity, _n.sheet, _n.cell, _n.value, _n.message)


def hashes_of(decision: Decision) -> tuple[str, str]:
    """Return the hash over a decision, by which the chain of acts knows it; and that of earlier versions."""
    earlier = [decision["decided"][: len(_DECIDED)], *decision["files"]]
    first, second = (sha256(json.dumps(one, ensure_ascii=False).encode()) for one in (decision, earlier))
    return first, second


def _tell(decided: Iterable[Any], files: Iterable[Sequence[Any]], found: Iterable[Sequence[Any]]) -> Decision:
    rows = ([[str(value) for value in row] for row in sorted(map(tuple, some), key=str)] for some in (files, found))
    return {"decided": [str(value) for value in decided], **dict(zip(("files", "findings"), rows, strict=True))}


def tell_decision(connection: Connection, submission: str) -> Decision:
    """Return what was decided of a form (`decided`), its `files` of facts (path, SHA-256, kind, Customer, month, rows)
    and its `findings`."""
    decided = connection.execute(select(*_DECIDED, *_BESIDE).where(_s.id == submission)).one()
    files = connection.execute(select(*_FILES).where(_f.submission == submission)).all()
    return _tell(decided, files, connection.execute(select(*_FOUND).where(_n.submission == submission)).all())


def record_decision(connection: Connection, decided: Submission, files: Sequence[FactFile], *, found: bool) -> None:
    """Record what was just decided of a form, in the same transaction, after its findings (`found`: it has some). Its
    moment is the one that counted for it."""
    details = f"{decided.form or '-'}: {decided.outcome.value}, {decided.rows_posted}/{decided.rows_read}"
    values = [_as_read(column, getattr(decided, column.name)) for column in (*_DECIDED, *_BESIDE)]
    of_files = [tuple(getattr(file, column.name) for column in _FILES) for file in files]
    findings = connection.execute(select(*_FOUND).where(_n.submission == decided.id)).all() if found else ()
    words = {"details": details, "before": decided.sha256, "after": hashes_of(_tell(values, of_files, findings))[0]}
    record_act(connection, DECIDE, decided.id, decided.complete_at, who=SERVICE, **words)


def _as_read(column: Column[Any], value: Any) -> Any:
    """Return a value as the journal will give it back: '' and 0 that stand for nothing are None."""
    return value or None if isinstance(column.type, (Typed, NumberOrNone)) else value


def find_changed_decisions(connection: Connection) -> Iterator[str]:
    """Find forms whose decision, facts or findings are not what the chain says was decided last."""
    a = t.acts.c
    acts = connection.execute(select(a.subject, a.after).where(a.act == DECIDE).order_by(a.number)).all()
    last = {act.subject: act.after for act in acts}
    files = _by_form(connection, select(*_FILES, _f.submission))
    found = _by_form(connection, select(*_FOUND, _n.submission).where(_n.submission != ""))
    for decided in connection.execute(select(*_DECIDED, *_BESIDE).order_by(_s.arrival, _s.ordinal)).all():
        known = last.pop(decided.id, "")
        if known and known not in hashes_of(_tell(decided, files[decided.id], found[decided.id])):
            yield f"the decision of {decided.id}, or the facts and findings that it names, is not what was decided"
    yield from (f"the decision of {gone} is not there any more" for gone in last)


def find_changed_receipts(connection: Connection) -> Iterator[str]:
    """Find letters that are not of the moment at which the first act about each of their forms says that it came; what
    was completed later by documents or staff is of a later one."""
    a, r = t.acts.c, t.arrivals.c
    acts = connection.execute(select(a.subject, a.at).where(a.act == DECIDE).order_by(a.number.desc())).all()
    first = {act.subject: act.at for act in acts}
    came = select(_s.id, _s.documents, _s.confirmed, r.number, r.received_at).join(t.arrivals, r.number == _s.arrival)
    for form in connection.execute(came.order_by(_s.arrival, _s.ordinal)).all():
        at = to_almaty(form.received_at).isoformat(timespec="seconds")
        known = first.get(form.id, at)
        if at > known or (at < known and not form.documents and not form.confirmed):
            yield f"IW-{form.number:06d} came at {at}, and the act of {form.id} is of {known}"


def _by_form(connection: Connection, query: Select[Any]) -> defaultdict[str, list[tuple[Any, ...]]]:
    """Return rows by the form that stands last in them."""
    rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in connection.execute(query).all():
        *values, submission = tuple(row)
        rows[submission].append(tuple(values))
    return rows
