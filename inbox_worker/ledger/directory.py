"""The directory as of a month: which lines stand on which accounts, their meters and last counted values.

A line's version is all rows with its latest `Действует с` not after the month (4.1.16). The last counted value
of a meter is its latest reading of an earlier month, else `Показание` of its first row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from inbox_worker.ledger.facts import register, scratch
from inbox_worker.ledger.journal import Journal
from inbox_worker.model import Period

_LINES = """
with ranked as (
  select d.*, row_number() over (
      partition by account, service, meter, from_month order by sequence desc, row desc) as newest,
    max(from_month) over (partition by account, service) as line_from
  from directory d where customer = $customer and from_month <= $month
), in_force as (
  select account, service, base, house, flat, name, meter, area, residents from ranked
  where newest = 1 and from_month = line_from
), firsts as (
  select account, service, meter,
    row_number() over (partition by account, service, meter order by from_month, sequence, row) as place, reading
  from directory where customer = $customer and reading is not null and from_month <= $month
), counted as (
  select r.account, r.service, r.meter, r.month, r.current, r.rollover,
    row_number() over (partition by r.account, r.service, r.meter order by r.month desc, r.sequence desc) as place
  from meter_readings r
  where r.customer = $customer and r.month < $month
), steps as (
  select account, service, meter,
    current - before + case when current < before then coalesce(rollover, 0) else 0 end as used
  from (
    select *, lag(current) over (partition by account, service, meter order by place desc) as before
    from counted where place <= 7
  )
), spans as (
  select account, service, meter, sum(used) / nullif(count(used), 0) as usual
  from steps group by account, service, meter
)
select l.*, coalesce(c.current, f.reading) as last, cast(s.usual as decimal(18,3)) as usual
from in_force l
left join firsts f on f.account = l.account and f.service = l.service
  and f.meter = l.meter and f.place = 1
left join counted c on c.account = l.account and c.service = l.service
  and c.meter = l.meter and c.place = 1
left join spans s on s.account = l.account and s.service = l.service and s.meter = l.meter
order by l.account, l.service, l.meter
"""


class Directory:
    """Reads the directory out of the facts; remembers answers until the facts change."""

    def __init__(self, ledger: Path, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal
        self._seen: dict[tuple[str, Period], tuple[object, pd.DataFrame]] = {}

    def lines(self, customer: str, month: Period) -> pd.DataFrame:
        """Lines of a Customer in force on the 1st of the month, a row a line and meter.

        Columns: account, service, base, house, flat, name, meter, area, residents, last (counted value), usual
        (average monthly consumption of the last six months, null without history).
        """
        files = self._journal.fact_files("directory", customer=customer)
        readings = [f for f in self._journal.fact_files("meter_readings", customer=customer) if f.month < month]
        state = tuple(f.path for f in files + readings)
        known = self._seen.get((customer, month))
        if known and known[0] == state:
            return known[1]
        connection = scratch()
        register(connection, self._ledger, "directory", files)
        register(connection, self._ledger, "meter_readings", readings)
        query = connection.sql(_LINES, params={"customer": customer, "month": month.first_day})
        table: pa.Table = query.to_arrow_table()
        frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
        self._seen[(customer, month)] = (state, frame)
        return frame

    def accounts_anywhere(self, accounts: Sequence[str]) -> set[str]:
        """Which of these accounts any Customer has: tells a stranger's account from an unknown one."""
        connection = scratch()
        register(connection, self._ledger, "directory", self._journal.fact_files("directory"))
        connection.register("asked", pa.table({"account": pa.array(accounts, pa.string())}))
        rows = connection.execute("select distinct account from directory semi join asked using (account)")
        return {row[0] for row in rows.fetchall()}

    def accounts_of(self, customers: Collection[str], accounts: Sequence[str], month: Period) -> set[str]:
        """Which of these accounts carry a line of one of these Customers in the month."""
        files = [file for file in self._journal.fact_files("directory") if file.customer in customers]
        if not files:
            return set()
        connection = scratch()
        register(connection, self._ledger, "directory", files)
        connection.register("asked", pa.table({"account": pa.array(accounts, pa.string())}))
        query = "select distinct account from directory semi join asked using (account) where from_month <= $month"
        rows = connection.execute(query, {"month": month.first_day})
        return {row[0] for row in rows.fetchall()}

    def first_month(self) -> Period | None:
        """The earliest `Действует с` of the directory: its fact files are filed under it."""
        return min((file.month for file in self._journal.fact_files("directory")), default=None)
