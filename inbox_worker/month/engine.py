"""Runs the SQL steps of a month in DuckDB (ledger/lines/steps.py).

The connection must have the fact views (ledger/facts.py); the engine adds period, services and the months before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

import duckdb
import pyarrow as pa

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts, quote_sql
from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Period
from inbox_worker.ledger.lines.steps import prepare, run
from inbox_worker.month.frozen import FrozenClose
from inbox_worker.month.steps import STEPS
from inbox_worker.settings.rules import Rules

MONEY, _TEXT = pa.decimal128(18, 2), pa.string()
_TARIFF, _QUANTITY = ("tariff", pa.decimal128(18, 4)), ("quantity", pa.decimal128(18, 3))
_SUMS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing", "opening_penalty",
         "paid_penalty", "closing_penalty")  # fmt: skip
LINES = pa.schema(
    [
        *((name, _TEXT) for name in ("account", "customer", "service")),
        _TARIFF,
        _QUANTITY,
        *((name, MONEY) for name in _SUMS),
    ]
)
RECALCULATIONS = pa.schema(
    [
        *((name, _TEXT) for name in ("customer", "account", "service")),
        ("past_month", pa.date32()),
        ("amount", MONEY),
        ("kind", _TEXT),
        _TARIFF,
        _QUANTITY,
        ("submission", _TEXT),
        ("sheet", _TEXT),
        ("row", pa.int32()),
    ]
)
ESTIMATES = pa.schema(
    [
        *((name, _TEXT) for name in ("customer", "account", "service", "meter_customer", "meter_service", "meter")),
        _QUANTITY,
    ]
)
_ORDERS = {
    "lines": "account, customer, service",
    "recalculation_rows": "account, customer, service, past_month, kind, submission, sheet, row",
    "estimates": "account, customer, service, meter_customer, meter_service, meter",
}
TOTALS = tuple(LINES.names[5:])
_CENTURY = tuple(Period(year, number) for year in range(2000, 2100) for number in range(1, 13))


# tariff x quantity is counted in 64 bits, seven places after the point, so it ends at 92 233 720 368 tenge. A mistyped
# tariff, area or reading would stop the whole month, so it is named.
MOST = 90_000_000_000  # tenge a line
SHOWN = 10
_OVERSIZED = """
select q.account, q.customer, q.service, t.tariff, q.quantity, t.submission, count(*) over () as many
from quantities q
join tariffs_in_force t on t.customer = q.customer and t.account = q.account and t.service = q.service
where abs(cast(t.tariff as double) * cast(q.quantity as double)) >= $most
order by q.account, q.customer, q.service limit $shown
"""


class ChargeTooLarge(JobError):
    """The month has charges that cannot be; the text names the lines and tells what to do."""


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

    `closed`: each closed month's close. `first`: the ledger's first month; before it there is nothing.
    `accounts`: only these, where the connection's facts are theirs; every step stays within an account.
    """

    connection: duckdb.DuckDBPyConnection
    rules: Rules
    closed: Mapping[Period, FrozenClose]
    first: Period
    accounts: Accounts = EVERY_ACCOUNT
    _running: dict[Period, Computed] = field(default_factory=dict)

    def compute(self, month: Period) -> Computed:
        """Compute the month's lines by the facts as they stand. Leaves every step's table in the connection.

        Raises ChargeTooLarge, which names the lines, when a charge has more digits than a sum can have.
        """
        before = month.plus(-1)
        if before >= self.first and before not in self.closed and before not in self._running:
            self._running[before] = self.compute(before)
        self.prepare(month)
        try:
            run(self.connection, STEPS)
        except duckdb.OutOfRangeException as error:
            raise _name_oversized(self.connection, error) from error
        return Computed(
            month,
            self._table("lines", LINES),
            self._table("recalculation_rows", RECALCULATIONS),
            self._table("estimates", ESTIMATES),
        )

    def forget(self) -> None:
        """Forget running months: new facts came, they must be computed anew."""
        self._running.clear()

    def _table(self, name: str, schema: pa.Schema) -> pa.Table:
        columns = ", ".join(f'"{column}"' for column in schema.names)
        rows = self.connection.sql(f"select {columns} from {name} order by {_ORDERS[name]}")  # noqa: S608
        table: pa.Table = rows.to_arrow_table()
        return table.cast(schema)

    def prepare(self, month: Period) -> None:
        """Give the connection the month, its rules and the months before; no step is run."""
        c = self.connection
        prepare(c, month, self.rules)
        self._register_history(month)
        known = {m for m in self._known_months() if m < month} | {month}
        lengths = _lengths(self.rules.penalties.algorithm.due_day)
        c.register("month_lengths", lengths.append_column("known", pa.array([int(m in known) for m in _CENTURY])))

    def _known_months(self) -> set[Period]:
        return set(self.closed) | set(self._running)

    def _register_history(self, month: Period) -> None:
        """Register `previous`, the month before, and `history_lines, history_recalculations, history_estimates`: all
        before."""
        earlier = sorted(m for m in self._known_months() if m < month)
        self._union("history_lines", "lines", LINES, earlier)
        self._union("history_recalculations", "recalculations", RECALCULATIONS, earlier)
        self._union("history_estimates", "estimates", ESTIMATES, earlier)
        before = month.plus(-1)
        self._union("previous", "lines", LINES, [before] if before in earlier else [])

    def _union(self, view: str, what: str, schema: pa.Schema, months: list[Period]) -> None:
        self.connection.register("nothing_" + view, schema.append(pa.field("month", pa.date32())).empty_table())
        parts = [f"select * from nothing_{view} where false"]  # noqa: S608
        for month in months:
            stamp = f"date '{month.first_day.isoformat()}' as month"
            if month in self.closed:
                file = self.closed[month].file(what)
                if file is None:  # closes made before there was such a table
                    continue
                condition = self.accounts.condition()
                where = f" where {condition}" if condition else ""
                parts.append(f"select *, {stamp} from read_parquet({quote_sql(str(file))}){where}")  # noqa: S608
            else:
                name = f"running_{what}_{month.year}_{month.month:02d}"
                self.connection.register(name, getattr(self._running[month], what))
                parts.append(f"select *, {stamp} from {name}")  # noqa: S608
        query = " union all by name ".join(parts)  # older closes may lack a column
        self.connection.execute(f"create or replace temp view {view} as {query}")


def totals(lines: pa.Table) -> dict[str, Decimal]:
    """Return sums of a month's money columns, under the columns' names."""
    import pyarrow.compute as pc

    return {name: pc.sum(lines.column(name)).as_py() or Decimal("0.00") for name in TOTALS}


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


def _inverse(days: int) -> Decimal:
    return (Decimal(1) / Decimal(days)).quantize(Decimal("1e-18"))


def _name_oversized(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> Exception:
    """Return what to raise when a step ran out of digits: the lines to blame, or the error itself where none is
    found."""
    try:
        rows = connection.execute(_OVERSIZED, {"most": MOST, "shown": SHOWN}).fetchall()
    except duckdb.CatalogException:  # the month broke off before its quantities were known
        return error
    if not rows:
        return error
    lines = [
        f"account {account}, customer {customer}, {service}: tariff {tariff} ({submission}) x quantity {quantity}"
        for account, customer, service, tariff, quantity, submission, _ in rows
    ]
    more = f"; and {rows[0][-1] - len(rows)} more" if rows[0][-1] > len(rows) else ""
    return ChargeTooLarge(
        f"charges over {MOST} tenge a line cannot be; correct the tariff, area or reading of {'; '.join(lines)}{more}"
    )
