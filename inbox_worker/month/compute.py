"""A month's tables out of the facts, a range of accounts at a time (month/slices.py). Joins ledger and close."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from inbox_worker.core.accounts import EVERY_ACCOUNT, LISTED_ACCOUNTS, Accounts, quoted
from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.progress import follow
from inbox_worker.ledger.facts import BY_ACCOUNT, of_accounts, register
from inbox_worker.month.differences import Found, found_in
from inbox_worker.month.engine import (
    CHARGE_STEPS,
    ESTIMATES,
    LINES,
    PAST_STEPS,
    RECALCULATIONS,
    TOTALS,
    Engine,
    ordered,
)
from inbox_worker.month.frozen import CloseWriter, FrozenClose
from inbox_worker.month.proofs import Broken, broken_lines, broken_payments, joined, payment_sums
from inbox_worker.month.slices import ranges_of, side_by_side
from inbox_worker.month.town import WholeTown
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules

T = TypeVar("T")
PAYMENTS = """
select payment, bank, paid_on, number, account, customer, service, amount,
  cast(opening_penalty_part + penalty_part as decimal(18,2)) as penalty_part, percent, fee,
  cast(amount - fee as decimal(18,2)) as transfer, submission, sheet, row
from month_payments
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
_SUSPENSE = """
select payment, bank, paid_on, number, account, payee, service, amount, reason, submission, sheet, row
from suspense cross join period p where suspense.month = p.month
order by account, paid_on, bank, number, payment, submission, sheet, row, amount desc
"""
_FEW = 10_000  # accounts whose facts are read into memory once: every step would open all their files anew
_CONNECTIONS = count()
_FEW_ROWS = 20_000  # of a kind: the steps ask for them several times, and to open their files takes longer


