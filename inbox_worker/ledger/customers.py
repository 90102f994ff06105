"""The journal's register of Customers: what was told last, and every version with the day from which it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from inbox_worker.core.model import Customer
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_record, as_values

v = t.customer_versions.c


@dataclass(frozen=True)
class CustomerVersion:
    """A Customer as it was told: in which form, when, by whom, and the day from which it counts."""

    customer: Customer
    begins: date
    stated_at: datetime
    stated_by: str
    submission: str


class Customers:
    """Keep who has a contract with the operator, and what was true of each on a day (section 11, 4.3.3)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, connection: Connection, versions: Sequence[CustomerVersion]) -> None:
        """Put what was told last; what was told before stays as a version."""
        self._database.forget_at_commit()
        for version in versions:
            customer = as_values(version.customer)
            stated: dict[str, object] = {"submission": version.submission}
            bin_ = version.customer.bin
            last = connection.execute(select(func.max(v.number)).where(v.bin == bin_)).scalar() or 0
            connection.execute(t.customers.delete().where(t.customers.c.bin == bin_))
            connection.execute(t.customers.insert().values(**customer, **stated))
            stated |= {"begins": version.begins, "stated_at": version.stated_at, "stated_by": version.stated_by}
            connection.execute(t.customer_versions.insert().values(**customer, **stated, number=last + 1))

    def all(self) -> dict[str, Customer]:
        """Return the register of Customers by БИН, as it was told last."""
        return self._database.answer("customers", self._read)

    def on(self, day: date) -> dict[str, Customer]:
        """Return the register of a day by БИН: of the versions that count from that day or before, the one told last.

        Days before the first of them have the version that was told first: nothing else is known of them.
        """
        found: dict[str, CustomerVersion] = {}
        for version in self._database.answer("customer_versions", self._read_versions):
            bin_ = version.customer.bin
            if bin_ not in found or version.begins <= day:
                found[bin_] = version
        return {bin_: version.customer for bin_, version in found.items()}

    def versions(self, bin_: str) -> list[CustomerVersion]:
        """Return all that was told of a Customer, in the order it was told."""
        known = self._database.answer("customer_versions", self._read_versions)
        return [version for version in known if version.customer.bin == bin_]

    def _read(self) -> dict[str, Customer]:
        found = self._database.find_all(Customer, select(t.customers).order_by(t.customers.c.bin))
        return {customer.bin: customer for customer in found}

    def _read_versions(self) -> list[CustomerVersion]:
        rows = self._database.rows(select(t.customer_versions).order_by(v.bin, v.number))
        return [
            CustomerVersion(as_record(Customer, row), row.begins, row.stated_at, row.stated_by, row.submission)
            for row in rows
        ]

    def register_sequence(self, bin_: str) -> int:
        """Return the place in the order of posting of the register that told of a Customer last; 0 when none did."""
        query = select(t.submissions.c.sequence).join(t.customers, t.customers.c.submission == t.submissions.c.id)
        return self._database.value(query.where(t.customers.c.bin == bin_)) or 0
