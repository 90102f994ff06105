"""A month's tables out of the facts: of the whole town at once or, where `rows_at_once` is less, of a range of accounts
at a time, and ranges are computed side by side.

No step of the close looks beyond an account, so ranges in the order of accounts, one after another, are the whole.
Where ranges begin depends on the facts alone: the same facts give the same bytes, however many threads there are.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.accounts import EVERY_ACCOUNT, LISTED_ACCOUNTS, Accounts, Keys
from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.progress import follow
from inbox_worker.core.queries import quote_sql, read_query
from inbox_worker.ledger.facts import BY_ACCOUNT, KNOWN, find_replacing, of_accounts, register
from inbox_worker.ledger.questions import FEW_ROWS
from inbox_worker.month.declared import keep_few, open_declared
from inbox_worker.month.engine import Engine, connect_spark
from inbox_worker.month.frozen import FrozenClose
from inbox_worker.month.town import MONTHS_BEFORE, UNKNOWN_KEY, KeyedTown, list_since
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules

T = TypeVar("T")
_FEW = 10_000  # accounts whose facts are read into memory once: every step would open all their files anew
_CONNECTIONS = count()
_ROWS_A_RANGE = 800_000


@dataclass(frozen=True)
class Facts:
    """The input of a month: facts in force by kind, and the close of each closed month. `spark`: the address of the
    server that computes its steps, '' = DuckDB does."""

    home: Home
    rules: Rules
    by_kind: Mapping[str, Sequence[FactFile]]
    closed: Mapping[Period, FrozenClose]
    first: Period
    spark: str = ""

    def limit_to(self, month: Period) -> Facts:
        """Return the same facts without those of earlier months that no step asks for when the month is computed: it
        costs what it holds, not what the years before it hold."""
        first = self._earliest(month)
        asked = {kind: list_since(self.by_kind[kind], first.plus(-back)) for kind, back in MONTHS_BEFORE.items()}
        return replace(self, by_kind={**self.by_kind, **asked})

    def connect(
        self,
        accounts: Accounts = EVERY_ACCOUNT,
        listed: pa.Table | None = None,
        kinds: Collection[str] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """Open DuckDB in memory with every kind of fact in force as a view; of a range of accounts by one thread,
        with its part of the memory, for ranges are computed side by side. `listed`: what LISTED_ACCOUNTS are
        (account). `kinds`: only these."""
        few = are_few(listed)
        side_by_side = self._side_by_side(accounts)
        connection = self._open(accounts)
        if listed is not None:
            connection.register("listed_accounts", listed)
        for kind in self.by_kind if kinds is None else kinds:
            self.show(connection, kind, accounts, kept=few or (side_by_side > 1 and kind == "directory"))
        return connection

    def show(self, connection: duckdb.DuckDBPyConnection, kind: str, accounts: Accounts, *, kept: bool = False) -> None:
        """Give the connection a kind of fact in force; few rows, and where it is `kept` all, are read once."""
        fitting = self._files_of(kind, accounts)
        few = sum(file.rows for file in fitting) <= FEW_ROWS
        if not self._are_few(accounts):
            register(connection, self.home.ledger, kind, fitting, accounts, kept=kept or few)
        elif fitting:
            keep_few(connection, self.home.ledger, kind, fitting, accounts)

    def _open(self, accounts: Accounts) -> duckdb.DuckDBPyConnection:
        """Open DuckDB in memory that spills beside the ledger; of several side by side one thread and a part of the
        memory each. Few facts are computed beside the thread's small questions: there is nothing to spill."""
        if self._are_few(accounts):
            return open_declared()
        settings, side_by_side = self.home.config.ledger, self._side_by_side(accounts)
        connection = duckdb.connect()
        connection.execute(f"set threads = {max(1, settings.threads // side_by_side)}")
        connection.execute("set memory_limit = ?", [settings.memory])
        if side_by_side > 1:
            [[limit]] = connection.execute("select value from duckdb_settings() where name = 'memory_limit'").fetchall()
            number, unit = str(limit).split()
            connection.execute(f"set memory_limit = '{float(number) / side_by_side:.3f} {unit}'")
        spill = self.home.ledger / f".spill-{os.getpid()}-{next(_CONNECTIONS)}"  # a folder each: names in it repeat
        connection.execute(f"set temp_directory = {quote_sql(str(spill))}")
        connection.execute("set preserve_insertion_order = false")
        # it compares plans as texts, and the type of a key has every account in it: that takes longer than most steps
        connection.execute("set disabled_optimizers = 'common_subplan'")
        return connection

    def _are_few(self, accounts: Accounts) -> bool:
        """Tell whether all facts are few, and DuckDB computes them at once."""
        rows = sum(file.rows for files in self.by_kind.values() for file in files)
        return rows <= FEW_ROWS and not self.spark and accounts in (EVERY_ACCOUNT, LISTED_ACCOUNTS)

    def engine(self, accounts: Accounts = EVERY_ACCOUNT) -> Engine:
        """Return an engine over these facts, ready to compute a month."""
        connection = self.connect(accounts)
        return self._engine(connection, accounts=accounts, spark=self.spark)

    def _engine(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        accounts: Accounts = EVERY_ACCOUNT,
        keys: Keys = Keys.TEXTS,
        spark: str = "",
    ) -> Engine:
        replacing = find_replacing(self.home.ledger, {kind: self.by_kind.get(kind, ()) for kind in KNOWN})
        made: set[str] | None = set() if self._are_few(accounts) else None
        lacking = frozenset(f"every_{kind}" for kind, files in self.by_kind.items() if not files)
        return Engine(
            connection,
            self.rules,
            self.closed,
            self.first,
            accounts,
            keys,
            connect_spark(spark),
            replacing,
            made,
            lacking,
        )

    def engine_of(self, accounts: pa.Array) -> Engine:
        """Return an engine over the facts of some accounts: what a bank's register asks is little of a town."""
        return self._engine_of(accounts, None)

    def asked_engine(self, accounts: pa.Array | None, *, every_kind: bool) -> Engine:
        """Return an engine over these facts, of all accounts or of some. `every_kind`: else there are none yet, each
        kind is shown when it is asked for."""
        kinds = None if every_kind else ()
        if accounts is not None:
            return self._engine_of(accounts, kinds)
        return self._engine(self.connect(kinds=kinds))

    def _engine_of(self, accounts: pa.Array, kinds: Collection[str] | None) -> Engine:
        connection = self.connect(LISTED_ACCOUNTS, pa.table({"account": accounts.unique()}), kinds)
        return self._engine(connection, accounts=LISTED_ACCOUNTS)

    def ranges(self) -> list[Accounts]:
        """Return ranges of accounts by the rows that the directory and the last close have of them. A town that is too
        large for the memory is cut into small ones: their memory stays the same however large it grows."""
        most = self.home.config.ledger.rows_at_once
        rows = sum(file.rows for kind in ("directory", "new_houses") for file in self.by_kind[kind])
        last = self.closed[max(self.closed)].file("lines") if self.closed else None
        if rows + (pq.read_metadata(last).num_rows if last else 0) <= most:
            return [EVERY_ACCOUNT]
        with self.connect(kinds=("directory", "new_houses")) as connection:
            lines = f"read_parquet({quote_sql(str(last))})" if last else "(select '' as account where false)"
            connection.execute(f"create temp view last_lines as select account from {lines}")  # noqa: S608
            counted = connection.sql(read_query(__file__, "rows_by_account")).to_arrow_table()
        return ranges_of(counted, min(most, _ROWS_A_RANGE))

    def computed_town(self, month: Period, accounts: Accounts = EVERY_ACCOUNT) -> Engine:
        """Return an engine that has computed the month of the town or of a range of it: by whole numbers for keys, by
        texts where a fact has a key that is in no register (month/town.py) or facts are few, and by Spark."""
        if self.spark or self._are_few(accounts):
            return _run(self.engine(accounts), month)
        connection = self._open(accounts)
        try:
            services = [service.code for service in self.rules.services]
            by_kind = {kind: self._files_of(kind, accounts) for kind in self.by_kind}
            town = KeyedTown(self.home.ledger, by_kind, services, self._earliest(month), month, accounts)
            town.show(connection)
            engine = self._engine(connection, accounts=accounts, keys=Keys.NUMBERS)
            engine.run_steps(month)
        except UNKNOWN_KEY:
            connection.close()
            return _run(self.engine(accounts), month)
        except BaseException:
            connection.close()
            raise
        return engine

    def _side_by_side(self, accounts: Accounts) -> int:
        """Return how many connections are open at a time: ranges are computed side by side."""
        return 1 if accounts in (EVERY_ACCOUNT, LISTED_ACCOUNTS) else self.home.config.ledger.threads

    def _files_of(self, kind: str, accounts: Accounts) -> Sequence[FactFile]:
        files = self.by_kind[kind]
        return of_accounts(self.home.ledger, files, accounts) if kind in BY_ACCOUNT else files

    def _earliest(self, month: Period) -> Period:
        """Return the first month that must be computed for this one: those before it are closed, or there are none."""
        while month.plus(-1) >= self.first and month.plus(-1) not in self.closed:
            month = month.plus(-1)
        return month

    def parts(self, month: Period, ask: Callable[[Engine], T]) -> Iterator[T]:
        """Compute the month and yield what `ask` makes of it: of the whole town, else range by range in the order of
        accounts. An answer of the whole town may be read until the next is asked for."""

        asked = self.limit_to(month)

        def part(accounts: Accounts) -> T:
            with asked.computed_town(month, accounts) as engine:
                return ask(engine)

        ranges = asked.ranges()
        if ranges == [EVERY_ACCOUNT]:
            with asked.computed_town(month) as engine:
                yield ask(engine)
            return
        yield from follow(side_by_side(ranges, part, self.home.config.ledger.threads), "computing", len(ranges))


