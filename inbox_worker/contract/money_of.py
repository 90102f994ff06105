"""A Customer's money out of the closes: balances of the last month, fees of twelve months, the cap of claims (8.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.core.model import Period
from inbox_worker.core.money import round_money
from inbox_worker.month.months import find_close, list_closed_months, list_months_closed_by
from inbox_worker.month.office import Office

FIELDS = ("opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing")
_CAP_PERCENT, _CAP_MONTHS = Decimal(10), 12


@dataclass(frozen=True)
class ContractMoney:
    """Sums of a Customer. `month` None = no month was closed by then; `fees`: of the acts of twelve months before."""

    month: Period | None
    sums: Mapping[str, Decimal]
    fees: Decimal

    @property
    def claims_cap(self) -> Decimal:
        """Return the most that a claim of the day can reach: 10 % of the services of twelve months (8.3)."""
        return round_money(self.fees * _CAP_PERCENT / 100)


def add_up_money(office: Office, customer: str, on: date) -> ContractMoney:
    """Add up a Customer's money as the closes that were there at the end of a day froze it. Raises DamagedFile."""
    now, months = Period.of(on), list_months_closed_by(office, on)
    year = [month for month in months if 0 < now.minus(month) <= _CAP_MONTHS]
    fees = [_sum(office, month, "payments", ("fee",), customer)["fee"] for month in year]
    last = months[-1] if months else None
    sums = _sum(office, last, "lines", FIELDS, customer) if last else {}
    return ContractMoney(last, sums, sum(fees, Decimal(0)))


def has_balance(office: Office, customer: str) -> bool:
    """Tell whether any line of a Customer owes or is owed at the end of the last closed month. Raises DamagedFile."""
    months = list_closed_months(office)
    if not months:
        return False
    path = find_close(office, months[-1]).files_needed("lines")["lines"]
    rows = pq.read_table(
        path, columns=["closing"], filters=[("customer", "=", customer), ("closing", "!=", Decimal(0))]
    )
    return bool(rows.num_rows)


def read_closed(office: Office, month: Period, name: str, fields: Sequence[str], customer: str) -> pa.Table:
    """Return columns of a Customer's rows of a close. Raises DamagedFile."""
    path = find_close(office, month).files_needed(name)[name]
    return pq.read_table(path, columns=list(fields), filters=[("customer", "=", customer)])


def _sum(office: Office, month: Period, name: str, fields: tuple[str, ...], customer: str) -> dict[str, Decimal]:
    rows = read_closed(office, month, name, fields, customer)
    sums = {field: pc.sum(rows.column(field)).as_py() for field in fields}
    return {field: Decimal("0.00") if value is None else value for field, value in sums.items()}
