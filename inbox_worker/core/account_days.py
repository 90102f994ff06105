"""The balances of a bank account over the days of a statement (4.1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class AccountDays:
    """The balances that a file states of an account, in tenge. `first`, `last`: the days of a section of 1C as it
    writes them, '' elsewhere."""

    iban: str
    first: str
    last: str
    opening: Decimal | None
    closing: Decimal | None
    debit_sum: Decimal | None = None
    credit_sum: Decimal | None = None

    @property
    def net(self) -> Decimal | None:
        """Return what the account has more at the end; of a notice without balances, by the sums that it states."""
        if self.opening is not None and self.closing is not None:
            return self.closing - self.opening
        if self.opening is None and self.closing is None and self.debit_sum is not None and self.credit_sum is not None:
            return self.credit_sum - self.debit_sum
        return None
