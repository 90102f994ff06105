"""What documents are made of: a month's close (or draft) joined with places, and what only some of them ask.

Asked lazily: the facts of a month are computed again only for documents that need more than its close.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.accounting.months import MonthError
from inbox_worker.close.engine import Engine, totals
from inbox_worker.close.frozen import FILES, read_close
from inbox_worker.context import Office
from inbox_worker.documents.close_protocol import ClosedMonth
from inbox_worker.files import sha256_file
from inbox_worker.ledger.facts import scratch
from inbox_worker.model import CloseData, Period

_AGES = """
with grown as (
  select account, customer, service, age,
    greatest(charged + undelivered + recalculated + penalty + moved, 0) as grown
  from history
), upto as (
  select *, sum(grown) over (partition by account, customer, service order by age) as upto from grown
), parts as (
  select d.account, d.customer, d.service, d.closing, g.age,
    coalesce(least(d.closing, g.upto) - least(d.closing, g.upto - g.grown), 0) as part
  from debts d
  left join upto g on g.account = d.account and g.customer = d.customer and g.service = d.service
)
select account, customer, service,
  cast(sum(case when age = 0 then part else 0 end) as decimal(18, 2)) as age_1,
  cast(sum(case when age between 1 and 2 then part else 0 end) as decimal(18, 2)) as age_2_3,
  cast(sum(case when age between 3 and 5 then part else 0 end) as decimal(18, 2)) as age_4_6,
  cast(sum(case when age between 6 and 11 then part else 0 end) as decimal(18, 2)) as age_7_12,
  cast(sum(case when age >= 12 then part else 0 end) as decimal(18, 2)) as age_over_12,
  cast(max(closing) - sum(part) as decimal(18, 2)) as age_before,
  cast(case when max(closing) > sum(part) then $known + 1
    else coalesce(max(case when part > 0 then age end), 0) + 1 end as integer) as months
from parts group by account, customer, service order by account, customer, service
"""
_LAST_PAYMENTS = """
select account, customer, paid_on as last_paid_on, cast(sum(amount) as decimal(18, 2)) as last_paid
from paid
group by account, customer, paid_on
qualify paid_on = max(paid_on) over (partition by account, customer)
"""
_DIRECTORY = """
select l.customer, l.account, l.service, l.house, l.address, l.flat, l.name, l.area, l.residents, l.base, l.meter,
  l.from_month, t.tariff, coalesce(m.current, m.last) as reading
from line_rows l
left join tariffs_in_force t on t.customer = l.customer and t.account = l.account and t.service = l.service
left join meter_use m on m.customer = l.customer and m.account = l.account and m.service = l.service
  and m.meter = l.meter
