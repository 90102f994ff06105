"""Accounting months: open -> draft -> closed (money.md). Joins ledger and close; documents are in papers.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.close.engine import TOTALS, Computed, Engine, totals
from inbox_worker.close.frozen import CloseWriter, clear_place
from inbox_worker.close.parts import ROWS
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
    """A close as made or, in a dry run, as it would be. `payments`: received = posted + suspense."""

    month: Period
    state: str
    number: int
    totals: dict[str, Decimal]
    rows: int
    payments: dict[str, Decimal]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """The month's charges before its payments and bills, and what differs from the month before."""

    month: Period
    totals: dict[str, Decimal]
    rows: int
    before: dict[str, Decimal]
    new_lines: int
    gone_lines: int
    changed_lines: int


class Counted:
    """Rows and sums of a close's files, counted while its parts pass."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.sums: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: Decimal("0.00"))
        self.untariffed = 0

    def add(self, tables: Mapping[str, pa.Table], untariffed: int = 0) -> None:
        """Counts a part."""
        for name, table in tables.items():
            self.rows[name] += table.num_rows
            for field in table.schema:
                if pa.types.is_decimal(field.type):
                    self.sums[name, field.name] += pc.sum(table.column(field.name)).as_py() or Decimal(0)
        self.untariffed += untariffed


class Months:
    """Drafts and closes months of one home."""

    def __init__(self, home: Home, rules: Rules, journal: Journal, directory: Directory) -> None:
        self.home = home
        self.rules = rules
        self.journal = journal
        self.directory = directory
        self.part_rows = ROWS

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
        connection.execute("set temp_directory = ?", [str(self.home.ledger / f".spill-{uuid4().hex}")])
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set parquet_metadata_cache = true")
        by_kind: dict[str, list[FactFile]] = {kind: [] for kind in SCHEMAS}
        for file in self.journal.fact_files(upto=upto):
            by_kind[file.kind].append(file)
        for kind, files in by_kind.items():
            register(connection, self.home.ledger, kind, files)
        return connection

    def engine(self, month: Period, working: Iterable[Period] = ()) -> Engine:
        """An engine over the facts as they stand, ready to compute the month."""
        closed = {m: self.home.ledger / "closes" / str(m) for m in self.closed()}
        return Engine(self.connect(), self.rules, closed, self.first_month(month, working), self.part_rows)

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
        self._check(engine, computed)
        with self.journal.transaction() as connection:
            self.journal.set_month(connection, month, MonthState.DRAFT)
        return _compare(engine, computed)

    def close(self, month: Period, now: datetime, dry_run: bool = False) -> Closed:
        """Sums facts, proves totals, freezes the month. Raises MonthError while anything does not reconcile."""
        engine = self._ready_to_close(month)
        folder = self.home.ledger / "closes" / str(month)
        counted = Counted()
        with CloseWriter(folder) if not dry_run else nullcontext() as writer:
            for part in engine.compute_in_parts(month):
                self._check(engine, part)
                tables = self._part(engine, part)
                counted.add(tables, self._untariffed(engine))
                if writer is not None:
                    writer.write(tables)
            suspense = {"suspense": engine.connection.sql(_SUSPENSE).to_arrow_table()}
            counted.add(suspense)
            payments = self._prove_payments(engine, counted)
            number = self.journal.close_count(month) + 1
            state = self.journal.months().get(month, MonthState.OPEN).value
            if writer is not None:
                writer.write(suspense)
                self._freeze(month, number, writer, now)
                state = MonthState.CLOSED.value
        return Closed(
            month, state, number, {name: counted.sums["lines", name] for name in TOTALS}, counted.rows["lines"],
            payments, _warnings(counted.untariffed, month, now),
        )  # fmt: skip

    def _part(self, engine: Engine, part: Computed) -> dict[str, pa.Table]:
        """A part of the close's files, as the engine has just computed it."""
        return {
            "lines": part.lines,
            "recalculations": part.recalculations,
            "estimates": part.estimates,
            "payments": self.payments(engine),
            "places": engine.connection.sql(_PLACES).to_arrow_table(),
        }

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

    def _freeze(self, month: Period, number: int, writer: CloseWriter, now: datetime) -> None:
        clear_place(writer.folder, self.journal.reopened_closes(month))
        last = self.journal.next_sequence() - 1
        digest = writer.finish()
        with self.journal.transaction() as connection:
            self.journal.record_close(connection, month, number, digest, self.rules.version, last, now)

    def _check(self, engine: Engine, computed: Computed) -> None:
        broken = engine.violations()
        if broken:
            rows = "; ".join(f"account {a}, customer {c}, {s}: {what}" for a, c, s, what in broken[:10])
            raise MonthError(f"{computed.month} does not reconcile in {len(broken)} lines: {rows}")

    def _prove_payments(self, engine: Engine, counted: Counted) -> dict[str, Decimal]:
        """Payments received = posted + suspense; fees + transfers = posted; what lines show = what was posted."""
        received = engine.connection.execute(
            "select coalesce(sum(amount), 0) from bank_register cross join period p where bank_register.month = p.month"
        ).fetchall()[0]
        sums = {
            "received": Decimal(received[0]),
            "posted": counted.sums["payments", "amount"],
            "suspense": counted.sums["suspense", "amount"],
            "fees": counted.sums["payments", "fee"],
            "transfers": counted.sums["payments", "transfer"],
        }
        if sums["received"] != sums["posted"] + sums["suspense"]:
            raise MonthError(f"payments received {sums['received']} differ from posted + suspense: {sums}")
        if sums["fees"] + sums["transfers"] != sums["posted"] or sums["posted"] != counted.sums["lines", "paid"]:
            raise MonthError(f"payments on lines differ from fees and transfers: {sums}")
        return sums

    def _untariffed(self, engine: Engine) -> int:
        """Lines in force that no tariff, told sum or stop speaks of."""
        [[count]] = engine.connection.execute(
            "select count(*) from quantities q left join tariffs_in_force t using (customer, account, service) "
            "anti join fixed_sums using (customer, account, service) "
            "anti join stopped using (customer, account, service) "
            "where t.tariff is null and q.base <> 'schedule'"
        ).fetchall()
        return int(count)


def _warnings(untariffed: int, month: Period, now: datetime) -> tuple[str, ...]:
    found = []
    if now.date() < month.plus(1).first_day:
        found.append(f"{month} is not over: payments of its last days will count in the next open month")
    if untariffed:
        found.append(f"{untariffed} lines have no tariff and were charged 0.00")
    return tuple(found)


def _compare(engine: Engine, computed: Computed) -> Draft:
    counted = engine.connection.execute(
        """
        select count(*) filter (v.account is null), count(*) filter (l.account is null),
          count(*) filter (l.charged <> v.charged)
        from lines l full join previous v using (account, customer, service)
        """
    ).fetchall()
    before = engine.connection.sql("select * exclude (month) from previous").to_arrow_table()
    new, gone, changed = counted[0]
    return Draft(computed.month, totals(computed.lines), computed.lines.num_rows, totals(before), new, gone, changed)
