"""The journal as it was at a moment: a copy cut back to what was recorded by then. What every reader says of it is
what was known then.

Times of receipt and of completeness count for letters and forms, the moment of recording for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.decision_acts import DECIDE
from inbox_worker.ledger.guards import drop_guards
from inbox_worker.ledger.journal import Journal, open_journal

Values = dict[str, Any]
Rows = list[Values]
_ALL = tuple(table.name for table in o.metadata.sorted_tables)
_LET_IN = {"confirm": "confirmation", "release": "documents"}  # acts by which staff let a held form in: what it awaited


def open_past(database: Database, moment: datetime, place: Path) -> Journal:
    """Make the journal of a moment in an SQLite file at `place`, and open it. The original is only read."""
    with database.engine.connect() as source, source.begin():  # one view of all tables
        rows = {name: [dict(row) for row in source.execute(text(f"select * from {name}")).mappings()]  # noqa: S608
                for name in _ALL}  # fmt: skip
    kept = _cut_back(rows, moment)
    journal = open_journal(f"sqlite:///{place}")
    with journal.database.engine.connect().execution_options(writes=True) as target, target.begin():
        drop_guards(target)
        for name, values in kept.items():
            _fill(target, name, values)
    return journal


def _fill(target: Connection, name: str, rows: Rows) -> None:
    target.execute(text(f"delete from {name}"))  # noqa: S608
    if rows:
        columns = list(rows[0])
        values = ", ".join(f":{column}" for column in columns)
        target.execute(text(f"insert into {name} ({', '.join(columns)}) values ({values})"), rows)  # noqa: S608


def _cut_back(rows: Mapping[str, Rows], moment: datetime) -> dict[str, Rows]:
    """Return the rows of every table as of the moment."""
    kept = {name: list(found) for name, found in rows.items()}

    def by_then(at: str) -> bool:
        return bool(at) and datetime.fromisoformat(at) <= moment

    for table, column in _RECORDED_AT.items():
        kept[table] = [row for row in kept[table] if by_then(row[column] or row.get("sent_at", ""))]
    for table, column, before in _UNDONE:
        kept[table] = [row if not row[column] or by_then(row[column]) else {**row, **before} for row in kept[table]]
    later = [act for act in rows["acts"] if not by_then(act["at"])]
    admitted = {int(act["subject"].removeprefix("IW-")) for act in later if act["act"] == "admit"}
    there = {row["number"] for row in kept["arrivals"]} - admitted
    quarantined = {"outcome": "quarantined", "customers": ""}  # staff let it out later
    kept["arrivals"] = [row if row["number"] in there else {**row, **quarantined} for row in kept["arrivals"]]
    kept["submissions"] = _submissions_then(
        [row for row in kept["submissions"] if row["arrival"] in there], kept["acts"], later, by_then
    )
    _follow_submissions(kept)
    _follow_closes(kept)
    _follow_documents(kept)
    last = {row["bin"]: row for row in sorted(kept["customer_versions"], key=lambda row: int(row["number"]))}
    kept["customers"] = [{column.name: row[column.name] for column in t.customers.columns} for row in last.values()]
    reached = {"arrival": max((row["number"] for row in kept["arrivals"]), default=0),
               "sequence": max((row["sequence"] for row in kept["submissions"]), default=0)}  # fmt: skip
    kept["journal_state"] = [{**row, **reached} for row in kept["journal_state"]]
    return kept


_RECORDED_AT = {
    "acts": "at", "act_answers": "came_at", "arrivals": "received_at", "closes": "made_at",
    "customer_versions": "stated_at", "deliveries": "created_at", "letter_returns": "at",
    "outbox_documents": "made_at", "outbox_moves": "at", "outbox_proofs": "queued_at", "tasks": "made_at",
}  # fmt: skip
_UNDONE: tuple[tuple[str, str, Values], ...] = (  # what was done later was not done then
    ("closes", "reopened_at", {"reopened_at": "", "reason": ""}),
    ("tasks", "done_at", {"done_at": "", "done_by": "", "note": ""}),
    ("deliveries", "sent_at", {"state": "queued", "sent_at": "", "last_answer": ""}),
    ("outbox_proofs", "sent_at", {"state": "queued", "sent_at": "", "answer": ""}),
)


def _submissions_then(submissions: Rows, acts: Rows, later: Rows, by_then: Callable[[str], bool]) -> Rows:
    """A form that was let in or completed later was held; one that was decided later was not there."""
    let_in: dict[str, set[str]] = {}
    for act in later:
        if act["act"] in _LET_IN:
            let_in.setdefault(act["subject"], set()).add(_LET_IN[act["act"]])
    decided = {act["subject"] for act in acts if act["act"] == DECIDE}
    held = {"outcome": "held", "month": "", "rows_posted": 0, "sequence": 0, "documents": "", "confirmed": ""}
    found = []
    for row in submissions:
        was_held = row["id"] in let_in or not by_then(row["complete_at"])
        if not was_held:
            found.append(row)
        elif row["id"] in decided | let_in.keys():
            awaited = let_in.get(row["id"], set()) | ({"documents"} if not by_then(row["complete_at"]) else set())
            found.append({**row, **held, "held_for": " ".join(sorted(awaited))})
    return found


def _follow_submissions(kept: dict[str, Rows]) -> None:
    """Facts, findings and answers of what was not there go; what was replaced by it stood."""
    posted = {row["id"] for row in kept["submissions"] if row["sequence"]}
    there = {row["id"] for row in kept["submissions"]}
    numbers = {row["number"] for row in kept["arrivals"]}
    kept["submissions"] = [
        row if not row["replaced_by"] or row["replaced_by"] in there else {**row, "replaced_by": ""}
        for row in kept["submissions"]
    ]
    kept["fact_files"] = [row for row in kept["fact_files"] if row["submission"] in posted]
    kept["answer_files"] = [row for row in kept["answer_files"] if row["submission"] in there]
    kept["findings"] = [
        row for row in kept["findings"] if row["arrival"] in numbers and row["submission"] in ("", *there)
    ]


def _follow_closes(kept: dict[str, Rows]) -> None:
    """A month is closed by a close in force, was drafted again by one reopened, and else was open."""
    closes = {(row["month"], row["number"]): row["reopened_at"] for row in kept["closes"]}
    kept["close_files"] = [row for row in kept["close_files"] if (row["month"], row["number"]) in closes]
    states: dict[str, str] = {}
    for (month, _), reopened in sorted(closes.items()):
        states[month] = "draft" if reopened else "closed"
    kept["months"] = [
        {**row, "state": states.get(row["month"], "open" if row["state"] == "closed" else row["state"])}
        for row in kept["months"]
    ]


def _follow_documents(kept: dict[str, Rows]) -> None:
    """A version is in the state of its last move; a number was given with the first version of its document."""
    moves: dict[int, Values] = {}
    for move in sorted(kept["outbox_moves"], key=lambda row: int(row["id"])):
        moves[move["document"]] = move
    kept["outbox_documents"] = [
        {**row, "state": moves[row["id"]]["state"], "changed_at": moves[row["id"]]["at"]}
        if row["id"] in moves else {**row, "state": "pending", "changed_at": row["made_at"]}
        for row in kept["outbox_documents"]
    ]  # fmt: skip
    made = {(row["month"], row["bin"], row["kind"]) for row in kept["outbox_documents"]}
    kept["documents"] = [
        row for row in kept["documents"] if (row["month"], row["customer"], row["kind"].partition("_")[0]) in made
    ]
