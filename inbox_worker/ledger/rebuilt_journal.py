"""A new journal out of rows that ledger workbooks carried: letters, decisions, Customers and closes, with the facts
that were written again. Deliveries, tasks, duties and the chain of acts are not among them: a backup alone has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, text

from inbox_worker.core.model import FactFile, Outcome, Period
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.ledger.destroyed import BROUGHT_BACK, DESTROY, Certificate, DestroyedFile, StatedCertificate
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.records import as_values

Values = dict[str, Any]
_REFERRED = ("replaces", "duplicate_of")  # to forms that posted nothing, which no workbook carries


@dataclass
class CarriedRows:
    """Rows of all workbooks by the journal's tables, later workbooks over earlier ones. `files`: of facts as they were
    written again; `closes`: with the hashes of their files; `loaded`: rows of the register of Customers, in order;
    `destroyed`: certificates of what was destroyed, with its files."""

    arrivals: dict[int, Values] = field(default_factory=dict)
    rows: dict[str, list[Values]] = field(default_factory=dict)
    files: list[FactFile] = field(default_factory=list)
    closes: list[tuple[CloseRecord, dict[str, str]]] = field(default_factory=list)
    loaded: list[Values] = field(default_factory=list)
    destroyed: list[StatedCertificate] = field(default_factory=list)

    def add(self, table: str, rows: Iterable[Values]) -> None:
        """Add rows of a table; a letter that came in an earlier workbook is told again when it has posted something."""
        if table == "arrivals":
            self.arrivals |= {row["number"]: row for row in rows}
        else:
            self.rows.setdefault(table, []).extend(rows)

    @property
    def last_sequence(self) -> int:
        """The last posting that the workbooks carry."""
        return max((row["sequence"] for row in self.rows.get("submissions", ())), default=0)

    def find_destroyed(self) -> dict[int, tuple[Certificate, DestroyedFile]]:
        """Return the letters that were destroyed, by number, with the certificate and the file as it names it."""
        gone = {(file.path, file.sha256): (one, file) for one, items in self.destroyed for file in items.files}
        keys = {number: (f"archive/{row['raw']}", row["sha256"]) for number, row in self.arrivals.items()}
        return {number: gone[key] for number, key in keys.items() if key in gone}

    def find_undecided(self) -> list[int]:
        """Return the letters of which not every form is decided here: what posted nothing is in no workbook. Of one
        that was destroyed the certificate names its outcome."""
        posted: dict[int, int] = {}
        for row in self.rows.get("submissions", ()):
            posted[row["arrival"]] = posted.get(row["arrival"], 0) + 1
        there = self.arrivals.keys() - self.find_destroyed().keys()
        return sorted(number for number in there if posted.get(number, -1) != self.arrivals[number]["forms"])


def fill_journal(journal: Journal, carried: CarriedRows, identity: str, why: str, now: datetime, details: str) -> None:
    """Fill an empty journal in one transaction. `identity`: the journal whose rows they were; `why`: what is told of
    letters that are not decided here (`retry` decides them); `details`: of the act."""
    with journal.transaction() as connection:
        _insert(connection, "arrivals", _arrivals(carried, why))
        _insert(connection, "submissions", _submissions(carried.rows.get("submissions", [])))
        for name in ("findings", "act_answers", "customer_versions"):
            _insert(connection, name, carried.rows.get(name, []))
        _insert(connection, "customers", _customers(carried))
        if carried.files:
            connection.execute(t.fact_files.insert(), [as_values(file) for file in carried.files])
        for close, files in carried.closes:
            journal.closes.record(connection, close, files)
        connection.execute(t.journal_state.update().values(journal=identity))
        journal.database.note_decision(carried.last_sequence)
        for one, destroyed in carried.destroyed:
            journal.destroyed.take_up(connection, one, destroyed)
            record_act(connection, DESTROY, str(one.number), now, details=BROUGHT_BACK, after=one.items)
        record_act(connection, "restore", "ledger", now, details=details)


def close_of(row: Mapping[str, Any]) -> CloseRecord:
    """Return a close as its row in a workbook says; of its files the hash is that of then."""
    made_at = datetime.fromisoformat(row["made_at"])
    return CloseRecord(Period.parse(row["month"]), row["number"], row["sha256"], made_at, row["rules"], row["sequence"])


def _arrivals(carried: CarriedRows, why: str) -> list[Values]:
    undecided, destroyed = set(carried.find_undecided()), carried.find_destroyed()
    outcomes: dict[int, list[Outcome]] = {}
    for row in carried.rows.get("submissions", ()):
        outcomes.setdefault(row["arrival"], []).append(Outcome(row["outcome"]))
    found = []
    for number, row in sorted(carried.arrivals.items()):
        kept = {name: value for name, value in row.items() if name != "forms"}
        outcome = Outcome.FAILED if number in undecided else _outcome(outcomes.get(number), destroyed.get(number))
        found.append({**kept, "outcome": outcome.value, "why": why if number in undecided else ""})
    return found


def _outcome(forms: list[Outcome] | None, destroyed: tuple[Certificate, DestroyedFile] | None) -> Outcome:
    return Outcome(destroyed[1].decided) if destroyed else Outcome.worst(forms or [])


def _submissions(rows: Sequence[Values]) -> list[Values]:
    there = {row["id"] for row in rows}
    replaced = {row["replaces"]: row["id"] for row in rows if row["replaces"]}
    known = ({**row, **{name: "" for name in _REFERRED if row[name] not in there}} for row in rows)
    return [{**row, "replaced_by": replaced.get(row["id"], "")} for row in known]


def _customers(carried: CarriedRows) -> list[Values]:
    """Return the row of each Customer that was loaded last: the version of that form, as its register stated it."""
    versions = {(row["submission"], row["bin"]): row for row in carried.rows.get("customer_versions", ())}
    found: dict[str, Values] = {}
    for stated in carried.loaded:
        version = versions.get((stated["submission"], stated["bin"]), {})
        names = [column.name for column in t.customers.columns]
        known = {name: version[name] for name in names if name in version}
        found[stated["bin"]] = {**known, **{name: stated[name] for name in names if stated.get(name) is not None}}
    return [{name: _plain(value) for name, value in row.items()} for row in found.values()]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else str(value)


def _insert(connection: Connection, name: str, rows: Sequence[Values]) -> None:
    """Insert rows as the database keeps them; columns that are not told are empty."""
    if not rows:
        return
    columns = [column for column in t.metadata.tables[name].columns if column.name != "id" or name == "submissions"]
    empty = {
        column.name: 0 if isinstance(column.type, Integer) or "INT" in str(column.type) else "" for column in columns
    }
    names = ", ".join(empty)
    values = ", ".join(f":{one}" for one in empty)
    statement = text(f"insert into {name} ({names}) values ({values})")  # noqa: S608
    connection.execute(statement, [{**empty, **row} for row in rows])
