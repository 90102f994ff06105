"""Accounting months: open -> draft -> closed (money.md). Joins ledger and close; documents are in papers.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from inbox_worker.core.errors import JobError
from inbox_worker.core.model import FactFile, MonthState, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.directory import Directory
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.ledger.verify import require_whole
from inbox_worker.month.compute import Facts
from inbox_worker.month.differences import Differences, differences
from inbox_worker.month.engine import Engine
from inbox_worker.month.frozen import CloseWriter, FrozenClose, clear_place, file_hashes
from inbox_worker.month.parts import MonthPart, part_of_close, part_of_draft, part_of_dry_run, whole_of
from inbox_worker.month.proofs import Broken
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules

_OPENINGS = """
select account, service, opening from lines l where customer = $customer and (
  exists (select 1 from history_lines h where (h.customer, h.account, h.service) = (l.customer, l.account, l.service))
  or exists (select 1 from directory d join period p on d.from_month <= p.month
    where (d.customer, d.account, d.service) = (l.customer, l.account, l.service) and d.balance is not null))
"""


class MonthError(JobError):
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
        return max(earliest, min({*self._active(), *working, asked}))

    def possible(self, now: datetime) -> tuple[Period, Period]:
        """The months that can be drafted: the first open one and the month after it, which opens with its closing.

        Before the first close that is the first month that anything was posted in; with a directory alone, this one.
        """
        first = self.first_open()
        if first is None:
            first = min(self._active(), default=Period.of(to_almaty(now).date()))
            first = max(first, self.directory.first_month() or first)
        return first, first.plus(1)

    def _active(self) -> set[Period]:
        """Months that something of theirs was posted in; registers of what stands tell none."""
        return {f.month for f in self.journal.fact_files() if f.kind not in ("directory", "customers", "stops")}

    def facts(self, month: Period, working: Iterable[Period] = (), upto: int | None = None) -> Facts:
        """What the month is computed of, as it stands (`upto`: as it stood at a sequence)."""
        by_kind: dict[str, list[FactFile]] = {kind: [] for kind in SCHEMAS}
        for file in self.journal.fact_files(upto=upto):
            by_kind[file.kind].append(file)
        closed = {m: self.close_of(m) for m in self.closed()}
        return Facts(self.home, self.rules, by_kind, closed, self.first_month(month, working))

    def close_of(self, month: Period) -> FrozenClose:
        """The close of a closed month, its files to be compared with the journal when they are read."""
        record = self.journal.close_record(month)
        if record is None:
            raise MonthError(f"{month} is closed, and the journal names no close of it; restore it from the backup")
        files = self.journal.close_files(month, record["number"])
        folder = self.home.ledger / "closes" / str(month)
        kept = folder.with_name(f"{month}.{record['number']}")  # in a copy of a home at work
        return FrozenClose(kept if kept.is_dir() else folder, record["sha256"], files)

    def engine(self, month: Period, working: Iterable[Period] = ()) -> Engine:
        """An engine over the facts as they stand, ready to compute the month."""
        return self.facts(month, working).engine()

    def computed(self, month: Period, account: str = "") -> Engine:
        """An engine that has computed the month: a closed one out of the facts its close saw, else as they stand.
        `account`: only this one, for no step looks beyond an account; '' = all."""
        record = self.journal.close_record(month)
        facts = self.facts(month, upto=record["sequence"] if record else None)
        engine = facts.engine_of(pa.array([account])) if account else facts.engine()
        engine.compute(month)
        return engine

    def openings(self, customer: str, month: Period) -> dict[tuple[str, str], Decimal]:
        """The balance at the start of the month, by account and service, of a Customer's lines that an earlier
        month or the register's `Сальдо` knows."""
        accounts = self.directory.lines(customer, month, also="ended")["account"]
        engine = self.facts(month).engine_of(accounts.combine_chunks())
        engine.compute(month)
        engine.show_history(month)
        rows = engine.connection.execute(_OPENINGS, {"customer": customer}).fetchall()
        return {(account, service): opening for account, service, opening in rows}

    def draft(self, month: Period) -> Draft:
        """Computes the month from what was posted so far and marks it drafted. Raises MonthError when closed."""
        if self.is_closed(month):
            raise MonthError(f"{month} is closed; `explain` and `documents` show it, `reopen` opens it")
        whole = whole_of(self.facts(month).parts(month, part_of_draft))
        self._check(month, whole.broken)
        with self.journal.transaction() as connection:
            self.journal.set_month(connection, month, MonthState.DRAFT)
        found = differences(month, whole.differences, self.rules.outliers)
        return Draft(month, whole.totals, whole.rows, whole.before, found)

    def close(self, month: Period, now: datetime, dry_run: bool = False) -> Closed:
        """Sums facts, proves totals, freezes the month. Raises MonthError while anything does not reconcile."""
        require_whole(self.journal)
        facts = self._ready_to_close(month)
        with CloseWriter(self.home.ledger / "closes" / str(month)) as writer:
            if dry_run:
                whole = whole_of(facts.parts(month, part_of_dry_run))
            else:
                whole = whole_of(facts.parts(month, part_of_close), writer)
            self._check(month, whole.broken)
            number = self.journal.close_count(month) + 1
            state = self.journal.months().get(month, MonthState.OPEN).value
            if not dry_run:
                self._freeze(month, number, writer, now)
                state = MonthState.CLOSED.value
        found = differences(month, whole.differences, self.rules.outliers) if dry_run else None
        return Closed(
            month, state, number, whole.totals, whole.rows, whole.payments, self._warnings(whole, month, now),
            whole.before, found,
        )  # fmt: skip

    def reopen(self, month: Period, reason: str, now: datetime) -> None:
        """Opens the last closed month again; its close stays on disk under its number."""
        closed = self.closed()
        if not closed or closed[-1] != month:
            last = f"; the last closed month is {closed[-1]}" if closed else "; no month is closed"
            raise MonthError(f"{month} cannot be reopened: only the last closed month can{last}")
        with self.journal.transaction() as connection:
            self.journal.record_reopen(connection, month, reason, now)
            record_act(connection, "reopen", str(month), now, details=reason)

    def _ready_to_close(self, month: Period) -> Facts:
        if self.is_closed(month):
            raise MonthError(f"{month} is closed already; `reopen {month} --reason ...` opens the last closed month")
        first_open = self.first_open()
        if first_open is not None and month > first_open:
            raise MonthError(f"close {first_open} first: {month} opens with its closing balance")
        if self.directory.first_month() is None:
            raise MonthError("the directory is empty; `load` the registers of customers and accounts first")
        facts = self.facts(month)
        if first_open is None and facts.first < month:
            raise MonthError(f"close {facts.first} first: {month} opens with its closing balance")
        return facts

    def _freeze(self, month: Period, number: int, writer: CloseWriter, now: datetime) -> None:
        clear_place(writer.folder, self.journal.reopened_closes(month))
        last = self.journal.next_sequence() - 1
        digest = writer.finish()
        files = file_hashes(writer.folder)
        with self.journal.transaction() as connection:
            self.journal.record_close(connection, month, number, digest, self.rules.version, last, now, files)
            record_act(connection, "close", str(month), now, details=f"№ {number}, {digest}")

    def _check(self, month: Period, broken: Sequence[Broken]) -> None:
        if broken:
            raise MonthError(f"{month} does not reconcile. {'. '.join(map(str, broken))}")

    def _warnings(self, whole: MonthPart, month: Period, now: datetime) -> tuple[str, ...]:
        found = []
        if now.date() < month.plus(1).first_day:
            found.append(f"{month} is not over: payments of its last days will count in the next open month")
        if whole.untariffed:
            found.append(f"{whole.untariffed} lines have no tariff and were charged 0.00")
        return tuple(found)