"""


class MonthFacts:
    """A month of one home, as documents need it. Only lines and payments are read before they are asked."""

    def __init__(self, office: Office, month: Period) -> None:
        self.office, self.month = office, month
        self.closed = office.months.is_closed(month)

    @cached_property
    def whole(self) -> CloseData:
        """The close's tables joined with places; of a month not closed, its draft (number 0)."""
        record = self.office.journal.close_record(self.month)
        if record is not None:
            tables = read_close(self._folder(self.month))
            lines = _with_places(tables["lines"], tables["places"])
            return CloseData(self.month, record["number"], lines, tables["payments"], record["sha256"])
        computed = self.engine.computed_lines()
        lines = _with_places(computed, self.table("select * from known_lines"))
        sums = ";".join(f"{name}={value}" for name, value in totals(lines).items())
        return CloseData(self.month, 0, lines, self.office.months.payments(self.engine), f"draft:{sums}")

    @cached_property
    def engine(self) -> Engine:
        """An engine that has computed the month, out of the facts its close saw."""
        return self.office.months.computed(self.month)

    def table(self, query: str) -> pa.Table:
        """Rows out of the month's computed tables."""
        found: pa.Table = self.engine.connection.sql(query).to_arrow_table()
        return found

    @cached_property
    def ages(self) -> pa.Table:
        """Of every line that owes: its debt by the months it is made of, newest first (documents/debtors.py)."""
        known = self._known_months()
        wanted = ["account", "customer", "service", "charged", "undelivered", "recalculated", "penalty", "moved"]
        history = pa.concat_tables(
            pq.read_table(self._folder(month) / "lines.parquet", columns=wanted).append_column(
                "age", pa.array([self.month.minus(month)] * rows, pa.int32())
            )
            for month in known
            if (rows := pq.read_metadata(self._folder(month) / "lines.parquet").num_rows) >= 0
        )
        lines = self.whole.lines.select(["account", "customer", "service", "closing"])
        connection = self._scratch(history=history, debts=lines.filter(pc.greater(lines.column("closing"), Decimal(0))))
        return connection.sql(_AGES, params={"known": len(known)}).to_arrow_table()

    @cached_property
    def last_payments(self) -> pa.Table:
        """Of every account and Customer: the last day of a payment up to the month's end, and what came that day."""
        columns = ["account", "customer", "paid_on", "amount"]
        folders = [self._folder(month) for month in self._known_months()]
        paid = pa.concat_tables(pq.read_table(folder / "payments.parquet", columns=columns) for folder in folders)
        return self._scratch(paid=paid).sql(_LAST_PAYMENTS).to_arrow_table()

    @cached_property
    def directory(self) -> pa.Table:
        """Lines and meters in force on the 1st, with tariff and last reading (4.1.16)."""
        return self.table(_DIRECTORY)

    @cached_property
    def stopped(self) -> pa.Table:
        """Lines that the operator's register of stops leaves out of bills (10.2, 10.3, 10.8)."""
        if not self.office.journal.fact_files("stops"):
            return self.whole.lines.select(["account", "customer", "service"]).slice(0, 0)
        return self.table("select account, customer, service from stopped order by all")

    def protocol(self) -> ClosedMonth:
        """What the close protocol tells beside the lines. Raises MonthError for a month not closed."""
        record = self.office.journal.close_record(self.month)
        if record is None:
            raise MonthError(f"{self.month} is not closed; run `close {self.month}` first")
        folder = self._folder(self.month)
        with self.office.months.facts(self.month, upto=record["sequence"]).connect() as connection:
            received = connection.execute(
                "select coalesce(sum(amount), 0) from bank_register where month = $month",
                {"month": self.month.first_day},
            ).fetchall()[0][0]
        paths = {name: folder / f"{name}.parquet" for name in FILES}
        return ClosedMonth(
            made_at=datetime.fromisoformat(record["made_at"]),
            rules=record["rules"],
            sequence=record["sequence"],
            files={name: (pq.read_metadata(path).num_rows, sha256_file(path)) for name, path in paths.items()},
            facts=self.office.journal.fact_files(upto=record["sequence"]),
            suspense=pq.read_table(paths["suspense"]),
            received=Decimal(received),
        )

    def _known_months(self) -> list[Period]:
        """Closed months up to this one, the newest first."""
        return sorted((month for month in self.office.months.closed() if month <= self.month), reverse=True)

    def _folder(self, month: Period) -> Path:
        return self.office.home.ledger / "closes" / str(month)

    def _scratch(self, **tables: pa.Table) -> duckdb.DuckDBPyConnection:
        connection = scratch()
        for name, table in tables.items():
            connection.register(name, table)
        return connection


def for_customer(whole: CloseData, customer: str) -> CloseData:
    """The part of one Customer."""
    lines, payments = part_of(whole.lines, customer), part_of(whole.payments, customer)
    return CloseData(whole.month, whole.number, lines, payments, whole.sha256)


def part_of(table: pa.Table, customer: str) -> pa.Table:
    """The rows of one Customer."""
    return table.filter(pc.equal(table.column("customer"), customer))


def customers_in(whole: CloseData) -> Sequence[str]:
    """БИН of all Customers with lines, in order."""
    return sorted(pc.unique(whole.lines.column("customer")).to_pylist())


def _with_places(lines: pa.Table, places: pa.Table) -> pa.Table:
    keys = ["account", "customer", "service"]
    wanted = places.select([*keys, "house", "address", "flat", "name", "area", "residents"])
    joined = lines.join(wanted, keys=keys, join_type="left outer")
    return joined.sort_by([(key, "ascending") for key in keys])