def are_few(listed: pa.Table | pa.Array | None) -> bool:
    """Tell whether accounts are so few that their facts are kept in memory; None = all."""
    return listed is not None and len(listed) <= _FEW


def _run(engine: Engine, month: Period) -> Engine:
    with ExitStack() as opened:
        opened.enter_context(engine)
        engine.run_steps(month)
        opened.pop_all()
    return engine


def ranges_of(counted: pa.Table, rows: int) -> list[Accounts]:
    """Return ranges of about so many rows that together are all accounts. `counted`: account, rows (how many it
    has)."""
    ordered = counted.sort_by("account")
    total = pc.sum(ordered.column("rows")).as_py() or 0
    if total <= rows:
        return [EVERY_ACCOUNT]
    before = np.cumsum(ordered.column("rows").to_numpy()) - ordered.column("rows").to_numpy()
    number = before // rows
    begins = np.flatnonzero(np.diff(number)) + 1
    names = ordered.column("account").take(pa.array(begins)).to_pylist()
    return [Accounts(first, end) for first, end in zip([None, *names], [*names, None], strict=True)]


def side_by_side(ranges: Sequence[Accounts], job: Callable[[Accounts], T], threads: int) -> Iterator[T]:
    """Yield what the job gives for each range, in their order. At most threads and one are under way or wait."""
    if len(ranges) == 1:
        yield job(ranges[0])
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="close")
    waiting: deque[Future[T]] = deque()
    try:
        for accounts in ranges:
            waiting.append(pool.submit(job, accounts))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
