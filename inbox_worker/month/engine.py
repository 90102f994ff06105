"""Runs the SQL steps of a month in DuckDB (ledger/lines/steps.py).

The connection must have the fact views (ledger/facts.py); the engine adds period, services and the months before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts, Keys
from inbox_worker.core.model import Period
from inbox_worker.ledger.lines.steps import keep, prepare
from inbox_worker.ledger.lines.steps import run as run_steps
from inbox_worker.ledger.schemas import declare
from inbox_worker.month.frozen import GROUP_ROWS, FrozenClose
from inbox_worker.month.oversized import name_oversized, refuse_oversized
from inbox_worker.month.spark import SparkFault, SparkSteps
from inbox_worker.month.steps import ANSWERING, ASKING
from inbox_worker.month.tables import (
    CHARGE_STEPS,
    ESTIMATES,
    LINES,
    MONTH,
    PAST_STEPS,
    RECALCULATIONS,
    SHOWN,
    TEXT,
    Computed,
    name_file,
    select_ordered,
)
from inbox_worker.month.town import number_keys, number_services
from inbox_worker.settings.rules import Rules

ASKED = frozenset(SHOWN).difference(("previous", "previous_steps", "history_estimates"))
_CENTURY = tuple(Period(year, number) for year in range(2000, 2100) for number in range(1, 13))


@dataclass
class Engine:
    """Computes months in turn: a month opens with the close before it, or with that month's running balance.

    `closed`: each closed month's close. `first`: the ledger's first month; before it there is nothing.
    `accounts`: only these, where the connection's facts are theirs; every step stays within an account.
    `keys`: as the connection keeps them (month/town.py).
    `elsewhere`: what computes the steps instead of DuckDB; it is closed with the connection.
    `replacing`: kinds of facts of which a row may take another's place, None = any.
    `made`: where every table stands declared (month/declared.py), those that were made since; None = elsewhere.
    `lacking`: tables of facts that have no rows.
    """

    connection: duckdb.DuckDBPyConnection
    rules: Rules
    closed: Mapping[Period, FrozenClose]
    first: Period
    accounts: Accounts = EVERY_ACCOUNT
    keys: Keys = Keys.TEXTS
    elsewhere: SparkSteps | None = None
    replacing: frozenset[str] | None = None
    made: set[str] | None = None
    lacking: frozenset[str] = frozenset()
    _running: dict[Period, Computed] = field(default_factory=dict)
    _declared: set[str] = field(default_factory=set)  # tables of closes that stand without rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        if self.elsewhere:
            self.elsewhere.close()

    @property
    def numbered(self) -> bool:
        """Return whether keys are whole numbers."""
        return self.keys is Keys.NUMBERS

    def compute(self, month: Period) -> Computed:
        """Compute the month's lines by the facts as they stand. Leaves every step's table in the connection.

        Raises ChargeTooLarge, which names the lines, when a charge has more digits than a sum can have.
        """
        self.run_steps(month)
        return Computed(
            month,
            *(
                pa.concat_tables(self.read_step(name, schema))
                for name, schema in (
                    ("lines", LINES),
                    ("recalculation_rows", RECALCULATIONS),
                    ("estimates", ESTIMATES),
                    ("charge_steps", CHARGE_STEPS),
                    ("past_steps", PAST_STEPS),
                )
            ),
        )

    def run_steps(self, month: Period) -> None:
        """Compute the month, and leave every table in the connection."""
        before = month.plus(-1)
        if before >= self.first and before not in self.closed and before not in self._running:
            self._running[before] = self.compute(before)
        self.prepare(month)
        known = dict.fromkeys(self.lacking, False)
        try:
            self.run(ASKING, known)
            self.show_asked(month, known)
            self.run(ANSWERING, known)
            if self.elsewhere:
                refuse_oversized(self.connection)
        except (duckdb.OutOfRangeException, SparkFault) as error:
            raise name_oversized(self.connection, error) from error

    def run(self, steps: Sequence[Path], known: dict[str, bool]) -> None:
        """Run some steps of the month that is prepared. `known`: see `run` of the steps."""
        run_steps(self.connection, steps, keys=self.keys, elsewhere=self.elsewhere, known=known, made=self.made)

    def forget(self) -> None:
        """Forget running months: new facts came, they must be computed anew."""
        self._running.clear()

    def read_step(self, name: str, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the rows of a step's table in its order, as `read_batches` does."""
        if self.made is not None and name not in self.made:
            yield schema.empty_table()
        else:
            yield from self.read_batches(select_ordered(name, schema), schema)

    def read_batches(self, query: str, schema: pa.Schema | None = None) -> Iterator[pa.Table]:
        """Yield the rows of a query, so many at a time that a town's lines need not be in memory at once; keys as
        texts."""
        reader = self.connection.sql(query).to_arrow_reader(GROUP_ROWS)
        wanted = schema or pa.schema(
            [(f.name, TEXT if pa.types.is_dictionary(f.type) else f.type) for f in reader.schema]
        )
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(wanted)
        yield wanted.empty_table()

    def read_table(self, query: str) -> pa.Table:
        """Return the rows of a query, keys as texts."""
        return pa.concat_tables(self.read_batches(query))

    def prepare(self, month: Period, kinds: Sequence[str] | None = None) -> None:
        """Give the connection the month, its rules and the months before; no step is run. `kinds`: facts that are in
        the connection already, of those that count from their form's month of account; None = all."""
        c = self.connection
        if self.elsewhere:
            self.elsewhere.forget()
        declared = self.lacking if self.made is not None else ()
        prepare(c, month, self.rules, kinds, self.replacing, declared)
        if self.numbered:
            number_services(c)
        self._show_before(month)
        known = {m for m in self._known_months() if m < month} | {month}
        days = pa.array([m.first_day for m in known], pa.date32())
        lengths = _lengths(self.rules.penalties.algorithm.due_day)
        is_known = pc.is_in(lengths.column("month"), value_set=days).cast(pa.int64())
        keep(c, "month_lengths", lengths.append_column("known", is_known))

    def _known_months(self) -> set[Period]:
        return set(self.closed) | set(self._running)

    def _earlier(self, month: Period) -> list[Period]:
        return sorted(m for m in self._known_months() if m < month)

    def _show_before(self, month: Period) -> None:
        """Show `previous`, the lines of the month before, and `history_estimates` of all months before."""
        earlier, before = self._earlier(month), month.plus(-1)
        self._show("previous", [before] if before in earlier else [])
        self._show("history_estimates", earlier)

    def show_asked(self, month: Period, known: dict[str, bool]) -> None:
        """Show the months that the step `asked_months` asks for (ASKED): `asked_` and the name of a table of the close,
        `recent_lines` for debts, `earlier_lines` for openings, `moving_lines` for moves. No other close is read.
        `known`: see `run` of the steps."""
        rows = self.connection.table("asked_months").project("need, month").order("all").fetchall()
        charges, debts, openings, moves = (
            [Period.of(day) for asked, day in rows if asked == need]
            for need in ("charges", "debts", "openings", "moves")
        )
        since = [m for m in self._earlier(month) if charges and m > charges[0]]  # they may have counted those again
        self._show("asked_lines", charges)
        self._show("asked_steps", charges)
        self._show("asked_recalculations", since)
        self._show("asked_past_steps", since)
        self._show("recent_lines", debts)
        self._show("earlier_lines", openings)
        self._show("moving_lines", moves)
        known["asked_lines"] = bool(charges)

    def show_frozen(self, month: Period) -> None:
        """Show `lines` of a closed month as its close has them."""
        self._union("lines", "lines", LINES, [self._of_month("lines", month)])

    def show_previous_steps(self, month: Period) -> None:
        """Show `previous_steps`, what the month before charged by steps of consumption."""
        before = month.plus(-1)
        self._show("previous_steps", [before] if before in self._known_months() else [])

    def show_history(self, month: Period) -> None:
        """Show `history_lines`, the lines of all months before this one."""
        self._union("history_lines", "lines", LINES, [self._of_month("lines", m) for m in self._earlier(month)])

    def _show(self, name: str, months: list[Period]) -> None:
        what, schema = SHOWN[name]
        parts = [part for month in months if (part := self._of_month(what, month))]
        if self.made is not None:
            if not parts and name not in self.made:
                return
            self.made.add(name)
        self._union(name, what, schema, parts)

    def _union(self, view: str, what: str, schema: pa.Schema, parts: list[str]) -> None:
        """Make a view of closed and running months; what is asked several times is read once."""
        if not parts:
            if what not in self._declared:
                empty = declare(schema.append(MONTH), self.keys)
                self.connection.execute(f"create temp table nothing_{what} {empty}")
                self._declared.add(what)
            query = f"select * from nothing_{what}"  # noqa: S608
        else:
            self.connection.register(f"shape_{what}", schema.append(MONTH).empty_table())
            query = " union all by name ".join([f"select * from shape_{what} where false", *parts])  # noqa: S608
            if self.numbered:  # older closes may lack a column
                query = number_keys(query, [*schema.names, MONTH.name])
        kept = self.numbered or self.made is not None
        kind = "table" if view == "lines" or (kept and view == "previous") else "view"
        self.connection.execute(f"create or replace temp {kind} {view} as {query}")

    def _of_month(self, what: str, month: Period) -> str:
        """Return the query of a closed or running month; '' for what closes of its time did not have."""
        stamp = f"date '{month.first_day.isoformat()}' as month"
        if month not in self.closed:
            name = f"running_{what}_{month.year}_{month.month:02d}"
            self.connection.register(name, getattr(self._running[month], what))
            return f"select *, {stamp} from {name}"  # noqa: S608
        file, condition = self.closed[month].file(what), self.accounts.condition()
        where = f" where {condition}" if condition else ""
        return f"select *, {stamp} from {name_file(file)}{where}" if file else ""  # noqa: S608


def connect_spark(address: str) -> SparkSteps | None:
    """Return what computes the steps at an address instead of DuckDB; '' = DuckDB does."""
    return SparkSteps(address) if address else None


@lru_cache(maxsize=8)
def _lengths(due_day: int) -> pa.Table:
    """Return the days of every month of the century, and the days when bills of a month and of the one before are
    due."""
    return pa.table(
        {
            "month": [m.first_day for m in _CENTURY],
            "days": pa.array([m.days for m in _CENTURY], pa.int64()),
            "inverse": pa.array([_inverse(m.days) for m in _CENTURY], pa.decimal128(19, 18)),
            "due": [m.plus(1).first_day.replace(day=due_day) for m in _CENTURY],
            "due_before": [m.first_day.replace(day=due_day) for m in _CENTURY],
        }
    )


@cache
def _inverse(days: int) -> Decimal:
    return (Decimal(1) / Decimal(days)).quantize(Decimal("1e-18"))
