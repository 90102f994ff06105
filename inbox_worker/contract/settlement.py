"""Compute what is still open between the parties when a contract has ended: all of it is settled in full (10.11).

Sums are in tenge, at the end of the last closed month, out of the closes and of orders that banks confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow.compute as pc

from inbox_worker.contract.act_life import ActState, find_acts
from inbox_worker.contract.money_of import read_closed
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.months import list_months_closed_by
from inbox_worker.month.office import Office

_ZERO = Decimal("0.00")
_SETTLED = (ActState.ACCEPTED, ActState.SILENT, ActState.CANCELLED)


class NotSettledYet(UseError):
    """Nothing can be settled yet; the text says what has to happen first."""


@dataclass(frozen=True)
class Settlement:
    """The open sums of a contract that ended on `until`, at the end of `month`.

    `consumers_owe`: debts of consumers on the Customer's lines, `overpaid`: what they paid beyond; `received`: paid on
    the lines while the ledger has months, `withheld`: the operator's fee of it, `transferred`: what banks confirmed,
    `to_transfer`: what is left of it. `open_acts`: numbers of acts that the Customer has not accepted.
    """

    until: date
    month: Period
    consumers_owe: Decimal
    overpaid: Decimal
    received: Decimal
    withheld: Decimal
    transferred: Decimal
    open_acts: tuple[str, ...]

    @property
    def to_transfer(self) -> Decimal:
        """Return what the Customer is still to get of what consumers paid; below zero, what came back since."""
        return self.received - self.withheld - self.transferred

    @property
    def sums(self) -> Mapping[str, Decimal]:
        """Return the sums by name, in the order in which they are shown."""
        names = ("received", "withheld", "transferred", "to_transfer", "consumers_owe", "overpaid")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        shown = {name: str(value) for name, value in self.sums.items()}
        acts = ", ".join(self.open_acts)
        return {"until": self.until.isoformat(), "month": str(self.month), **shown, "open_acts": acts}


def find_ended_on(sources: DutySources, bin_: str) -> date | None:
    """Return the last day of a contract, by the register or because its last house left (10.7); None where it goes on
    at the end of the day."""
    customer = next((one for one in sources.customers if one.bin == bin_), None)
    if customer is None:
        return None
    last = min(customer.valid_until or date.max, sources.left.get(bin_, date.max))
    return last if last < sources.on else None


def settle_contract(sources: DutySources, bin_: str) -> Settlement:
    """Compute the open sums of a contract that has ended.

    Raises NotSettledYet while it goes on, or its last month is not closed; DamagedFile.
    """
    office, until = sources.office, find_ended_on(sources, bin_)
    if until is None:
        raise NotSettledYet(f"the contract of {bin_!r} has not ended by {sources.on}; `contract` shows its last day")
    months = list_months_closed_by(office, sources.on)
    if not months or months[-1] < Period.of(until):
        raise NotSettledYet(f"close {Period.of(until)} first: it is the last month of the contract")
    closing = read_closed(office, months[-1], "lines", ("closing",), bin_).column("closing")
    paid = [read_closed(office, month, "payments", ("amount", "fee"), bin_) for month in months]
    received, withheld = (
        sum((pc.sum(one.column(name)).as_py() or _ZERO for one in paid), _ZERO) for name in ("amount", "fee")
    )
    every = (act for act in find_acts(office, sources.on) if act.customer == bin_ and act.dated <= sources.on)
    return Settlement(
        until, months[-1],
        consumers_owe=pc.sum(closing.filter(pc.greater(closing, 0))).as_py() or _ZERO,
        overpaid=-(pc.sum(closing.filter(pc.less(closing, 0))).as_py() or _ZERO),
        received=received, withheld=withheld, transferred=_sum_transferred(office, bin_),
        open_acts=tuple(act.number for act in every if act.state not in _SETTLED),
    )  # fmt: skip


def _sum_transferred(office: Office, bin_: str) -> Decimal:
    transfers = office.journal.transfers
    done = {order.number for order in transfers.orders([OrderState.TRANSFERRED])}
    return sum(
        (part.amount for part in transfers.parts() if part.customer == bin_ and part.payment_order in done), _ZERO
    )
