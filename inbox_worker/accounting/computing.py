"""A month's tables out of the facts, a range of accounts at a time (close/slices.py). Joins ledger and close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.close.engine import Computed, Engine, totals
from inbox_worker.close.frozen import CloseWriter
from inbox_worker.close.slices import ranges_of, side_by_side
from inbox_worker.config import Home
from inbox_worker.ledger.facts import BY_ACCOUNT, of_accounts, register
from inbox_worker.model import EVERY_ACCOUNT, Accounts, FactFile, Period, quoted
from inbox_worker.rules import Rules

T = TypeVar("T")
PAYMENTS = """
select payment, bank, paid_on, number, account, customer, service, amount,
  cast(opening_penalty_part + penalty_part as decimal(18,2)) as penalty_part, percent, fee,
  cast(amount - fee as decimal(18,2)) as transfer, submission, sheet, row
from allocations cross join period p where allocations.month = p.month
order by account, customer, service, paid_on, bank, number, payment
"""
_PLACES = """
select account, customer, service, house, address, flat, name, area, residents
from known_lines semi join lines using (account, customer, service)
order by account, customer, service
"""
_UNTARIFFED = """
select count(*) from quantities q left join tariffs_in_force t using (customer, account, service)
anti join fixed_sums using (customer, account, service)
anti join stopped using (customer, account, service)
where t.tariff is null and q.base <> 'schedule'
"""
_COMPARED = """
select count(*) filter (v.account is null), count(*) filter (l.account is null),
  count(*) filter (l.charged <> v.charged)
from lines l full join previous v using (account, customer, service)
"""
_SPILL = ".spill"  # in ledger/: what a computation does not hold in memory; DuckDB removes it


@dataclass(frozen=True)
class Facts:
    """What a month is computed of: facts in force by kind, and the folder of each closed month."""

    home: Home
    rules: Rules
    by_kind: Mapping[str, Sequence[FactFile]]
    closed: Mapping[Period, Path]
    first: Period

    def connect(self, accounts: Accounts = EVERY_ACCOUNT) -> duckdb.DuckDBPyConnection:
        """DuckDB in memory with every kind of fact in force as a view; of a range of accounts by one thread, with
        its part of the memory, for ranges are computed side by side."""
        settings = self.home.config.ledger
        one_of_many = accounts != EVERY_ACCOUNT
        connection = duckdb.connect()
        connection.execute(f"set threads = {1 if one_of_many else int(settings.threads)}")
        connection.execute("set memory_limit = ?", [settings.memory])
        if one_of_many:
            [[limit]] = connection.execute("select value from duckdb_settings() where name = 'memory_limit'").fetchall()
            number, unit = str(limit).split()
            connection.execute(f"set memory_limit = '{float(number) / settings.threads:.3f} {unit}'")
        connection.execute(f"set temp_directory = {quoted(str(self.home.ledger / _SPILL))}")
        connection.execute("set preserve_insertion_order = false")
        for kind, files in self.by_kind.items():
            fitting = of_accounts(self.home.ledger, files, accounts) if kind in BY_ACCOUNT else files
            register(connection, self.home.ledger, kind, fitting, accounts)
        return connection

    def engine(self, accounts: Accounts = EVERY_ACCOUNT) -> Engine:
        """An engine over these facts, ready to compute a month."""
        return Engine(self.connect(accounts), self.rules, self.closed, self.first, accounts)

    def ranges(self) -> list[Accounts]:
        """Ranges of accounts by the rows that the directory and the last close have of them."""
        with self.connect() as connection:
            parts = ["select account from every_directory", "select account from every_new_houses"]
            if self.closed:
                lines = self.closed[max(self.closed)] / "lines.parquet"
                parts.append(f"select account from read_parquet({quoted(str(lines))})")  # noqa: S608
            counted = connection.sql(
                f"select account, count(*) as rows from ({' union all '.join(parts)}) group by account"  # noqa: S608
            ).to_arrow_table()
        return ranges_of(counted, self.home.config.ledger.rows_at_once)

    def parts(self, month: Period, ask: Callable[[Engine, Computed], T]) -> Iterator[T]:
        """Computes the month range by range; gives what `ask` makes of each, in the order of accounts."""

        def part(accounts: Accounts) -> T:
            engine = self.engine(accounts)
            with engine.connection:
                return ask(engine, engine.compute(month))

        return side_by_side(self.ranges(), part, self.home.config.ledger.threads)


@dataclass(frozen=True)
class Part:
    """What a range of accounts adds to its month: tables by file of the close, totals, and what is wrong."""

    tables: Mapping[str, pa.Table]
    totals: Mapping[str, Decimal]
    rows: int
    broken: Sequence[tuple[str, str, str, str]]
    untariffed: int = 0
    before: Mapping[str, Decimal] = field(default_factory=dict)
    compared: tuple[int, int, int] = (0, 0, 0)


@dataclass
class Whole:
    """A month out of its parts. `payments`: sums of amount, fee, transfer; `compared`: lines new, gone, changed."""

    totals: dict[str, Decimal] = field(default_factory=dict)
    rows: int = 0
    broken: list[tuple[str, str, str, str]] = field(default_factory=list)
    untariffed: int = 0
    payments: dict[str, Decimal] = field(default_factory=dict)
    before: dict[str, Decimal] = field(default_factory=dict)
    compared: tuple[int, int, int] = (0, 0, 0)


def part_of_close(engine: Engine, computed: Computed) -> Part:
    """A range's part of the close."""
    c = engine.connection
    tables = {
        "lines": computed.lines,
        "recalculations": computed.recalculations,
        "estimates": computed.estimates,
        "payments": c.sql(PAYMENTS).to_arrow_table(),
        "places": c.sql(_PLACES).to_arrow_table(),
    }
    untariffed = c.execute(_UNTARIFFED).fetchall()[0][0]
    return Part(tables, totals(computed.lines), computed.lines.num_rows, engine.violations(), untariffed)


def part_of_draft(engine: Engine, computed: Computed) -> Part:
    """A range's part of the draft: what it is charged, beside the month before."""
    before = engine.connection.sql("select * exclude (month) from previous").to_arrow_table()
    compared = engine.connection.execute(_COMPARED).fetchall()[0]
    sums, rows = totals(computed.lines), computed.lines.num_rows
    return Part({}, sums, rows, engine.violations(), before=totals(before), compared=compared)


def whole_of(parts: Iterator[Part], writer: CloseWriter | None = None) -> Whole:
    """Adds parts up, and their tables to the writer."""
    whole = Whole(payments=dict.fromkeys(("amount", "fee", "transfer"), Decimal("0.00")))
    for part in parts:
        if writer is not None:
            writer.add(part.tables)
        _add(whole.totals, part.totals)
        _add(whole.before, part.before)
        if (paid := part.tables.get("payments")) is not None:
            _add(whole.payments, {n: pc.sum(paid.column(n)).as_py() or Decimal("0.00") for n in whole.payments})
        whole.rows += part.rows
        whole.broken += part.broken
        whole.untariffed += part.untariffed
        new, gone, changed = (a + b for a, b in zip(whole.compared, part.compared, strict=True))
        whole.compared = (new, gone, changed)
    return whole


def _add(sums: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, Decimal("0.00")) + value
