"""The directory as of a month, read out of the facts: which lines stand on which accounts (4.1.16)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from inbox_worker.ledger.facts import read_facts, register, scratch
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.lines import lines_in_force
from inbox_worker.model import Period


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
        directory = read_facts(self._ledger, "directory", files)
        table = lines_in_force(directory, read_facts(self._ledger, "meter_readings", readings), month.first_day)
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
