"""The highest number of each table, kept in the journal's state by every commit of the program: a row that somebody
adds or takes away beside it is known by that, whatever is committed afterwards (4.1.17)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, ScalarSelect, String, cast, func, literal, select

from inbox_worker.ledger.certificate_tables import metadata
from inbox_worker.ledger.tables import journal_state

_NUMBERED = {
    name: metadata.tables[name].c[column]
    for column, names in {
        "number": ("acts", "arrivals", "certificates", "distributions", "payment_orders", "tasks", "transfers"),
        "id": ("deliveries", "documents", "findings", "letter_returns", "outbox_documents", "outbox_moves",
               "outbox_proofs"),
    }.items()
    for name in names
}  # fmt: skip
_state = journal_state.c


def _select_highest() -> ScalarSelect[str]:
    """Return a question for all highest numbers as one text, in the order of the tables."""
    each = [cast(select(func.coalesce(func.max(column), 0)).scalar_subquery(), String) for column in _NUMBERED.values()]
    joined: ColumnElement[str] = each[0]
    for one in each[1:]:
        joined = joined + literal(" ") + one
    return select(joined).scalar_subquery()


HIGHEST = _select_highest()
_STATE = select(_state.numbers, _state.foreign_rows, _state.commits, HIGHEST.label("now"))


def note_foreign_rows(connection: Connection) -> None:
    """Note, at the beginning of a transaction, tables whose last row came or went since the last commit of ours."""
    if what := "; ".join(_find_differing(connection)):
        connection.execute(journal_state.update().values(foreign_rows=_state.foreign_rows + what + "\n"))


def find_foreign_rows(connection: Connection) -> list[str]:
    """Return, a line a time, in which tables rows came or went beside the program, since a person answered for it."""
    noted = str(connection.execute(select(_state.foreign_rows)).scalar() or "").splitlines()
    lines = dict.fromkeys((*noted, "; ".join(_find_differing(connection))))
    return [f"rows were added or removed by hand: {line}" for line in lines if line]


def _find_differing(connection: Connection) -> Iterator[str]:
    row = connection.execute(_STATE).one()
    if not row.numbers or row.numbers == row.now:  # an earlier version kept none
        return
    before, now = row.numbers.split(" "), row.now.split(" ")
    if len(before) != len(now):
        yield f"what the journal's state knew of the last rows after commit {row.commits} was changed"
        return
    for name, known, there in zip(_NUMBERED, before, now, strict=True):
        if known != there:
            yield f"the last of {name} was {known} after commit {row.commits}, then {there}"
