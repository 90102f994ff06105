"""Customers of the town: every kind of the contract, with requisites that pass their check digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain, cycle, islice
from random import Random

from inbox_worker.core.model import Customer
from inbox_worker.demo.names import BANKS, NAMES, make_addresses, make_bin, make_iban, make_iin, make_person

LEAST_CUSTOMERS = 20

MANAGEMENT = ("osi", "company", "manager")
_SUPPLIERS = ("heat", "water", "power", "gas")


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of the town: its record in the register, what it does, its e-mail domain."""

    record: Customer
    role: str
    domain: str

    @property
    def bin(self) -> str:
        return self.record.bin

    @property
    def manages(self) -> bool:
        """It keeps houses (ОСИ, company or manager of a house)."""
        return self.role in MANAGEMENT


def make_customers(rng: Random, count: int) -> tuple[Member, ...]:
    """Return that many customers; the first twenty cover every kind. Raises ValueError below twenty.

    The first two ОСИ have `Коммунальные строки` = да, as have all suppliers: they bill water and heating
    themselves. Two customers write from several addresses.
    """
    if count < LEAST_CUSTOMERS:
        raise ValueError(f"a town needs at least {LEAST_CUSTOMERS} customers, not {count}")
    roles = islice(chain(NAMES["first_roles"], cycle(NAMES["more_roles"])), count)
    met: dict[str, int] = {}
    bins: set[str] = set()
    members = []
    for index, (role, address) in enumerate(zip(roles, make_addresses(rng, count), strict=True)):
        turn = met.get(role, 0)
        met[role] = turn + 1
        members.append(_member(rng, index, role, turn, address, bins))
    return tuple(members)


def _member(rng: Random, index: int, role: str, turn: int, address: str, bins: set[str]) -> Member:
    names = NAMES["customers"][role]
    name, domain = names[turn % len(names)]
    if turn >= len(names):
        again = turn // len(names) + 1
        name, domain = f"{name} № {again}", f"{domain}-{again}"
    head = make_person(rng)
    if role == "manager":
        surname, first, patronymic = head.split()
        name = f"ИП {surname} {first[0]}. {patronymic[0]}."
    number = _make_unused(rng, role, bins)
    bic = rng.choice(tuple(BANKS))
    signed = date(rng.randint(2023, 2025), rng.randint(1, 12), rng.randint(1, 28))
    several = index in (2, 17)
    record = Customer(
        bin=number,
        name=name,
        kind=NAMES["kinds"][role],
        contract=f"{101 + index}-ИТ",
        contract_date=signed,
        valid_until=date(signed.year + 4, 12, 31) if index % 3 == 0 else None,
        emails=tuple(f"{box}@{domain}.example" for box in (("office", "buh", "abonent") if several else ("office",))),
        bic=bic,
        iban=make_iban(rng, bic),
        kbe="19" if role in ("osi", "manager") else "17",
        head=head,
        address=address,
        utilities=role in _SUPPLIERS or (role == "osi" and turn < 2),
        contact=make_person(Random(f"contact {number}")),  # noqa: S311 - a sample, and its own: the town stays as it was
        phone=f"+7 727 3{int(number[-6:]) % 90 + 10} {int(number[-4:-2]):02} {int(number[-2:]):02}",
    )
    return Member(record, role, domain)


def _make_unused(rng: Random, role: str, bins: set[str]) -> str:
    make = make_iin if role == "manager" else make_bin
    number = make(rng)
    while number in bins:
        number = make(rng)
    bins.add(number)
    return number
