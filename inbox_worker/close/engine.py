"""Runs the SQL steps of a month in DuckDB (close/steps.py).

The connection must have the fact views (ledger/facts.py); the engine adds period, services and the months before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from inbox_worker.close.parts import ROWS, keep_whole, narrow, ranges, widen
from inbox_worker.close.steps import STEPS, prepare, run
from inbox_worker.model import Period
from inbox_worker.rules import Rules

MONEY = pa.decimal128(18, 2)
LINES = pa.schema(
    [
        ("account", pa.string()),
        ("customer", pa.string()),
        ("service", pa.string()),
        ("tariff", pa.decimal128(18, 4)),
        ("quantity", pa.decimal128(18, 3)),
        ("opening", MONEY),
        ("charged", MONEY),
        ("undelivered", MONEY),
        ("recalculated", MONEY),
        ("penalty", MONEY),
        ("paid", MONEY),
        ("moved", MONEY),
        ("closing", MONEY),
        ("opening_penalty", MONEY),
        ("paid_penalty", MONEY),
        ("closing_penalty", MONEY),
    ]
)
RECALCULATIONS = pa.schema(
    [
        ("customer", pa.string()),
        ("account", pa.string()),
        ("service", pa.string()),
        ("past_month", pa.date32()),
        ("amount", MONEY),
        ("kind", pa.string()),
        ("tariff", pa.decimal128(18, 4)),
        ("quantity", pa.decimal128(18, 3)),
        ("submission", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int32()),
    ]
)
ESTIMATES = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("customer", "account", "service", "meter_customer", "meter_service", "meter")
        ),
        ("quantity", pa.decimal128(18, 3)),
    ]
)
_ORDERS = {
    "lines": "account, customer, service",
    "recalculation_rows": "account, customer, service, past_month, kind, submission, sheet, row",
    "estimates": "account, customer, service, meter_customer, meter_service, meter",
}
TOTALS = tuple(LINES.names[5:])


@dataclass(frozen=True)
class Computed:
    """A month as computed: its lines, recalculations and estimates of meters (the schemas above), sorted."""

    month: Period
    lines: pa.Table
    recalculations: pa.Table
    estimates: pa.Table


@dataclass
class Engine:
    """Computes months in turn: a month opens with the close before it, or with that month's running balance.

    `closed`: the folder of each closed month. `first`: the ledger's first month; before it there is nothing.
    `part_rows`: about so many rows of the directory are computed at a time by `compute_in_parts`.
    """

    connection: duckdb.DuckDBPyConnection
    rules: Rules
    closed: Mapping[Period, Path]
    first: Period
    part_rows: int = ROWS
    _running: dict[Period, Computed] = field(default_factory=dict)

    def compute(self, month: Period) -> Computed:
        """The month's lines by the facts as they stand. Leaves every step's table in the connection."""
        before = month.plus(-1)
        if before >= self.first and before not in self.closed and before not in self._running:
            self._running[before] = self.compute(before)
        self._prepare(month)
        run(self.connection, STEPS)
        return self._computed(month)

    def compute_in_parts(self, month: Period) -> Iterator[Computed]:
        """What `compute` gives, one range of accounts after another, in order of account: memory for a part is enough.

        The month before must be closed, or be none. While a part is looked at, the steps' tables are those of its
        accounts.
        """
        self._prepare(month)
        parts = ranges(self.connection, self.part_rows)
        if len(parts) == 1:
            run(self.connection, STEPS)
            yield self._computed(month)
            return
        keep_whole(self.connection)
        for part in parts:
            narrow(self.connection, part)
            run(self.connection, STEPS)
            yield self._computed(month)
        widen(self.connection)

    def _computed(self, month: Period) -> Computed:
        return Computed(
            month,
            self._table("lines", LINES),
            self._table("recalculation_rows", RECALCULATIONS),
            self._table("estimates", ESTIMATES),
        )

    def computed_lines(self) -> pa.Table:
        """The lines of the month computed last (schema LINES, sorted)."""
        return self._table("lines", LINES)

    def forget(self) -> None:
        """New facts came: running months must be computed anew."""
        self._running.clear()

    def violations(self) -> list[tuple[str, str, str, str]]:
        """Rows of the last computed month that break an identity: account, customer, service, what."""
        return self.connection.execute("select * from control order by all").fetchall()

    def _table(self, name: str, schema: pa.Schema) -> pa.Table:
        columns = ", ".join(f'"{column}"' for column in schema.names)
        rows = self.connection.sql(f"select {columns} from {name} order by {_ORDERS[name]}")  # noqa: S608
        table: pa.Table = rows.to_arrow_table()
        return table.cast(schema)

    def _prepare(self, month: Period) -> None:
        c = self.connection
        prepare(c, month, self.rules)
        self._register_history(month)
        known = {m for m in self._known_months() if m < month} | {month}
        lengths = [Period(year, number) for year in range(2000, 2100) for number in range(1, 13)]
        c.register(
            "month_lengths",
            pa.table(
                {
                    "month": [m.first_day for m in lengths],
                    "days": pa.array([m.days for m in lengths], pa.int64()),
                    "inverse": pa.array([_inverse(m.days) for m in lengths], pa.decimal128(19, 18)),
                    "due": [_due(m.plus(1), self.rules) for m in lengths],
                    "due_before": [_due(m, self.rules) for m in lengths],
                    "known": pa.array([int(m in known) for m in lengths], pa.int64()),
                }
            ),
        )

    def _known_months(self) -> set[Period]:
        return set(self.closed) | set(self._running)

    def _register_history(self, month: Period) -> None:
        """`previous`: the month before; `history_lines, history_recalculations, history_estimates`: all before."""
        earlier = sorted(m for m in self._known_months() if m < month)
        self._union("history_lines", "lines", LINES, earlier)
        self._union("history_recalculations", "recalculations", RECALCULATIONS, earlier)
        self._union("history_estimates", "estimates", ESTIMATES, earlier)
        before = month.plus(-1)
        self._union("previous", "lines", LINES, [before] if before in earlier else [])

    def _union(self, view: str, what: str, schema: pa.Schema, months: list[Period]) -> None:
        self.connection.register("nothing_" + view, schema.append(pa.field("month", pa.date32())).empty_table())
        parts = [f"select * from nothing_{view}"]  # noqa: S608
        for month in months:
            stamp = f"date '{month.first_day.isoformat()}' as month"
            if month in self.closed:
                file = self.closed[month] / f"{what}.parquet"
                if not file.exists():  # closes made before there was such a table
                    continue
                path = str(file).replace("'", "''")
                parts.append(f"select *, {stamp} from read_parquet('{path}')")  # noqa: S608
            else:
                name = f"running_{what}_{month.year}_{month.month:02d}"
                self.connection.register(name, getattr(self._running[month], what))
                parts.append(f"select *, {stamp} from {name}")  # noqa: S608
        query = " union all by name ".join(parts)  # older closes may lack a column
        self.connection.execute(f"create or replace temp view {view} as {query}")


def totals(lines: pa.Table) -> dict[str, Decimal]:
    """Sums of a month's money columns, under the columns' names."""
    import pyarrow.compute as pc

    return {name: pc.sum(lines.column(name)).as_py() or Decimal("0.00") for name in TOTALS}


def _due(month: Period, rules: Rules) -> date:
    return month.first_day.replace(day=rules.penalties.algorithm.due_day)


def _inverse(days: int) -> Decimal:
    return (Decimal(1) / Decimal(days)).quantize(Decimal("1e-18"))
