"""The journal's side of money that is passed on: statements of distribution, parts of them, payment orders (4.1.7).

A payment is in at most one statement, a part of a statement in at most one order that was not rejected. Nothing here is
ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from inbox_worker.core.model import Period
from inbox_worker.ledger import transfer_tables as t
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.records import as_values
from inbox_worker.ledger.transfer_tables import OrderState as OrderState
from inbox_worker.ledger.transfer_tables import PartKind as PartKind

d, p, o = t.distributions.c, t.transfers.c, t.payment_orders.c
_ZERO = Decimal("0.00")
WAITING = 0  # the order of a part that is in none


@dataclass(frozen=True)
class Distribution:
    """A statement of distribution: the parts of a bank's payments of a `day` that count in `month` and were posted
    after the sequence `after`, up to `upto`. `place`: which of that bank's day it is, 1 for the first."""

    number: int
    bank: str
    day: date
    month: Period
    place: int
    after: int
    upto: int
    made_at: datetime


@dataclass(frozen=True)
class Transfer:
    """A Customer's part of a statement, of one КНП. `payment_order`: what passes it on, WAITING while none does;
    `rejected_orders`: the numbers of those that it was in. Below zero where more was taken back than came. Of
    PartKind.FEE `received` is what was withheld of the others together, `customer` the operator."""

    number: int
    distribution: int
    customer: str
    knp: str
    received: Decimal
    fee: Decimal
    payment_order: int = WAITING
    what: PartKind = PartKind.HOUSE
    rejected_orders: str = ""

    @property
    def amount(self) -> Decimal:
        """Return what is passed on."""
        return self.received - self.fee


@dataclass(frozen=True)
class PaymentOrder:
    """An order to pay a Customer from the account `payer_iban`; `batch`: the number of the first order of its file.
    `proof`: the line of a statement, or staff's words, that its state stands on."""

    number: int
    bank: str
    batch: int
    customer: str
    name: str
    bic: str
    iban: str
    kbe: str
    knp: str
    payer_iban: str
    amount: Decimal
    purpose: str
    made_at: datetime
    state: OrderState = OrderState.ORDERED
    proof: str = ""


@dataclass(frozen=True)
class TransferSums:
    """All statements together: Customers' money that waits to be transferred and that was, fees withheld, and what of
    the fees is on the operator's own account."""

    waiting: Decimal
    transferred: Decimal
    fees: Decimal
    fees_passed: Decimal


