"""The SQL steps that say which lines stand, and what they need: each `NN_name.sql` is one SELECT whose answer becomes
the table `name`, in order.

A step that says on top without whose rows another file says the same in less is that file where none of them has a row.
`known.sql` is said once for every kind of fact that counts from its form's month of account; where no row of a kind
takes another's place, `known_unreplaced.sql` says the same in less.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from inbox_worker.core.accounts import Keys
from inbox_worker.core.model import Period
from inbox_worker.core.progress import follow
from inbox_worker.core.queries import execute
from inbox_worker.ledger.facts import KNOWN
from inbox_worker.ledger.schemas import declare_types
from inbox_worker.settings.rules import Rules

FOLDER = Path(__file__).parent
LINE_STEPS = sorted(FOLDER.glob("[0-9][0-9]_*.sql"))
_LINE_KINDS = ("new_houses", "directory_corrections", "meter_change")
_VIEWS = (
    "begun_lines",
    "line_versions",
    "line_rows",
    "lines_in_force",
    "known_lines",
    "readings",
    "directory_tariffs",
    "tariffs_in_force",
    "past_charges",
    "opening_balances",
)  # read once or cheaply


def prepare(
    connection: duckdb.DuckDBPyConnection,
    month: Period,
    rules: Rules,
    kinds: Sequence[str] | None = None,
    replacing: Collection[str] | None = None,
    declared: Collection[str] = (),
) -> None:
    """Gives the steps the month, the services and the facts as the month knows them (`known_` and the kind). `kinds`:
    of these facts, None = of all that count from their form's month of account.
    `replacing`: kinds of which a row may take another's place, None = any; of the others there is less to ask.
    `declared`: tables of facts without rows, where what is known of them stands declared without rows, too."""
    know_month(connection, month)
    services = {
        "service": [s.code for s in rules.services],
        "follows": pa.array([s.of for s in rules.services], pa.string()),
        "base": [s.base for s in rules.services],
        "place": list(range(len(rules.services))),
        "steps": [s.steps for s in rules.services],
        "norm": pa.array([_norm(rules, s.code) for s in rules.services], pa.decimal128(18, 3)),
    }
    keep(connection, "services", pa.table(services))
    estimation = {"average": int(rules.estimation.average), "months": rules.estimation.months}
    execute(connection, _read_step(FOLDER / "estimation.sql"), estimation)
    _prepare_penalty(connection, month.plus(-1), rules)
    for kind in (kind for kind in (KNOWN if kinds is None else kinds) if f"every_{kind}" not in declared):
        know(connection, kind, replacing is None or kind in replacing)


def know(connection: duckdb.DuckDBPyConnection, kind: str, replacing: bool) -> None:
    """Gives the facts of a kind as the month knows them. `replacing`: see `prepare`."""
    text = _read_step(FOLDER / ("known.sql" if replacing else "known_unreplaced.sql"))
    view = text.replace("_facts", f"_{kind}")
    execute(connection, f"create or replace temp view known_{kind} as {view}")


def know_month(connection: duckdb.DuckDBPyConnection, month: Period) -> None:
    """Gives `period`, the one row that every step takes the month from."""
    execute(connection, _read_step(FOLDER / "period.sql"), {"month": month.first_day})


def keep(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Give the connection a small table of its own: of a registered one DuckDB does not know how few rows it has."""
    connection.register("rows_to_keep", rows)
    execute(connection, f"create or replace temp table {name} as select * from rows_to_keep")


def _prepare_penalty(connection: duckdb.DuckDBPyConnection, before: Period, rules: Rules) -> None:
    """`days_before`: days of the month before with the base rate; `penalty_rule`: the algorithm in use."""
    algorithm = rules.penalties.algorithm
    days = [before.first_day.replace(day=number + 1) for number in range(before.days)]
    table = {
        "day": days,
        "month": [before.first_day] * len(days),
        "base_rate": pa.array([rules.penalties.base_rate(day) for day in days], pa.decimal128(18, 4)),
    }
    keep(connection, "days_before", pa.table(table))
    rule = {"by_base": int(algorithm.rate == "base"), "year_days": algorithm.year_days}
    execute(connection, _read_step(FOLDER / "penalty_rule.sql"), rule)


def _norm(rules: Rules, service: str) -> Decimal:
    return rules.estimation.norms.get(service, Decimal(0))


