"""Accounting months: open -> draft -> closed (money.md). Joins ledger and close; documents are in papers.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa

from inbox_worker.close.differences import Differences, differences
from inbox_worker.close.engine import TOTALS, Computed, Engine, totals
from inbox_worker.close.frozen import clear_place, write_close
from inbox_worker.close.proofs import broken_lines, broken_payments, payment_sums
from inbox_worker.config import Home
from inbox_worker.ledger.directory import Directory
from inbox_worker.ledger.facts import register
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.model import FactFile, MonthState, Period
from inbox_worker.rules import Rules

_PLACES = """
select account, customer, service, house, address, flat, name, area, residents
from known_lines semi join lines using (account, customer, service)
order by account, customer, service
"""
_PAYMENTS = """
select payment, bank, paid_on, number, account, customer, service, amount,
  cast(opening_penalty_part + penalty_part as decimal(18,2)) as penalty_part, percent, fee,
  cast(amount - fee as decimal(18,2)) as transfer, submission, sheet, row
from allocations cross join period p where allocations.month = p.month
order by account, customer, service, paid_on, bank, number, payment
"""
_SUSPENSE = """
select payment, bank, paid_on, number, account, payee, service, amount, reason, submission, sheet, row
from suspense cross join period p where suspense.month = p.month
order by account, paid_on, bank, number, payment, submission, sheet, row, amount desc
"""
_OPENINGS = """
select account, service, opening from lines l where customer = $customer and (
  exists (select 1 from history_lines h where (h.customer, h.account, h.service) = (l.customer, l.account, l.service))
  or exists (select 1 from directory d join period p on d.from_month <= p.month
    where (d.customer, d.account, d.service) = (l.customer, l.account, l.service) and d.balance is not null))
"""


class MonthError(Exception):
    """A month cannot be drafted or closed as asked; the text tells what to do."""


@dataclass(frozen=True)
class Closed:
    """A close as made or, in a dry run, as it would be. `payments`: received = posted + suspense.

    `differences` from the month before are told by a dry run alone; `before`: totals of that month.
    """

    month: Period
    state: str
    number: int
    totals: dict[str, Decimal]
    rows: int
    payments: dict[str, Decimal]
    warnings: tuple[str, ...]
    before: dict[str, Decimal]
    differences: Differences | None


@dataclass(frozen=True)
class Draft:
    """The month's charges before its payments and bills, and what differs from the month before."""

    month: Period
    totals: dict[str, Decimal]
    rows: int
    before: dict[str, Decimal]
    differences: Differences