class Transfers:
    """Read and write the records of money that is passed on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- inside somebody's transaction ------------------------------------------------------------------------

    def distribute(self, connection: Connection, made: Distribution, parts: Iterable[Transfer]) -> None:
        """Record a statement with its parts; their numbers are not looked at."""
        number = (connection.execute(select(func.max(d.number))).scalar() or 0) + 1
        connection.execute(t.distributions.insert().values(**{**as_values(made), "number": number}))
        self._add_parts(connection, [{**as_values(part), "distribution": number} for part in parts])

    def order(self, connection: Connection, order: PaymentOrder, parts: Sequence[Transfer]) -> None:
        """Record an order and put parts into it; one without a number is split from another and is new."""
        connection.execute(t.payment_orders.insert().values(**as_values(order)))
        new = [part for part in parts if not part.number]
        self._add_parts(connection, [{**as_values(part), "payment_order": order.number} for part in new])
        for part in (part for part in parts if part.number):
            values = {"payment_order": order.number, "received": part.received, "fee": part.fee}
            connection.execute(t.transfers.update().where(p.number == part.number).values(**values))

    def settle(self, connection: Connection, number: int, state: OrderState, proof: str) -> None:
        """Record what became of an order; the parts of a rejected one wait again."""
        connection.execute(t.payment_orders.update().where(o.number == number).values(state=state, proof=proof))
        if state is OrderState.REJECTED:
            rejected = t.transfers.update().where(p.payment_order == number)
            earlier = p.rejected_orders.concat(f"{number} ")
            connection.execute(rejected.values(payment_order=WAITING, rejected_orders=earlier))

    @staticmethod
    def _add_parts(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        last = connection.execute(select(func.max(p.number))).scalar() or 0
        numbered = [{**row, "number": last + place} for place, row in enumerate(rows, 1)]
        if numbered:
            connection.execute(t.transfers.insert(), numbered)

    # --- questions --------------------------------------------------------------------------------------------

    def distributions(self, day: date | None = None, month: Period | None = None) -> list[Distribution]:
        """Return the statements, of a day of payments or of a month of account, in the order they were made."""
        query = select(t.distributions).order_by(d.number)
        query = query if day is None else query.where(d.day == day.isoformat())
        query = query if month is None else query.where(d.month == str(month))
        return self._database.find_all(Distribution, query)

    def parts(self, distributions: Collection[int] | None = None, waiting: bool = False) -> list[Transfer]:
        """Return the parts of these statements (None = all), or only those that wait for an order."""
        query = select(t.transfers).order_by(p.number)
        query = query if distributions is None else query.where(p.distribution.in_(distributions))
        return self._database.find_all(Transfer, query.where(p.payment_order == WAITING) if waiting else query)

    def orders(self, states: Collection[OrderState] = tuple(OrderState)) -> list[PaymentOrder]:
        """Return the orders in those states, by number."""
        query = select(t.payment_orders).where(o.state.in_(states)).order_by(o.number)
        return self._database.find_all(PaymentOrder, query)

    def orders_of_batches(self, batches: Collection[int]) -> list[PaymentOrder]:
        """Return the orders of these files, by number."""
        query = select(t.payment_orders).where(o.batch.in_(batches)).order_by(o.number)
        return self._database.find_all(PaymentOrder, query)

    def orders_waiting_or_made_since(self, day: date) -> list[PaymentOrder]:
        """Return the orders that wait, and those that were made on that day or later, by number."""
        query = select(t.payment_orders).where(or_(o.state == OrderState.ORDERED, o.made_at >= day.isoformat()))
        return self._database.find_all(PaymentOrder, query.order_by(o.number))

    def find_numbers(self, numbers: Collection[int]) -> list[int]:
        """Return those of the numbers that orders have, in order."""
        query = select(o.number).where(o.number.in_(numbers)).order_by(o.number)
        return [row.number for row in self._database.rows(query)]

    def paid_accounts(self) -> set[str]:
        """Return the accounts that orders pay."""
        return {row.iban for row in self._database.rows(select(o.iban).distinct())}

    def proofs(self) -> list[str]:
        """Return what the ends of orders stand on."""
        return [row.proof for row in self._database.rows(select(o.proof).where(o.proof != ""))]

    def orders_instead(self) -> dict[int, list[int]]:
        """Return by each rejected order those that its money is in now, WAITING for what waits; one that was rejected
        before parts kept it is not there."""
        query = select(p.rejected_orders, p.payment_order).where(p.rejected_orders != "").distinct()
        found: dict[int, set[int]] = {}
        for row in self._database.rows(query):
            for number in row.rejected_orders.split():
                found.setdefault(int(number), set()).add(row.payment_order)
        return {number: sorted(orders) for number, orders in found.items()}

    def last_order(self) -> int:
        """Return the number of the last order; 0 when there is none."""
        return int(self._database.value(select(func.max(o.number))) or 0)

    def sums(self) -> TransferSums:
        """Return where the money of all statements is."""
        passed = p.payment_order.in_(select(o.number).where(o.state == OrderState.TRANSFERRED))
        asked = select(func.sum(p.received), func.sum(p.fee))
        received, fees = self._sum(asked.where(p.what != PartKind.FEE))
        done, done_fees = self._sum(asked.where(p.what != PartKind.FEE, passed))
        fees_passed, _ = self._sum(asked.where(p.what == PartKind.FEE, passed))
        return TransferSums(received - fees - (done - done_fees), done - done_fees, fees, fees_passed)

    def _sum(self, query: Select[Any]) -> tuple[Decimal, Decimal]:
        row: tuple[Any, ...] = tuple(self._database.rows(query)[0])
        return row[0] or _ZERO, row[1] or _ZERO
