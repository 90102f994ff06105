"""Houses, personal accounts and their lines: who bills what to whom, with meters and opening balances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from random import Random

from inbox_worker.demo.customers import Member
from inbox_worker.demo.people import person
from inbox_worker.demo.streets import addresses
from inbox_worker.settings.rules import Rules

_FLATS = 44
_LEAST_FLATS = 5
_CENT = Decimal("0.01")

# lines of a house beside `maintenance`, by turns; the first two have water that the ОСИ bill themselves
_PROFILES: tuple[tuple[str, ...], ...] = (
    ("lift", "intercom", "heating", "cold_water", "cold_sewerage"),
    ("intercom", "cctv", "heating", "electricity", "cold_water", "cold_sewerage"),
    ("cleaning", "waste", "heating", "electricity"),
    ("gas_maintenance", "waste", "cold_water", "cold_sewerage"),
    ("lift", "cctv", "cleaning", "heating", "cold_water", "cold_sewerage", "hot_water"),
    ("intercom", "waste", "electricity"),
    ("lift", "gas_maintenance", "waste", "heating"),
    ("cleaning", "gas_maintenance", "gas"),
)
_ROLE_OF = {
    "heating": "heat",
    "hot_water": "heat",
    "cold_water": "water",
    "cold_sewerage": "water",
    "electricity": "power",
}
_OWN_UTILITIES = ("heating", "cold_water", "cold_sewerage")

# tenge per unit, in ten-thousandths
_TARIFFS: dict[str, tuple[int, int]] = {
    "maintenance": (280_000, 450_000),
    "lift": (1_500_000, 3_000_000),
    "intercom": (3_500_000, 6_000_000),
    "cctv": (3_000_000, 5_000_000),
    "cleaning": (4_000_000, 7_000_000),
    "gas_maintenance": (1_800_000, 2_600_000),
    "waste": (5_200_000, 6_900_000),
    "heating": (1_300_000, 1_800_000),
    "cold_water": (950_000, 1_400_000),
    "cold_sewerage": (450_000, 700_000),
    "hot_water": (4_800_000, 6_200_000),
    "electricity": (220_000, 290_000),
    "gas": (380_000, 460_000),
}
# meter's prefix; consumption of a month in tenths of a unit
_METERS: dict[str, tuple[str, int, int]] = {
    "cold_water": ("ХВ", 20, 140),
    "hot_water": ("ГВ", 10, 60),
    "electricity": ("Э", 900, 2600),
    "gas": ("Г", 60, 280),
}


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
    balance: Decimal
    meters: tuple[Meter, ...]


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


@dataclass(frozen=True, slots=True)
class _Offer:
    member: Member
    service: str
    base: str
    tariff: Decimal


def make_houses(rng: Random, members: tuple[Member, ...], accounts: int, rules: Rules) -> tuple[House, ...]:
    """Return houses with that many accounts in all. Raises ValueError when there are too few for the customers."""
    keepers = [member for member in members if member.manages]
    houses = max(2 * len(keepers), accounts // _FLATS)
    if accounts < houses * _LEAST_FLATS:
        raise ValueError(f"{len(members)} customers need at least {houses * _LEAST_FLATS} accounts, not {accounts}")
    sizes = _sizes(rng, houses, accounts)
    offers = _Offers(rng, members, rules)
    serial, meter = count(1), count(104_477)
    town = []
    for index, (address, size) in enumerate(zip(addresses(rng, houses), sizes, strict=True)):
        keeper = keepers[index % len(keepers)]
        profile = _PROFILES[(index + 3 * (index // len(keepers))) % len(_PROFILES)]
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

    def of_house(self, keeper: Member, services: tuple[str, ...]) -> tuple[_Offer, ...]:
        """Return the lines of every account of the house; an ОСИ with utilities bills its own water and heat."""
        chosen: dict[str, Member] = {}
        offers = []
        for service in services:
            role = _ROLE_OF.get(service, service)
            if service == "maintenance" or (keeper.record.utilities and service in _OWN_UTILITIES):
                member = keeper
            else:
                member = chosen[role] = chosen.get(role) or self._next(role)
            offers.append(_Offer(member, service, self._rules.service(service).base, self._tariff(member, service)))
        return tuple(offers)

    def _next(self, role: str) -> Member:
        able = [member for member in self._members if member.role == role]
        turn = self._turns.get(role, 0)
        self._turns[role] = turn + 1
        return able[turn % len(able)]

    def _tariff(self, member: Member, service: str) -> Decimal:
        price = Decimal(self._rng.randint(*_TARIFFS[service])).scaleb(-4)
        if member.record.utilities:
            return self._prices.setdefault((member.bin, service), price)
        return price


def _account(
    rng: Random, house: int, serial: int, flat: int, offers: tuple[_Offer, ...], meters: Iterator[int]
) -> Account:
    number = f"{12_000 + serial:07d}" if house % 5 == 3 else f"{10_020_000 + serial}"
    area = Decimal(rng.randint(2_800, 12_000)).scaleb(-2)
    residents = rng.choices(range(7), (4, 22, 28, 22, 14, 7, 3))[0]
    quantity = {"м²": area, "чел.": Decimal(residents), "кв.": Decimal(1), "счётчик": Decimal(8)}
    mood = rng.random()
    lines = tuple(_line(rng, offer, quantity, mood, meters) for offer in offers)
    charged = sum((line.tariff * quantity[line.base] + line.balance for line in lines), Decimal(0))
    email = f"kv{serial}@zhiltsy.example" if rng.random() < 0.05 else ""
    return Account(number, str(flat), person(rng), area, residents, email, lines, charged.quantize(_CENT))


def _line(rng: Random, offer: _Offer, quantity: Mapping[str, Decimal], mood: float, meters: Iterator[int]) -> Line:
    month = offer.tariff * quantity[offer.base]
    balance = Decimal(0)
    if mood > 0.9:  # paid ahead
        balance = -month * rng.randint(10, 250) / 100
    elif mood > 0.55:  # owes
        balance = month * rng.randint(15, 320) / 100
    return Line(
        offer.member,
        offer.service,
        offer.base,
        offer.tariff,
        balance.quantize(_CENT),
        _meters(rng, offer.service, meters),
    )


def _meters(rng: Random, service: str, serial: Iterator[int]) -> tuple[Meter, ...]:
    if service not in _METERS:
        return ()
    prefix, least, most = _METERS[service]
    several = 2 if service == "cold_water" and rng.random() < 0.1 else 1
    return tuple(
        Meter(
            f"{prefix}-{next(serial)}",
            Decimal(rng.randint(200, 9_000)).scaleb(-1),
            Decimal(rng.randint(least, most)).scaleb(-1),
        )
        for _ in range(several)
    )
