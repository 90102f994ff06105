"""The journal's register of Customers, as it was loaded last."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from inbox_worker.core.model import Customer
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_values


class Customers:
    """Keep who has a contract with the operator; the facts keep every earlier wording."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, connection: Connection, customers: Sequence[Customer], submission: str) -> None:
        """Put the register's records as last loaded; the facts keep every earlier wording."""
        self._database.forget_at_commit()
        for customer in customers:
            connection.execute(t.customers.delete().where(t.customers.c.bin == customer.bin))
            connection.execute(t.customers.insert().values(**as_values(customer), submission=submission))

    def all(self) -> dict[str, Customer]:
        """Return the register of Customers by БИН."""
        return self._database.answer("customers", self._read)

    def _read(self) -> dict[str, Customer]:
        found = self._database.find_all(Customer, select(t.customers).order_by(t.customers.c.bin))
        return {customer.bin: customer for customer in found}

    def register_sequence(self, bin_: str) -> int:
        """Return the place in the order of posting of the register that told of a Customer last; 0 when none did."""
        query = select(t.submissions.c.sequence).join(t.customers, t.customers.c.submission == t.submissions.c.id)
        return self._database.value(query.where(t.customers.c.bin == bin_)) or 0
