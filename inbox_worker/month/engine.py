"""Runs the SQL steps of a month in DuckDB (ledger/lines/steps.py).

The connection must have the fact views (ledger/facts.py); the engine adds period, services and the months before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

import duckdb
import pyarrow as pa

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts, quoted
from inbox_worker.core.model import Period
from inbox_worker.ledger.lines.steps import keep, prepare, run
from inbox_worker.month.frozen import GROUP_ROWS, FrozenClose
from inbox_worker.month.oversized import name_oversized
from inbox_worker.month.steps import ANSWERING, ASKING
from inbox_worker.month.town import keyed, number_services
from inbox_worker.settings.rules import Rules

MONEY = pa.decimal128(18, 2)
_TEXT = pa.string()
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
_STEP = (
    ("step", pa.int32()),
    ("threshold", pa.decimal128(18, 3)),
    ("tariff", pa.decimal128(18, 4)),
    ("quantity", pa.decimal128(18, 3)),
    ("amount", pa.decimal128(18, 7)),
    ("submission", pa.string()),
    ("sheet", pa.string()),
    ("row", pa.int32()),
)
_LINE = tuple((name, pa.string()) for name in ("account", "customer", "service"))
CHARGE_STEPS = pa.schema([*_LINE, *_STEP])
PAST_STEPS = pa.schema([*_LINE, ("past_month", pa.date32()), *_STEP])
_ORDERS = {
    "lines": "account, customer, service",
    "recalculation_rows": "account, customer, service, past_month, kind, submission, sheet, row",
    "estimates": "account, customer, service, meter_customer, meter_service, meter",
    "charge_steps": "account, customer, service, step",
    "past_steps": "account, customer, service, past_month, step",
}
TOTALS = tuple(LINES.names[5:])
_CENTURY = tuple(Period(year, number) for year in range(2000, 2100) for number in range(1, 13))


@dataclass(frozen=True)
class Computed:
    """A month as computed: its lines, recalculations, estimates of meters, and charges by steps, of the month and of
    past months counted again in it (the schemas above), sorted."""

    month: Period
    lines: pa.Table
    recalculations: pa.Table
    estimates: pa.Table
    steps: pa.Table
    past_steps: pa.Table


@dataclass
class Engine:
    """Computes months in turn: a month opens with the close before it, or with that month's running balance.

    `closed`: each closed month's close. `first`: the ledger's first month; before it there is nothing.
    `accounts`: only these, where the connection's facts are theirs; every step stays within an account.
    """

    connection: duckdb.DuckDBPyConnection
    rules: Rules
    closed: Mapping[Period, FrozenClose]
    first: Period
    accounts: Accounts = EVERY_ACCOUNT
    numbered: bool = False  # whether the connection's keys are whole numbers (month/town.py)
    _running: dict[Period, Computed] = field(default_factory=dict)

    def compute(self, month: Period) -> Computed:
        """The month's lines by the facts as they stand. Leaves every step's table in the connection.

        Raises ChargeTooLarge, which names the lines, when a charge has more digits than a sum can have.
        """
        self.run_steps(month)
        return Computed(
            month,
            self._table("lines", LINES),
            self._table("recalculation_rows", RECALCULATIONS),
            self._table("estimates", ESTIMATES),
            self._table("charge_steps", CHARGE_STEPS),
            self._table("past_steps", PAST_STEPS),
        )

    def run_steps(self, month: Period) -> None:
        """The same, and nothing is taken out of the connection."""
        before = month.plus(-1)
        if before >= self.first and before not in self.closed and before not in self._running:
            self._running[before] = self.compute(before)
        self.prepare(month)
        try:
            run(self.connection, ASKING)
            self._show_asked(month)
            run(self.connection, ANSWERING)
        except duckdb.OutOfRangeException as error:
            raise name_oversized(self.connection, error) from error

    def forget(self) -> None:
        """New facts came: running months must be computed anew."""
        self._running.clear()

    def violations(self) -> list[tuple[str, str, str, str]]:
        """Rows of the last computed month that break an identity: account, customer, service, what."""
        return self.connection.execute("select * from control order by all").fetchall()

    def _table(self, name: str, schema: pa.Schema) -> pa.Table:
        return pa.concat_tables(self.batches(ordered(name, schema), schema))

    def batches(self, query: str, schema: pa.Schema | None = None) -> Iterator[pa.Table]:
        """The rows of a query, so many at a time that a town's lines need not be in memory at once; keys as texts."""
        reader = self.connection.sql(query).to_arrow_reader(GROUP_ROWS)
        wanted = schema or pa.schema(
            [(f.name, _TEXT if pa.types.is_dictionary(f.type) else f.type) for f in reader.schema]
        )
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(wanted)
        yield wanted.empty_table()

    def table(self, query: str) -> pa.Table:
        """The rows of a query, keys as texts."""
        return pa.concat_tables(self.batches(query))

    def prepare(self, month: Period) -> None:
        """Gives the connection the month, its rules and the months before; no step is run."""
        c = self.connection
        prepare(c, month, self.rules)
        if self.numbered:
            number_services(c)
        self._show_before(month)
        known = {m for m in self._known_months() if m < month} | {month}
        lengths = _lengths(self.rules.penalties.algorithm.due_day)
        keep(c, "month_lengths", lengths.append_column("known", pa.array([int(m in known) for m in _CENTURY])))

    def _known_months(self) -> set[Period]:
        return set(self.closed) | set(self._running)

    def _earlier(self, month: Period) -> list[Period]:
        return sorted(m for m in self._known_months() if m < month)

    def _show_before(self, month: Period) -> None:
        """Shows `previous`, the lines of the month before, and `history_estimates` of all months before."""
        earlier, before = self._earlier(month), month.plus(-1)
        self._union("previous", "lines", LINES, [before] if before in earlier else [])
        self._union("history_estimates", "estimates", ESTIMATES, earlier)

    def _show_asked(self, month: Period) -> None:
        """Shows the months that the step `asked_months` asks for: `asked_` and the name of a table of the close,
        `recent_lines` for debts, `earlier_lines` for openings. No other close is read."""
        rows = self.connection.execute("select need, month from asked_months order by all").fetchall()
        charges, debts, openings = (
            [Period.of(day) for asked, day in rows if asked == need] for need in ("charges", "debts", "openings")
        )
        since = [m for m in self._earlier(month) if charges and m > charges[0]]  # they may have counted those again
        self._union("asked_lines", "lines", LINES, charges)
        self._union("asked_steps", "steps", CHARGE_STEPS, charges)
        self._union("asked_recalculations", "recalculations", RECALCULATIONS, since)
        self._union("asked_past_steps", "past_steps", PAST_STEPS, since)
        self._union("recent_lines", "lines", LINES, debts)
        self._union("earlier_lines", "lines", LINES, openings)

    def show_history(self, month: Period) -> None:
        """Shows `history_lines`, the lines of all months before this one."""
        self._union("history_lines", "lines", LINES, self._earlier(month))

    def _union(self, view: str, what: str, schema: pa.Schema, months: list[Period]) -> None:
        """Makes a view of closed and running months; where keys are numbers, the month before is read once."""
        self.connection.register("nothing_" + view, schema.append(pa.field("month", pa.date32())).empty_table())
        parts = [f"select * from nothing_{view} where false"]  # noqa: S608
        parts += [part for month in months if (part := self._of_month(what, month))]
        query = " union all by name ".join(parts)  # older closes may lack a column
        if self.numbered:
            columns = ", ".join(keyed(name) for name in schema.names)
            query = f"select {columns}, month from ({query})"  # noqa: S608
        kept = "table" if self.numbered and view == "previous" else "view"
        self.connection.execute(f"create or replace temp {kept} {view} as {query}")

    def _of_month(self, what: str, month: Period) -> str:
        """A query of a closed or running month; '' for what closes of its time did not have."""
        stamp = f"date '{month.first_day.isoformat()}' as month"
        if month not in self.closed:
            name = f"running_{what}_{month.year}_{month.month:02d}"
            self.connection.register(name, getattr(self._running[month], what))
            return f"select *, {stamp} from {name}"  # noqa: S608
        file, condition = self.closed[month].file(what), self.accounts.condition()
        where = f" where {condition}" if condition else ""
        return f"select *, {stamp} from read_parquet({quoted(str(file))}){where}" if file else ""  # noqa: S608


def ordered(name: str, schema: pa.Schema) -> str:
    """A query of a step's table with these columns, in its order."""
    columns = ", ".join(f'"{column}"' for column in schema.names)
    return f"select {columns} from {name} order by {_ORDERS[name]}"  # noqa: S608


@lru_cache(maxsize=8)
def _lengths(due_day: int) -> pa.Table:
    """Days of every month of the century, and the days when bills of a month and of the one before are due."""
    return pa.table(
        {
            "month": [m.first_day for m in _CENTURY],
            "days": pa.array([m.days for m in _CENTURY], pa.int64()),
            "inverse": pa.array([_inverse(m.days) for m in _CENTURY], pa.decimal128(19, 18)),
            "due": [m.plus(1).first_day.replace(day=due_day) for m in _CENTURY],
            "due_before": [m.first_day.replace(day=due_day) for m in _CENTURY],
        }
    )


def _inverse(days: int) -> Decimal:
    return (Decimal(1) / Decimal(days)).quantize(Decimal("1e-18"))
