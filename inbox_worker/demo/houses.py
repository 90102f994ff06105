"""Houses, personal accounts and their lines: who bills what to whom, with meters and opening balances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from random import Random

from inbox_worker.demo.customers import Member
from inbox_worker.demo.names import NAMES, make_addresses, make_person
from inbox_worker.settings.rules import Rules

_FLATS = 44
_LEAST_FLATS = 5
_CENT = Decimal("0.01")

_OWN_UTILITIES = ("heating", "cold_water", "cold_sewerage")


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter: its number, last counted value and what it will have used by the next reading."""

    number: str
    reading: Decimal
    used: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an account: whose it is, service code, base, tariff (4 places), opening balance, meters."""

    member: Member
    service: str
    base: str
    tariff: Decimal
    balance: Decimal = Decimal(0)
    meters: tuple[Meter, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A personal account (лицевой счёт); `due` is about what its month costs with debts, for payments."""

    number: str
    flat: str
    name: str
    area: Decimal
    residents: int
    email: str
    lines: tuple[Line, ...]
    due: Decimal


@dataclass(frozen=True, slots=True)
class House:
    """A house: its code, address, who keeps it, its accounts."""

    code: str
    address: str
    keeper: Member
    accounts: tuple[Account, ...]


def make_houses(rng: Random, members: tuple[Member, ...], accounts: int, rules: Rules) -> tuple[House, ...]:
    """Return houses with that many accounts in all. Raises ValueError when there are too few for the customers."""
    keepers = [member for member in members if member.manages]
    houses = max(2 * len(keepers), accounts // _FLATS)
    if accounts < houses * _LEAST_FLATS:
        raise ValueError(f"{len(members)} customers need at least {houses * _LEAST_FLATS} accounts, not {accounts}")
    sizes = _sizes(rng, houses, accounts)
    offers, profiles = _Offers(rng, members, rules), NAMES["profiles"]
    serial, meter = count(1), count(104_477)
    town = []
    for index, (address, size) in enumerate(zip(make_addresses(rng, houses), sizes, strict=True)):
        keeper = keepers[index % len(keepers)]
        profile = profiles[(index + 3 * (index // len(keepers))) % len(profiles)]
        lines = offers.of_house(keeper, ("maintenance", *profile))
        flats = tuple(_account(rng, index, next(serial), flat + 1, lines, meter) for flat in range(size))
        town.append(House(f"A-{index + 1:03d}", address, keeper, flats))
    return tuple(town)


def _sizes(rng: Random, houses: int, accounts: int) -> list[int]:
    sizes = [_LEAST_FLATS] * houses
    weights = [rng.randint(60, 140) for _ in range(houses)]
    spare = accounts - _LEAST_FLATS * houses
    for index, weight in enumerate(weights):
        sizes[index] += spare * weight // sum(weights)
    for index in range(accounts - sum(sizes)):
        sizes[index % houses] += 1
    return sizes


class _Offers:
    """Chooses who serves the next house with what, by turns; suppliers have one tariff, the others one a house."""

    def __init__(self, rng: Random, members: tuple[Member, ...], rules: Rules) -> None:
        self._rng, self._members, self._rules = rng, members, rules
        self._turns: dict[str, int] = {}
        self._prices: dict[tuple[str, str], Decimal] = {}

    def of_house(self, keeper: Member, services: tuple[str, ...]) -> tuple[Line, ...]:
        """Return the lines of every account of the house; an ОСИ with utilities bills its own water and heat."""
        chosen: dict[str, Member] = {}
        offers = []
        for service in services:
            role = NAMES["roles"].get(service, service)
            if service == "maintenance" or (keeper.record.utilities and service in _OWN_UTILITIES):
                member = keeper
            else:
                member = chosen[role] = chosen.get(role) or self._next(role)
            offers.append(Line(member, service, self._rules.service(service).base, self._tariff(member, service)))
        return tuple(offers)

    def _next(self, role: str) -> Member:
        able = [member for member in self._members if member.role == role]
        turn = self._turns.get(role, 0)
        self._turns[role] = turn + 1
        return able[turn % len(able)]

    def _tariff(self, member: Member, service: str) -> Decimal:
        price = Decimal(self._rng.randint(*NAMES["tariffs"][service])).scaleb(-4)
        if member.record.utilities:
            return self._prices.setdefault((member.bin, service), price)
        return price


def _account(
    rng: Random, house: int, serial: int, flat: int, offers: tuple[Line, ...], meters: Iterator[int]
) -> Account:
    number = f"{12_000 + serial:07d}" if house % 5 == 3 else f"{10_020_000 + serial}"
    area = Decimal(rng.randint(2_800, 12_000)).scaleb(-2)
    residents = rng.choices(range(7), (4, 22, 28, 22, 14, 7, 3))[0]
    quantity = {"м²": area, "чел.": Decimal(residents), "кв.": Decimal(1), "счётчик": Decimal(8)}
    mood = rng.random()
    lines = tuple(_line(rng, offer, quantity, mood, meters) for offer in offers)
    charged = sum((line.tariff * quantity[line.base] + line.balance for line in lines), Decimal(0))
    email = f"kv{serial}@zhiltsy.example" if rng.random() < 0.05 else ""
    return Account(number, str(flat), make_person(rng), area, residents, email, lines, charged.quantize(_CENT))


def _line(rng: Random, offer: Line, quantity: Mapping[str, Decimal], mood: float, meters: Iterator[int]) -> Line:
    month = offer.tariff * quantity[offer.base]
    balance = Decimal(0)
    if mood > 0.9:  # paid ahead
        balance = -month * rng.randint(10, 250) / 100
    elif mood > 0.55:  # owes
        balance = month * rng.randint(15, 320) / 100
    return replace(offer, balance=balance.quantize(_CENT), meters=_meters(rng, offer.service, meters))


def _meters(rng: Random, service: str, serial: Iterator[int]) -> tuple[Meter, ...]:
    if service not in NAMES["meters"]:
        return ()
    prefix, least, most = NAMES["meters"][service]
    several = 2 if service == "cold_water" and rng.random() < 0.1 else 1
    return tuple(
        Meter(
            f"{prefix}-{next(serial)}",
            Decimal(rng.randint(200, 9_000)).scaleb(-1),
            Decimal(rng.randint(least, most)).scaleb(-1),
        )
        for _ in range(several)
    )
