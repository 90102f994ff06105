"""Payments taken back: how the payment was posted on an account, and what was left of it (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from inbox_worker.core.accounts import LISTED_ACCOUNTS
from inbox_worker.core.model import Period
from inbox_worker.core.queries import read_query
from inbox_worker.month.months import gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.posted_shares import Line

_PARTS = read_query(__file__, "parts_of_payment")


@dataclass(frozen=True)
class TakenBack:
    """The month and the posting that put the payment on the account; `left`: what each line still had of it when the
    reversal came; `parts`: what each gave back."""

    month: Period
    sequence: int
    left: Mapping[Line, Decimal]
    parts: Mapping[Line, Decimal]

    @property
    def is_all(self) -> bool:
        """Return whether nothing of the payment stayed."""
        return self.left == self.parts

    @property
    def is_shared(self) -> bool:
        """Return whether what each line gave back is in proportion to what it had, but for a tiyn; it need not be where
        a reversal is of several payments."""
        left, taken = sum(self.left.values(), Decimal(0)), sum(self.parts.values(), Decimal(0))
        return all(
            abs(self.parts.get(line, Decimal(0)) - taken * one / left) < Decimal("0.01")
            for line, one in self.left.items()
        )


def find_taken_back(office: Office, month: Period, account: str, payment: str, reversal: str) -> TakenBack | None:
    """Find what a reversal of a month took back of a payment; nothing where the payment is not on the account."""
    facts = gather_facts(office, month)
    with facts.connect(LISTED_ACCOUNTS, pa.table({"account": [account]}), ("allocations",)) as connection:
        rows = connection.sql(_PARTS, params={"account": account, "payment": payment}).to_arrow_table().to_pylist()
    posted = [row for row in rows if row["payment"] == payment]
    if not posted:
        return None
    left: dict[Line, Decimal] = {}
    for row in rows:
        if row["payment"] == reversal:
            break
        line = row["customer"], row["service"]
        left[line] = left.get(line, Decimal("0.00")) + row["amount"]
    parts = {(row["customer"], row["service"]): -row["amount"] for row in rows if row["payment"] == reversal}
    left = {line: amount for line, amount in left.items() if amount}
    return TakenBack(Period.of(posted[0]["month"]), posted[0]["sequence"], left, parts)
