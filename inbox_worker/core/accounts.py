"""Ranges of accounts, how SQL names them, and how a month keeps them: months may be computed a range at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from inbox_worker.core.queries import quote_sql


@dataclass(frozen=True)
class Accounts:
    """A range of accounts in the order of their text: `first` counts, `end` does not; None leaves that side open.

    `listed`: only those of the table `listed_accounts`.
    """

    first: str | None = None
    end: str | None = None
    listed: bool = False

    def condition(self) -> str:
        """Return the range as an SQL condition on the column `account`; '' for every account."""
        if self.listed:
            return "account in (select account from listed_accounts)"
        sides = ((">=", self.first), ("<", self.end))
        return " and ".join(f"account {sign} {quote_sql(side)}" for sign, side in sides if side is not None)

    def may_hold(self, least: str, most: str) -> bool:
        """Return whether accounts from `least` to `most` may be in the range."""
        return (self.end is None or least < self.end) and (self.first is None or most >= self.first)


EVERY_ACCOUNT, LISTED_ACCOUNTS = Accounts(), Accounts(listed=True)


class Keys(Enum):
    """Say how a computed month keeps accounts, Customers and services: as texts, or as whole numbers of a type that
    holds all of them. To name the type takes longer the more accounts there are: it is named as seldom as can be."""

    TEXTS = "texts"
    NUMBERS = "whole numbers"
