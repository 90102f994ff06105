"""The journal's register of Customers: the row that was loaded last, and every version with the day from which it
counts: of loaded rows, and of forms that staff confirmed (4.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Customer
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_record, as_values

v = t.customer_versions.c


class UnknownCustomer(UseError):
    """A command names a Customer that no register told of."""


@dataclass(frozen=True)
class CustomerVersion:
    """A Customer as it was told: in which form, when, by whom, and the day from which it counts."""

    customer: Customer
    begins: date
    stated_at: datetime
    stated_by: str
    submission: str


@dataclass(frozen=True)
class LoadedCustomer:
    """A row of the operator's register as it was stated, and the version that it makes."""

    stated: Customer
    version: CustomerVersion


def changed_fields(before: Customer, after: Customer) -> dict[str, Any]:
    """Return the fields in which a Customer is told otherwise, with their new values."""
    return {name: value for name, value in vars(after).items() if value != getattr(before, name)}


def _counts_on(versions: Sequence[CustomerVersion], day: date) -> CustomerVersion:
    """Return the one told last of those that count on a day; the first of all before any does."""
    return next((one for one in reversed(versions) if one.begins <= day), versions[0])


class Customers:
    """Keep who has a contract with the operator, and what was true of each on a day (section 11, 4.3.3)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, connection: Connection, loaded: Sequence[LoadedCustomer]) -> None:
        """Put what a register told; what was told before stays as a version."""
        for one in loaded:
            row = {**as_values(one.stated), "submission": one.version.submission}
            connection.execute(t.customers.delete().where(t.customers.c.bin == one.stated.bin))
            connection.execute(t.customers.insert().values(**row))
        self.put(connection, [one.version for one in loaded])

    def put(self, connection: Connection, versions: Sequence[CustomerVersion]) -> None:
        """Put versions, each of what counts from its day on. What was told before for a day still to come is told
        again on top of it: a change that was accepted has its effect on its day."""
        self._database.forget_at_commit()
        for version in versions:
            for one in (version, *self._still_to_come(version, versions)):
                last = connection.execute(select(func.max(v.number)).where(v.bin == one.customer.bin)).scalar() or 0
                stated = {name: getattr(one, name) for name in ("begins", "stated_at", "stated_by", "submission")}
                values = {**as_values(one.customer), **stated, "number": last + 1}
                connection.execute(t.customer_versions.insert().values(**values))

    def _still_to_come(self, version: CustomerVersion, together: Sequence[CustomerVersion]) -> list[CustomerVersion]:
        """Return what is known for days after a version's and after the day it was told, each change on top of it."""
        known, customer = self.versions(version.customer.bin), version.customer
        found = list[CustomerVersion]()
        first = max(version.begins, to_almaty(version.stated_at).date())
        own = [one.begins for one in together if one.customer.bin == customer.bin and one.begins > version.begins]
        end = min(own, default=date.max)  # from there the next of those put together says it
        for begins in sorted({one.begins for one in known if first < one.begins < end}):
            then = _counts_on(known, begins)
            changes = changed_fields(_counts_on(known, begins - timedelta(1)).customer, then.customer)
            customer = replace(customer, **changes)
            found.append(replace(then, customer=customer))
        return found

    def on(self, day: date) -> Mapping[str, Customer]:
        """Return the register of a day by БИН: of the versions that count from that day or before, the one told last.

        Days before the first of them have the version that was told first: nothing else is known of them.
        """
        return self._find(f"customers on {day}", lambda versions: _counts_on(versions, day))

    def at(self, moment: datetime) -> Mapping[str, Customer]:
        """Return the register as it was told last, by БИН; what was told for a day to come has its effect from that
        day on. For who may send, and where what leaves goes."""
        day = to_almaty(moment).date()

        def counts(versions: Sequence[CustomerVersion]) -> CustomerVersion:
            begun = (one for one in reversed(versions) if one.begins <= max(day, to_almaty(one.stated_at).date()))
            return next(begun, versions[0])

        return self._find(f"customers at {day}", counts)

    def _find(
        self, question: str, counts: Callable[[Sequence[CustomerVersion]], CustomerVersion]
    ) -> Mapping[str, Customer]:
        def find() -> dict[str, Customer]:
            known = self._database.answer("customer_versions", self._read_versions)
            return {bin_: counts(versions).customer for bin_, versions in known.items()}

        return self._database.answer(question, find)

    def versions(self, bin_: str) -> list[CustomerVersion]:
        """Return all that was told of a Customer, in the order it was told."""
        return self._database.answer("customer_versions", self._read_versions).get(bin_, [])

    def require_known(self, bin_: str) -> None:
        """Raise UnknownCustomer for a БИН that no register told of: a mistyped number must not read as "nothing"."""
        if not self.versions(bin_):
            raise UnknownCustomer(f"there is no customer {bin_!r} in the register; `load` it, or look at the number")

    def find_addresses(self, bin_: str, moment: datetime, days: int) -> tuple[str, ...]:
        """Return the addresses of a Customer as they are, and after them those that it had within so many days before:
        whoever changed an address cannot keep from the old one what follows (4.3.3)."""
        known, today = self.versions(bin_), to_almaty(moment).date()
        ends = [one.begins - timedelta(1) for one in known if 0 <= (today - one.begins).days < days]
        then = [_counts_on(known, day).customer.emails for day in sorted(ends, reverse=True)] if known else []
        now = self.at(moment)[bin_].emails
        return tuple(dict.fromkeys(address for emails in (now, *then) for address in emails))

    def find_loaded(self, bin_: str) -> Customer | None:
        """Return the row of a Customer that was loaded last; None when none was."""
        return self._database.find(Customer, select(t.customers).where(t.customers.c.bin == bin_))

    def _read_versions(self) -> dict[str, list[CustomerVersion]]:
        found: dict[str, list[CustomerVersion]] = {}
        for row in self._database.rows(select(t.customer_versions).order_by(v.bin, v.number)):
            version = CustomerVersion(
                as_record(Customer, row), row.begins, row.stated_at, row.stated_by, row.submission
            )
            found.setdefault(version.customer.bin, []).append(version)
        return found

    def stated_price(self, bin_: str, day: date) -> CustomerVersion | None:
        """Return the version that told the Customer's own price of a day first; None where the price list counts
        (4.8)."""
        found = None
        if known := self.versions(bin_):
            price = _counts_on(known, day).customer.price
            for one in known[: known.index(_counts_on(known, day)) + 1]:
                found = (found or one) if one.customer.price == price is not None else None
        return found

    def register_sequence(self, bin_: str) -> int:
        """Return the place in the order of posting of the register that told of a Customer last; 0 when none did."""
        query = select(t.submissions.c.sequence).join(t.customers, t.customers.c.submission == t.submissions.c.id)
        return self._database.value(query.where(t.customers.c.bin == bin_)) or 0
