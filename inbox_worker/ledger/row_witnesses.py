"""Witnesses of changes that are made by right: an act about a task, a letter, a form or a close (4.1.17), a step of a
document's history, the certificate of its destruction or of what a consumer who left was known by (8.10). A row that
changed without one was changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from inbox_worker.ledger import certificate_tables as x
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.bill_recipients import find_cleared_rows
from inbox_worker.ledger.decision_acts import DECIDE
from inbox_worker.ledger.tasks import DONE, DONE_BY_FORM, NOTED

ARRIVAL, CLOSE, DOCUMENT, FORM, TASK = "arrival", "close", "document", "form", "task"
PROOF, RETURN = "outbox_proofs", "letter_returns"
_KINDS = {"admit": ARRIVAL, "reopen": CLOSE, DECIDE: FORM, DONE: TASK, DONE_BY_FORM: TASK, NOTED: TASK}
Witnesses = frozenset[tuple[str, str]]  # a kind, and the first key of the row


@dataclass(frozen=True)
class Since:
    """A point of the journal at which its rows were sealed: its last act and that one's hash (`head`), its last step of
    a document, and how many commits it will have had when the run that sealed them has recorded itself."""

    act: int = 0
    move: int = 0
    commits: int = 0
    head: str = ""

    def find_rewritten(self, connection: Connection) -> list[str]:
        """Tell whether the last act of then is another one now: a chain that was made anew agrees with itself."""
        there = connection.execute(select(t.acts.c.hash).where(t.acts.c.number == self.act)).scalar()
        if not self.head or there == self.head:
            return []
        return [
            f"act {self.act} is not the one that an earlier `ledger verify` saw: it, or acts before it, were changed"
        ]


def read_since(connection: Connection) -> Since:
    """Return how far the journal has come now."""
    commits = connection.execute(select(t.journal_state.c.commits)).scalar() or 0
    moves = connection.execute(select(func.max(o.outbox_moves.c.id))).scalar()
    act = connection.execute(select(t.acts.c.number, t.acts.c.hash).order_by(t.acts.c.number.desc()).limit(1)).first()
    return Since(act.number if act else 0, moves or 0, commits + 1, act.hash if act else "")


def find_witnesses(connection: Connection, since: Since) -> Witnesses:
    """Return what was changed by right since then."""
    return frozenset(_find(connection, since))


def _find(connection: Connection, since: Since) -> Iterator[tuple[str, str]]:
    a, m, d = t.acts.c, o.outbox_moves.c, x.destroyed_files.c
    acts = select(a.act, a.subject).where(a.number > since.act, a.act.in_(_KINDS))
    for act, subject in connection.execute(acts).all():
        kind = _KINDS[act]
        if kind in (ARRIVAL, FORM):
            yield ARRIVAL, str(int(subject.split("-")[1]))
        if kind != ARRIVAL:
            yield kind, str(int(subject.removeprefix("T-"))) if kind == TASK else subject
    for number in connection.execute(select(m.document).where(m.id > since.move).distinct()).scalars():
        yield DOCUMENT, str(number)
    for item in connection.execute(select(d.item).where(d.kind == "documents").distinct()).scalars():
        yield DOCUMENT, item.partition(" ")[2]
    yield from ((table, str(number)) for table, number in find_cleared_rows(connection))