class Months:
    """Drafts and closes months of one home."""

    def __init__(self, home: Home, rules: Rules, journal: Journal, directory: Directory) -> None:
        self.home = home
        self.rules = rules
        self.journal = journal
        self.directory = directory

    def closed(self) -> list[Period]:
        """Closed months in order."""
        return sorted(m for m, state in self.journal.months().items() if state is MonthState.CLOSED)

    def first_open(self) -> Period | None:
        """The month after the last close; None before the first close."""
        closed = self.closed()
        return closed[-1].plus(1) if closed else None

    def is_closed(self, month: Period) -> bool:
        first_open = self.first_open()
        return first_open is not None and month < first_open

    def first_month(self, asked: Period, working: Iterable[Period] = ()) -> Period:
        """The ledger's first month: before it there is nothing to run from.

        The first close if there is one. Else the directory's earliest `Действует с`, if that is the asked month
        or the one before; an earlier one only tells since when lines stand, so work begins with the first month
        that anything was posted in (`working`: months about to be posted).
        """
        closed = self.closed()
        if closed:
            return closed[0]
        earliest = self.directory.first_month()
        if earliest is None or earliest >= asked.plus(-1):
            return earliest if earliest is not None and earliest <= asked else asked
        active = {f.month for f in self.journal.fact_files() if f.kind not in ("directory", "customers", "stops")}
        return max(earliest, min({*active, *working, asked}))

    def connect(self, upto: int | None = None) -> duckdb.DuckDBPyConnection:
        """DuckDB in memory with every kind of fact in force as a view (`upto`: as they stood at a sequence)."""
        connection = duckdb.connect()
        settings = self.home.config.ledger
        connection.execute(f"set threads = {int(settings.threads)}")
        connection.execute("set memory_limit = ?", [settings.memory])
        connection.execute("set preserve_insertion_order = false")
        by_kind: dict[str, list[FactFile]] = {kind: [] for kind in SCHEMAS}
        for file in self.journal.fact_files(upto=upto):
            by_kind[file.kind].append(file)
        for kind, files in by_kind.items():
            register(connection, self.home.ledger, kind, files)
        return connection

    def engine(self, month: Period, working: Iterable[Period] = ()) -> Engine:
        """An engine over the facts as they stand, ready to compute the month."""
        closed = {m: self.home.ledger / "closes" / str(m) for m in self.closed()}
        return Engine(self.connect(), self.rules, closed, self.first_month(month, working))

    def computed(self, month: Period) -> Engine:
        """An engine that has computed the month: a closed one out of the facts its close saw, else as they stand."""
        record = self.journal.close_record(month)
        engine = self.engine(month)
        if record is not None:
            engine.connection = self.connect(record["sequence"])
        engine.compute(month)
        return engine

    def openings(self, customer: str, month: Period) -> dict[tuple[str, str], Decimal]:
        """The balance at the start of the month, by account and service, of a Customer's lines that an earlier
        month or the register's `Сальдо` knows."""
        engine = self.engine(month)
        engine.compute(month)
        rows = engine.connection.execute(_OPENINGS, {"customer": customer}).fetchall()
        return {(account, service): opening for account, service, opening in rows}

    def draft(self, month: Period) -> Draft:
        """Computes the month from what was posted so far and marks it drafted. Raises MonthError when closed."""
        if self.is_closed(month):
            raise MonthError(f"{month} is closed; `explain` and `documents` show it, `reopen` opens it")
        engine = self.engine(month)
        computed = engine.compute(month)
        self._check(engine, computed, payments=False)
        with self.journal.transaction() as connection:
            self.journal.set_month(connection, month, MonthState.DRAFT)
        found = differences(engine.connection, month, self.rules.outliers)
        return Draft(month, totals(computed.lines), computed.lines.num_rows, _totals_before(engine), found)

    def close(self, month: Period, now: datetime, dry_run: bool = False) -> Closed:
        """Sums facts, proves totals, freezes the month. Raises MonthError while anything does not reconcile."""
        engine = self._ready_to_close(month)
        computed = engine.compute(month)
        self._check(engine, computed, payments=True)
        c = engine.connection
        tables = {
            "lines": computed.lines,
            "recalculations": computed.recalculations,
            "estimates": computed.estimates,
            "payments": self.payments(engine),
            "suspense": c.sql(_SUSPENSE).to_arrow_table(),
            "places": c.sql(_PLACES).to_arrow_table(),
        }
        found = differences(c, month, self.rules.outliers) if dry_run else None
        number = self.journal.close_count(month) + 1
        state = self.journal.months().get(month, MonthState.OPEN).value
        if not dry_run:
            self._freeze(month, number, tables, now)
            state = MonthState.CLOSED.value
        return Closed(
            month, state, number, totals(computed.lines), computed.lines.num_rows, payment_sums(c),
            self._warnings(engine, month, now), _totals_before(engine), found,
        )  # fmt: skip

    def payments(self, engine: Engine) -> pa.Table:
        """Parts of payments posted in the month the engine computed last (columns: model.CloseData)."""
        return engine.connection.sql(_PAYMENTS).to_arrow_table()

    def reopen(self, month: Period, reason: str, now: datetime) -> None:
        """Opens the last closed month again; its close stays on disk under its number."""
        closed = self.closed()
        if not closed or closed[-1] != month:
            last = f"; the last closed month is {closed[-1]}" if closed else "; no month is closed"
            raise MonthError(f"{month} cannot be reopened: only the last closed month can{last}")
        with self.journal.transaction() as connection:
            self.journal.record_reopen(connection, month, reason, now)

    def _ready_to_close(self, month: Period) -> Engine:
        if self.is_closed(month):
            raise MonthError(f"{month} is closed already; `reopen {month} --reason ...` opens the last closed month")
        first_open = self.first_open()
        if first_open is not None and month > first_open:
            raise MonthError(f"close {first_open} first: {month} opens with its closing balance")
        if self.directory.first_month() is None:
            raise MonthError("the directory is empty; `load` the registers of customers and accounts first")
        engine = self.engine(month)
        if first_open is None and engine.first < month:
            raise MonthError(f"close {engine.first} first: {month} opens with its closing balance")
        return engine

    def _freeze(self, month: Period, number: int, tables: dict[str, pa.Table], now: datetime) -> None:
        folder = self.home.ledger / "closes" / str(month)
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_place(folder, self.journal.reopened_closes(month))
        last = self.journal.next_sequence() - 1
        digest = write_close(folder, tables)
        with self.journal.transaction() as connection:
            self.journal.record_close(connection, month, number, digest, self.rules.version, last, now)

    def _check(self, engine: Engine, computed: Computed, payments: bool) -> None:
        broken = broken_lines(engine.connection, engine.violations(), computed.lines)
        if payments:
            broken += broken_payments(engine.connection)
        if broken:
            raise MonthError(f"{computed.month} does not reconcile. {'. '.join(map(str, broken))}")

    def _warnings(self, engine: Engine, month: Period, now: datetime) -> tuple[str, ...]:
        found = []
        if now.date() < month.plus(1).first_day:
            found.append(f"{month} is not over: payments of its last days will count in the next open month")
        untariffed = engine.connection.execute(
            "select count(*) from quantities q left join tariffs_in_force t using (customer, account, service) "
            "anti join fixed_sums using (customer, account, service) "
            "anti join stopped using (customer, account, service) "
            "where t.tariff is null and q.base <> 'schedule'"
        ).fetchall()[0][0]
        if untariffed:
            found.append(f"{untariffed} lines have no tariff and were charged 0.00")
        return tuple(found)


def _totals_before(engine: Engine) -> dict[str, Decimal]:
    sums = ", ".join(f"coalesce(sum({name}), 0.00)" for name in TOTALS)
    values = engine.connection.execute(f"select {sums} from previous").fetchall()[0]  # noqa: S608
    return dict(zip(TOTALS, map(Decimal, values), strict=True))
