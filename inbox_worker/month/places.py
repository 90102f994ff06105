"""Places of consumers' money: every tenge that a bank took in is in exactly one place (4.1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from inbox_worker.core.queries import execute, read_query
from inbox_worker.ledger.facts import register
from inbox_worker.ledger.questions import scratch
from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.distributing import sum_undistributed
from inbox_worker.month.office import Office


@dataclass(frozen=True)
class MoneyPlaces:
    """The money of banks' registers by the place where it is. `suspense`: no line is known for it; `posted`: in no
    statement yet, fees included; `distributed`: in a statement, not transferred; `returned`: taken back by the banks,
    or sent back to them by staff; `fees`: withheld, `fees_passed` of them on the operator's own account. `ordered` of
    what is distributed or withheld is in so many `orders` that nobody has confirmed."""

    received: Decimal
    suspense: Decimal
    posted: Decimal
    distributed: Decimal
    transferred: Decimal
    returned: Decimal
    fees: Decimal
    fees_passed: Decimal
    orders: int
    ordered: Decimal

    @property
    def lost(self) -> Decimal:
        """Return what is in no place; below zero, what is in two. Anything but nothing is a fault of ours."""
        places = (self.suspense, self.posted, self.distributed, self.transferred, self.returned, self.fees)
        return self.received - sum(places, Decimal("0.00"))


def find_places(office: Office) -> MoneyPlaces:
    """Add up all registers, and all places, of the whole ledger."""
    received, returned = _sum(office, "bank_register")
    waiting, gone = _sum(office, "suspense")
    by_register, by_staff = _sum(office, "reassigned")
    of = office.journal.transfers.sums()
    posted = sum_undistributed(office)
    open_ = [order.amount for order in office.journal.transfers.orders([OrderState.ORDERED])]
    ordered = sum(open_, Decimal("0.00"))
    return MoneyPlaces(
        received, waiting - gone, posted, of.waiting, of.transferred, returned + by_staff - by_register,
        of.fees, of.fees_passed, len(open_), ordered
    )  # fmt: skip


def _sum(office: Office, kind: str) -> tuple[Decimal, Decimal]:
    """What entries above zero add up to, and those below."""
    files, connection = office.journal.facts.files(kind), scratch()
    if not files:
        return Decimal("0.00"), Decimal("0.00")
    register(connection, office.home.ledger, kind, files)
    above, below = execute(connection, read_query(__file__, "entry_sums", kind=kind)).fetchall()[0]
    return above, below