_EMPTY_WITHOUT = re.compile(r"^-- Empty without rows of (.+)\.$", re.MULTILINE)
_LESS_WITHOUT = re.compile(r"^-- Without rows of (.+): (\w+\.sql)\.$", re.MULTILINE)
_COMMENT = re.compile(r"--.*")
_TABLE = re.compile(r"\b(?:from|join)\s+(\w+)", re.IGNORECASE)
_COLUMN = re.compile(r'"(\w+)"\s+([a-z]+(?:\([\d,]+\))?)')


class StepsElsewhere(Protocol):
    """Another engine than DuckDB."""

    def answer(self, connection: duckdb.DuckDBPyConnection, step: str, select: str) -> str:
        """Compute a step's rows out of the connection's tables. Return a query of them for the connection."""

    def show(self, connection: duckdb.DuckDBPyConnection, step: str, select: str) -> None:
        """Make a step a view there, too: its rows are not asked for."""


def run(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[Path],
    *,
    keys: Keys = Keys.TEXTS,
    elsewhere: StepsElsewhere | None = None,
    known: dict[str, bool] | None = None,
    made: set[str] | None = None,
) -> None:
    """Runs steps whose facts are prepared. A step that says on top without whose rows it is empty is not computed to
    find that out: what happens seldom costs nothing in the other months. `keys`: of the connection.
    `elsewhere`: what computes them instead of DuckDB, which gets their rows. `known`: of which tables of the month it
    is known whether they have rows; what the steps make is added. `made`: of few facts every table of the connection
    stands declared without rows, and these were made since; all steps become tables, for every step that asks a view
    plans it anew."""
    known = {} if known is None else known
    for step in follow(steps, "closing"):
        name, text = step.stem[3:], _read_step(step)
        known.pop(name, None)  # of the month before
        for needed in _EMPTY_WITHOUT.findall(text):
            if not any(_has_rows(connection, asked, known) for asked in needed.split(", ")):
                known[name] = False
                break
        for absent, less in _LESS_WITHOUT.findall(text):
            if not any(_has_rows(connection, asked, known) for asked in absent.split(", ")):
                text = _read_step(step.with_name(less))
        if name in _VIEWS and made is None:
            execute(connection, f"create or replace temp view {name} as {text}")
            if elsewhere:
                elsewhere.show(connection, name, text)
        elif known.get(name, True):
            query = elsewhere.answer(connection, name, text) if elsewhere else text
            rows = execute(connection, f"create or replace temp table {name} as {query}").fetchall()
            known[name] = bool(rows[0][0])
            if made is not None:
                made.add(name)
        elif made is None or name in made:
            execute(connection, f"create or replace temp table {name} {declare_empty(keys)[name]}")


@cache
def _read_step(step: Path) -> str:
    return step.read_text("utf-8")


def find_tables_of(step: Path) -> frozenset[str]:
    """Find the names of tables that a step reads, or asks for rows before it is run."""
    needed = ", ".join(_EMPTY_WITHOUT.findall(text := _read_step(step)))
    return find_tables(text).union(rows.split(" ", 1)[0] for rows in needed.split(", ") if rows)


@cache
def find_tables(query: str) -> frozenset[str]:
    """Find the names that a query reads rows of: tables, views and its own parts."""
    return frozenset(_TABLE.findall(_COMMENT.sub("", query)))


def _has_rows(connection: duckdb.DuckDBPyConnection, rows: str, known: dict[str, bool]) -> bool:
    """Return whether there are rows of a table, perhaps of those for which something holds; asked once a month."""
    if rows not in known:
        table = rows.split(" ", 1)[0]
        query = f"select 1 from {rows} limit 1"  # noqa: S608
        known[rows] = known.get(table, True) and bool(execute(connection, query).fetchall())
    return known[rows]


@cache
def declare_empty(keys: Keys) -> dict[str, str]:
    """Return how the table of every step that may be empty is declared, by step."""
    declared = re.findall(r"^create table (\w+) \((.+?)\);$", _read_step(FOLDER / "empty_steps.sql"), re.M | re.S)
    return {step: declare_types(dict(_COLUMN.findall(columns)), keys) for step, columns in declared}


def standing_lines(connection: duckdb.DuckDBPyConnection, month: Period, rules: Rules) -> None:
    """Makes the tables `standing_rows`, the lines as of a month, those that have ended marked, and `line_rows`, those
    in force with their meters. Needs the fact views `directory, new_houses, directory_corrections, house_exit,
    meter_change, customers, notice`."""
    prepare(connection, month, rules, _LINE_KINDS)
    run(connection, LINE_STEPS)
