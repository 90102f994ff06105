"""The town as the letter writers look at it: lines by customer and service, houses, suppliers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from random import Random

from inbox_worker.core.model import Period
from inbox_worker.demo.customers import Member, make_customers
from inbox_worker.demo.houses import Account, House, Line, make_houses
from inbox_worker.settings.rules import Rules


@dataclass(frozen=True, slots=True)
class LinePlace:
    """A line with its account and house."""

    house: House
    account: Account
    line: Line


@dataclass(frozen=True)
class Town:
    """Customers and houses of a town, and the accounting month its post is for."""

    members: tuple[Member, ...]
    houses: tuple[House, ...]
    month: Period

    @cached_property
    def _places(self) -> dict[tuple[str, str], list[LinePlace]]:
        places: dict[tuple[str, str], list[LinePlace]] = defaultdict(list)
        for house in self.houses:
            for account in house.accounts:
                for line in account.lines:
                    places[line.member.bin, line.service].append(LinePlace(house, account, line))
        return dict(places)

    def places(self, member: Member, service: str) -> list[LinePlace]:
        """Return every line of that service of that customer, house by house."""
        return self._places.get((member.bin, service), [])

    def services(self, member: Member) -> list[str]:
        """Return codes of the services a customer has lines of."""
        return [service for number, service in self._places if number == member.bin]

    def providers(self, service: str) -> list[Member]:
        """Return customers with lines of that service, in the register's order."""
        return [member for member in self.members if (member.bin, service) in self._places]

    def of_role(self, *roles: str) -> list[Member]:
        """Return customers of those roles that have lines, in the register's order."""
        able = {number for number, _ in self._places}
        return [member for member in self.members if member.role in roles and member.bin in able]

    @property
    def accounts(self) -> list[Account]:
        """All personal accounts, house by house."""
        return [account for house in self.houses for account in house.accounts]


def make_town(rng: Random, customers: int, accounts: int, rules: Rules, month: Period) -> Town:
    """Return a town with that many customers and accounts. Raises ValueError when the numbers cannot make a town."""
    members = make_customers(rng, customers)
    return Town(members, make_houses(rng, members, accounts, rules), month)
