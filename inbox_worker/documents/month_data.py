"""The data of documents: a month's close (or draft) joined with places, and what only some of them ask.

Rows are asked of the close's files for a few Customers at a time, so memory does not grow with the town. The facts of
a month are computed again only for documents that need more than its close.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.queries import quote_sql, read_query
from inbox_worker.core.rendered import CloseData
from inbox_worker.documents.close_protocol import SUMS, ClosedMonth
from inbox_worker.month.engine import Engine
from inbox_worker.month.frozen import FILES, FrozenClose
from inbox_worker.month.months import (
    MonthError,
    compute_month,
    find_close,
    gather_facts,
    is_closed,
    list_closed_months,
)
from inbox_worker.month.office import Office
from inbox_worker.month.parts import PAYMENTS, add_up_lines
from inbox_worker.month.tables import LINES, TOTALS

_BATCH = 50
_BATCH_LINES = 30_000
_WITH_PLACES = pa.schema(
    [
        *LINES,
        *((name, pa.string()) for name in ("house", "address", "flat", "name")),
        ("area", pa.decimal128(18, 3)),
        ("residents", pa.int64()),
    ]
)
_LINES = read_query(__file__, "paper_lines")
_BY_LINE = "account, customer, service"
_AGES = read_query(__file__, "paper_ages")
_DEBT_MONTHS = read_query(__file__, "paper_debt_months")
_LAST_PAYMENTS = read_query(__file__, "paper_last_payments")
_DIRECTORY = read_query(__file__, "paper_directory")
_STOPPED = read_query(__file__, "paper_stopped")
_STEPPED = read_query(__file__, "paper_stepped")


class MonthFacts:
    """A month of one home, as documents need it: closed as its files say, else its draft (number 0)."""

    def __init__(self, office: Office, month: Period) -> None:
        self.office, self.month = office, month
        self.closed = is_closed(office, month)
        self._record = office.journal.closes.in_force(month)
        self.number: int = self._record.number if self._record else 0
        self._has_history = False

    @cached_property
    def sha256(self) -> str:
        """The name of the figures: the close's hash; of a draft its sums."""
        if self._record is not None:
            return self._record.sha256
        _, *values = add_up_lines(self.connection, "paper_lines")
        return "draft:" + ";".join(f"{name}={value}" for name, value in zip(TOTALS, values, strict=True))

    @cached_property
    def customers(self) -> dict[str, int]:
        """БИН of all Customers with lines in the month, in order, and how many lines each has."""
        counted = read_query(__file__, "paper_customers")
        return dict(self.connection.execute(counted).fetchall())

    def of(self, customers: Sequence[str]) -> CloseData:
        """Return the month's lines with places, and its payments, of these Customers."""
        lines = self._query(f"select * from paper_lines where {_whose(customers)} order by {_BY_LINE}")  # noqa: S608
        payments = self._query(
            f"select * from paper_payments where {_whose(customers)} "  # noqa: S608
            f"order by {_BY_LINE}, paid_on, bank, number, payment"
        )
        stepped = self._find_stepped(customers)
        return CloseData(self.month, self.number, lines.cast(_WITH_PLACES), payments, self.sha256, stepped)

    def _find_stepped(self, customers: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Return Customers and services with lines of several steps; a close without any steps has no file of them."""
        connection = self.connection
        if self._record is not None and not self._close(self.month).files_needed("steps"):
            return frozenset()
        return frozenset(connection.execute(_STEPPED, {"customers": list(customers)}).fetchall())

    def ages(self, customers: Sequence[str]) -> pa.Table:
        """Return of every line that owes its debt by the months it is made of, newest first (documents/debtors.py)."""
        if not self._has("paper_ages"):
            self._require_history()
            self.connection.execute(_AGES, {"known": len(self._known_months())})
        return self._query(f"select * from paper_ages where {_whose(customers)} order by {_BY_LINE}")  # noqa: S608

    def find_debt_months(self, customer: str, account: str, service: str) -> list[tuple[int, Decimal, Decimal]]:
        """Return the months that a line's debt is made of, newest first: their age, what grew, what is owed of it."""
        self._require_history()
        asked = {"customer": customer, "account": account, "service": service}
        return self.connection.execute(_DEBT_MONTHS, asked).fetchall()

    def _require_history(self) -> None:
        """Give the connection `paper_history`, the lines of all closed months up to this one with their `age`, once."""
        if self._has_history:
            return
        history = " union all by name ".join(
            f"select *, {self.month.minus(month)} as age from {self._file(month, 'lines')}"
            for month in self._known_months()
        )
        self.connection.execute(f"create temp view paper_history as {history}")
        self._has_history = True

    def last_payments(self, customers: Sequence[str]) -> pa.Table:
        """Return of every account and Customer the last day of a payment up to the month's end, and what came that
        day."""
        if not self._has("paper_last_payments"):
            files = " union all by name ".join(
                f"from {self._file(month, 'payments')}" for month in self._known_months()
            )
            self.connection.execute(f"create temp view paper_paid as {files}")
            self.connection.execute(_LAST_PAYMENTS)
        return self._query(f"select * from paper_last_payments where {_whose(customers)} order by all")  # noqa: S608

    def directory(self, customers: Sequence[str]) -> pa.Table:
        """Return lines and meters in force on the 1st, with tariff and last reading (4.1.16)."""
        self._compute("paper_directory", _DIRECTORY)
        return self._query(f"select * from paper_directory where {_whose(customers)} order by {_BY_LINE}, meter")  # noqa: S608

    def stopped_lines(self, customers: Sequence[str]) -> pa.Table:
        """Return lines that the operator's register of stops leaves out of bills (10.2, 10.3, 10.8)."""
        if not self.office.journal.facts.files("stops"):
            return pa.schema([LINES.field(name) for name in ("account", "customer", "service")]).empty_table()
        self._compute("paper_stopped", _STOPPED)
        return self._query(f"select * from paper_stopped where {_whose(customers)} order by all")  # noqa: S608

    def _compute(self, name: str, query: str) -> None:
        """Make a table out of the month's computed ones, once: the month is computed a range of accounts at a time."""
        if self._has(name):
            return
        facts = gather_facts(self.office, self.month, upto=self._record.sequence if self._record else None)
        for part in facts.parts(self.month, lambda engine: engine.read_table(query)):
            self.connection.register("computed_part", part)
            self.connection.execute(f"create temp table if not exists {name} as select * from computed_part limit 0")  # noqa: S608
            self.connection.execute(f"insert into {name} select * from computed_part")  # noqa: S608

    @cached_property
    def engine(self) -> Engine:
        """An engine that has computed the month, out of the facts its close saw."""
        return compute_month(self.office, self.month)

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Has `paper_lines`, the month's lines with their places, and `paper_payments`, its parts of payments."""
        if self._record is None:
            connection = self.engine.connection
            lines = f"(select {', '.join(LINES.names)} from lines)"  # noqa: S608
            views = {"closed_lines": lines, "closed_places": "known_lines", "closed_steps": "charge_steps"}
            views["paper_payments"] = f"({PAYMENTS})"
        else:
            connection = gather_facts(self.office, self.month).connect(kinds=())
            connection.execute("set enable_external_file_cache = false")  # it would keep the town's files in memory
            names = {"closed_lines": "lines", "closed_places": "places", "paper_payments": "payments"}
            if self._close(self.month).files_needed("steps"):
                names["closed_steps"] = "steps"
            views = {view: self._file(self.month, name) for view, name in names.items()}
        for view, rows in views.items():
            connection.execute(f"create temp view {view} as select * from {rows}")  # noqa: S608
        connection.execute(_LINES)
        return connection

    def protocol(self) -> ClosedMonth:
        """Return what the close protocol shows. Raises MonthError for a month not closed."""
        record = self._record
        if record is None:
            raise MonthError(f"{self.month} is not closed; run `close {self.month}` first")
        facts = gather_facts(self.office, self.month, upto=record.sequence)
        with facts.connect(kinds=("bank_register", "reassigned")) as connection:
            asked = {"month": self.month.first_day}
            received = connection.execute(read_query(__file__, "received"), asked).fetchall()[0][0]
        paths = self._close(self.month).files_needed(*FILES)
        return ClosedMonth(
            month=self.month,
            number=self.number,
            sha256=self.sha256,
            made_at=record.made_at,
            rules=record.rules,
            sequence=record.sequence,
            files={name: (pq.read_metadata(path).num_rows, hash_of(path)) for name, path in paths.items()},
            facts=self.office.journal.facts.files(upto=record.sequence),
            customers=self._group_sums("paper_lines", "customer", "lines", SUMS),
            services=self._group_sums("paper_lines", "service", "lines", SUMS),
            banks=self._group_sums("paper_payments", "bank", "parts", ("amount", "fee", "transfer")),
            suspense=pq.read_table(paths["suspense"]),
            received=Decimal(received),
        )

    def _group_sums(self, rows: str, by: str, count: str, sums: Sequence[str]) -> pa.Table:
        added = ", ".join(f"cast(sum({name}) as decimal(18, 2)) as {name}" for name in sums)
        return self._query(f"select {by}, count(*) as {count}, {added} from {rows} group by {by} order by {by}")  # noqa: S608

    def _known_months(self) -> list[Period]:
        """Return closed months up to this one, the newest first."""
        return sorted((month for month in list_closed_months(self.office) if month <= self.month), reverse=True)

    def _close(self, month: Period) -> FrozenClose:
        return find_close(self.office, month)

    def _file(self, month: Period, name: str) -> str:
        [path] = self._close(month).files_needed(name).values()
        return f"read_parquet({quote_sql(str(path))})"

    def _has(self, table: str) -> bool:
        asked = "select count(*) from duckdb_tables() where table_name = $table"
        return bool(self.connection.execute(asked, {"table": table}).fetchall()[0][0])

    def _query(self, query: str) -> pa.Table:
        found: pa.Table = self.connection.sql(query).to_arrow_table()
        return found


def for_customer(whole: CloseData, customer: str) -> CloseData:
    """Return the part of one Customer."""
    lines, payments = part_of(whole.lines, customer), part_of(whole.payments, customer)
    return replace(whole, lines=lines, payments=payments)


def part_of(table: pa.Table, customer: str) -> pa.Table:
    """Return the rows of one Customer."""
    return table.filter(pc.equal(table.column("customer"), customer))


def _whose(customers: Sequence[str]) -> str:
    """Return a condition that DuckDB takes to the files, so that others' rows are not read."""
    return f"customer in ({', '.join(map(quote_sql, customers))})" if customers else "false"


def split_customers(customers: Sequence[Customer], lines: Mapping[str, int]) -> Iterator[Sequence[Customer]]:
    """Yield so many Customers at a time that memory stays small and LibreOffice is started seldom; at least one."""
    batch: list[Customer] = []
    weight = 0
    for customer in customers:
        weight += lines[customer.bin]
        if batch and (len(batch) == _BATCH or weight > _BATCH_LINES):
            yield batch
            batch, weight = [], lines[customer.bin]
        batch.append(customer)
    if batch:
        yield batch


def customers_of(facts: MonthFacts, only: str = "") -> list[Customer]:
    """Return the Customers with lines in the month, or the one asked, as they were at its end (4.3.3).

    Raises MonthError when that one has none.
    """
    known = facts.office.journal.customers.on(facts.month.last_day)
    if only and only not in facts.customers:
        raise MonthError(f"customer {only} has no lines in {facts.month}")
    return [known[bin] for bin in facts.customers if bin in known and only in ("", bin)]
