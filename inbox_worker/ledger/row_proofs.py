"""Proofs of the journal's rows by each other: every value can be read, and a state is what the rows beside it say.

Seals (`row_seals.py`) know what a row was; this finds what it can never have been, in a home that nobody proved before,
too (4.1.17).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Column, Connection, LargeBinary, Table, cast, func, select, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import NullType

from inbox_worker.core.errors import JournalError
from inbox_worker.core.model import Outcome
from inbox_worker.ledger import certificate_tables as c
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger import transfer_tables as x
from inbox_worker.ledger.outbox_tables import LetterState
from inbox_worker.ledger.text_types import Typed

_TABLES = {one.name: one for module in (t, o, x, c) for one in module.metadata.sorted_tables}
_MOST_NAMED = 20
_SHOWN = 80  # characters of a value


def find_unreadable(connection: Connection) -> Iterator[str]:
    """Find values that are none of their column: a state that there is not, a month or a moment that is none. Whoever
    reads such a row ends with a fault, so nothing else is proven until they are mended."""
    for table in _TABLES.values():
        if undecodable := list(_undecodable_of(connection, table)):
            yield from undecodable[:_MOST_NAMED]
            continue
        for column in table.columns:
            if isinstance(column.type, Typed):
                yield from _unreadable_of(connection, table, column, column.type)


def _undecodable_of(connection: Connection, table: Table) -> Iterator[str]:
    """SQLite keeps whatever bytes a disk gives it as a text; a server takes none that is no text."""
    if connection.dialect.name != "sqlite":
        return
    try:
        for _ in connection.execute(
            select(*(type_coerce(column, NullType()) for column in table.columns))
        ).partitions():
            pass
    except OperationalError:
        found = list(_find_undecodable(connection, table))
        if not found:
            raise
        yield from found


def _find_undecodable(connection: Connection, table: Table) -> Iterator[str]:
    keys = list(table.primary_key) or list(table.columns)[:1]
    for column in table.columns:
        asked = (*(cast(key, LargeBinary) for key in keys), cast(column, LargeBinary))
        for *key, value in connection.execute(select(*asked)).all():
            try:
                (value or b"").decode()
            except UnicodeDecodeError:
                name = " ".join((one or b"").decode("utf-8", "replace") for one in key)
                shown = value.decode("utf-8", "replace")[:_SHOWN]
                yield f"row {name} of {table.name} holds {shown!r} in {column.name}, which is no text"


def _unreadable_of(connection: Connection, table: Table, column: Column[str], kind: Typed) -> Iterator[str]:
    stored = type_coerce(column, NullType())
    bad: list[object] = []
    for value in connection.execute(select(stored).distinct()).scalars():
        try:
            kind.process_result_value(value, connection.dialect)
        except JournalError:
            bad.append(value)
    for value in bad[:_MOST_NAMED]:
        keys = list(table.primary_key) or list(table.columns)[:1]
        row = connection.execute(select(*(type_coerce(key, NullType()) for key in keys)).where(stored == value)).first()
        name = " ".join(str(key) for key in row or ())
        yield f"row {name} of {table.name} holds {value!r} in {column.name}, which is no value of it"


def find_wrong_states(connection: Connection) -> Iterator[str]:
    """Find letters, documents and deliveries whose state is not what their forms, moves and returns say."""
    yield from _wrong_outcomes(connection)
    yield from _wrong_replacements(connection)
    yield from _wrong_documents(connection)
    yield from _other_than_sent(connection)
    p, returned = o.outbox_proofs.c, select(o.letter_returns.c.delivery)
    bounced = select(p.id).where(p.state == LetterState.BOUNCED, p.letter.not_in(returned)).order_by(p.id)
    for number in connection.execute(bounced).scalars():
        yield f"delivery {number} of outbox_proofs came back, and no letter that came back is its own"


def _wrong_outcomes(connection: Connection) -> Iterator[str]:
    """A letter is accepted or put off by its forms: the worst of them is its outcome; without any, it brought the
    documents that others waited for (4.3.2)."""
    a, s = t.arrivals.c, t.submissions.c
    posted = (Outcome.ACCEPTED, Outcome.DEFERRED)
    forms: dict[int, list[Outcome]] = defaultdict(list)
    of_them = select(s.arrival, s.outcome).where(s.arrival.in_(select(a.number).where(a.outcome.in_(posted))))
    for number, outcome in connection.execute(of_them).all():
        forms[number].append(outcome)
    brought = {one.partition(":")[0] for one in connection.execute(select(s.documents)).scalars() if one}
    said = select(a.number, a.outcome).where(a.outcome.in_(posted)).order_by(a.number)
    for number, outcome in connection.execute(said).all():
        own = forms[number] or [outcome] * (f"IW-{number:06d}" in brought)
        if not own or Outcome.worst(own) is not outcome:
            yield f"row {number} of arrivals is {outcome.value}, and its forms are not"


def _wrong_replacements(connection: Connection) -> Iterator[str]:
    """A form is replaced whole by one that says so, and by none else (4.3.1)."""
    s = t.submissions.c
    forms = connection.execute(select(s.id, s.outcome, s.replaces, s.replaced_by).order_by(s.id)).all()
    said = {(form.id, form.replaces) for form in forms if form.replaces and form.outcome.posted}
    known = {replaced for _, replaced in said}
    for form in forms:
        if (form.replaced_by or form.id in known) and (form.replaced_by, form.id) not in said:
            by = form.replaced_by or "none"
            yield f"row {form.id} of submissions is said to be replaced by {by}, and that form says otherwise"


def _other_than_sent(connection: Connection) -> Iterator[str]:
    """A document that was sent is, byte for byte, one that a proof of its delivery names."""
    d, p = o.outbox_documents.c, o.outbox_proofs.c
    proven: dict[int, set[str]] = defaultdict(set)
    proofs = select(p.document, p.sha256).where(p.state == LetterState.SENT, p.sha256 != "")
    for document, digest in connection.execute(proofs).all():
        proven[document].add(digest)
    sent = select(d.id, d.sha256_now).where(d.state == o.DocumentState.SENT, d.sha256_now != "").order_by(d.id)
    for number, digest in connection.execute(sent).all():
        if number in proven and digest not in proven[number]:
            yield f"row {number} of outbox_documents is sent, and other bytes were delivered"


def _wrong_documents(connection: Connection) -> Iterator[str]:
    """A document is where its last move put it."""
    d, m = o.outbox_documents.c, o.outbox_moves.c
    last = select(func.max(m.id)).group_by(m.document)
    moved = {row.document: row.state for row in connection.execute(select(m.document, m.state).where(m.id.in_(last)))}
    for number, state in connection.execute(select(d.id, d.state).order_by(d.id)).all():
        if moved.get(number, state) is not state:
            yield f"row {number} of outbox_documents is {state.value}, and its last move made it {moved[number].value}"