@dataclass(frozen=True)
class Facts:
    """What a month is computed of: facts in force by kind, and the close of each closed month."""

    home: Home
    rules: Rules
    by_kind: Mapping[str, Sequence[FactFile]]
    closed: Mapping[Period, FrozenClose]
    first: Period

    def connect(
        self,
        accounts: Accounts = EVERY_ACCOUNT,
        listed: pa.Table | None = None,
        kinds: Collection[str] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """DuckDB in memory with every kind of fact in force as a view; of a range of accounts by one thread, with
        its part of the memory, for ranges are computed side by side. `listed`: what LISTED_ACCOUNTS are (account).
        `kinds`: only these."""
        one_of_many = accounts not in (EVERY_ACCOUNT, LISTED_ACCOUNTS)
        few = listed is not None and listed.num_rows <= _FEW
        connection = self._open(self.home.config.ledger.threads if one_of_many else 1)
        if listed is not None:
            connection.register("listed_accounts", listed)
        for kind in self.by_kind if kinds is None else kinds:
            files = self.by_kind[kind]
            fitting = of_accounts(self.home.ledger, files, accounts) if kind in BY_ACCOUNT else files
            kept = few or (one_of_many and kind == "directory") or sum(file.rows for file in fitting) <= _FEW_ROWS
            register(connection, self.home.ledger, kind, fitting, accounts, kept=kept)
        return connection

    def _open(self, side_by_side: int = 1) -> duckdb.DuckDBPyConnection:
        """DuckDB in memory that spills beside the ledger; of several side by side one thread and a part of the memory
        each."""
        settings = self.home.config.ledger
        connection = duckdb.connect()
        connection.execute(f"set threads = {max(1, settings.threads // side_by_side)}")
        connection.execute("set memory_limit = ?", [settings.memory])
        if side_by_side > 1:
            [[limit]] = connection.execute("select value from duckdb_settings() where name = 'memory_limit'").fetchall()
            number, unit = str(limit).split()
            connection.execute(f"set memory_limit = '{float(number) / side_by_side:.3f} {unit}'")
        spill = self.home.ledger / f".spill-{os.getpid()}-{next(_CONNECTIONS)}"  # a folder each: names in it repeat
        connection.execute(f"set temp_directory = {quoted(str(spill))}")
        connection.execute("set preserve_insertion_order = false")
        return connection

    def engine(self, accounts: Accounts = EVERY_ACCOUNT) -> Engine:
        """An engine over these facts, ready to compute a month."""
        return Engine(self.connect(accounts), self.rules, self.closed, self.first, accounts)

    def engine_of(self, accounts: pa.Array) -> Engine:
        """An engine over the facts of some accounts: what a bank's register asks is little of a town."""
        connection = self.connect(LISTED_ACCOUNTS, pa.table({"account": accounts.unique()}))
        return Engine(connection, self.rules, self.closed, self.first, LISTED_ACCOUNTS)

    def ranges(self) -> list[Accounts]:
        """Ranges of accounts by the rows that the directory and the last close have of them."""
        most = self.home.config.ledger.rows_at_once
        rows = sum(file.rows for kind in ("directory", "new_houses") for file in self.by_kind[kind])
        last = self.closed[max(self.closed)].file("lines") if self.closed else None
        if rows + (pq.read_metadata(last).num_rows if last else 0) <= most:
            return [EVERY_ACCOUNT]
        with self.connect(kinds=("directory", "new_houses")) as connection:
            parts = ["select account from every_directory", "select account from every_new_houses"]
            if last:
                parts.append(f"select account from read_parquet({quoted(str(last))})")  # noqa: S608
            counted = connection.sql(
                f"select account, count(*) as rows from ({' union all '.join(parts)}) group by account"  # noqa: S608
            ).to_arrow_table()
        return ranges_of(counted, most)

    def computed_town(self, month: Period) -> Engine:
        """An engine that has computed the month of the whole town: by whole numbers for keys, by texts where a fact has
        a key that no register tells (month/town.py)."""
        connection = self._open()
        try:
            services = [service.code for service in self.rules.services]
            WholeTown(self.home.ledger, self.by_kind, services, self._earliest(month), month).show(connection)
            engine = Engine(connection, self.rules, self.closed, self.first, numbered=True)
            engine.run_steps(month)
        except duckdb.ConversionException:
            connection.close()
            engine = self.engine()
            engine.run_steps(month)
        except BaseException:
            connection.close()
            raise
        return engine

    def _earliest(self, month: Period) -> Period:
        """The first month that must be computed for this one: those before it are closed, or there are none."""
        while month.plus(-1) >= self.first and month.plus(-1) not in self.closed:
            month = month.plus(-1)
        return month

    def parts(self, month: Period, ask: Callable[[Engine], T]) -> Iterator[T]:
        """Computes the month and gives what `ask` makes of it: of the whole town, else range by range in the order of
        accounts. What is asked of the whole town may be read while it is given."""

        def part(accounts: Accounts) -> T:
            engine = self.engine(accounts)
            with engine.connection:
                engine.run_steps(month)
                return ask(engine)

        ranges = self.ranges()
        if ranges == [EVERY_ACCOUNT]:
            engine = self.computed_town(month)
            with engine.connection:
                yield ask(engine)
            return
        yield from follow(side_by_side(ranges, part, self.home.config.ledger.threads), "computing", len(ranges))


@dataclass(frozen=True)
class MonthPart:
    """What a range of accounts adds to its month: tables by file of the close, totals, and what is wrong."""

    rows: int
    totals: Mapping[str, Decimal]
    before: Mapping[str, Decimal]  # totals of the month before
    broken: Sequence[Broken]
    tables: Mapping[str, Iterable[pa.Table]] = field(default_factory=dict)
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    untariffed: int = 0
    differences: Found | None = None


@dataclass
class WholeMonth:
    """A month out of its parts."""

    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    before: dict[str, Decimal] = field(default_factory=dict)
    payments: dict[str, Decimal] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    untariffed: int = 0
    differences: list[Found] = field(default_factory=list)


def part_of_close(engine: Engine) -> MonthPart:
    """A range's part of the close."""
    c = engine.connection
    tables: dict[str, Iterable[pa.Table]] = {
        "lines": engine.batches(ordered("lines", LINES), LINES),
        "recalculations": engine.batches(ordered("recalculation_rows", RECALCULATIONS), RECALCULATIONS),
        "estimates": engine.batches(ordered("estimates", ESTIMATES), ESTIMATES),
        "steps": engine.batches(ordered("charge_steps", CHARGE_STEPS), CHARGE_STEPS),
        "past_steps": engine.batches(ordered("past_steps", PAST_STEPS), PAST_STEPS),
        "payments": engine.batches(PAYMENTS),
        "places": engine.batches(_PLACES),
        "suspense": engine.batches(_SUSPENSE),
    }
    if not engine.numbered:  # a range is closed when the next is asked for
        tables = {name: list(parts) for name, parts in tables.items()}
    untariffed = c.execute(_UNTARIFFED).fetchall()[0][0]
    part = _proved(engine)
    broken = [*part.broken, *broken_payments(c)]
    return replace(part, tables=tables, untariffed=untariffed, broken=broken, payments=payment_sums(c))


def part_of_draft(engine: Engine) -> MonthPart:
    """A range's part of the draft: what it is charged, beside the month before."""
    return replace(_proved(engine), differences=found_in(engine.connection, engine.rules.outliers))


def part_of_dry_run(engine: Engine) -> MonthPart:
    """A range's part of a close that is only looked at."""
    return replace(part_of_close(engine), tables={}, differences=found_in(engine.connection, engine.rules.outliers))


def _proved(engine: Engine) -> MonthPart:
    broken = broken_lines(engine.connection, engine.violations())
    sums = ", ".join(f"coalesce(sum({name}), 0.00)" for name in TOTALS)
    rows, *values = engine.connection.execute(f"select count(*), {sums} from lines").fetchall()[0]  # noqa: S608
    before = engine.connection.execute(f"select {sums} from previous").fetchall()[0]  # noqa: S608
    return MonthPart(int(rows), _named(values), _named(before), broken)


def _named(values: Iterable[object]) -> dict[str, Decimal]:
    return {name: Decimal(str(value)) for name, value in zip(TOTALS, values, strict=True)}


def whole_of(parts: Iterator[MonthPart], writer: CloseWriter | None = None) -> WholeMonth:
    """Adds parts up, and their tables to the writer."""
    whole = WholeMonth()
    for part in parts:
        if writer is not None and not part.broken:
            writer.add(part.tables)
        whole.rows += part.rows
        _add(whole.totals, part.totals)
        _add(whole.before, part.before)
        _add(whole.payments, part.payments)
        whole.broken = joined([*whole.broken, *part.broken])
        whole.untariffed += part.untariffed
        if part.differences is not None:
            whole.differences.append(part.differences)
    return whole


def _add(sums: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, Decimal("0.00")) + value
