"""Customers of the town: every kind of the contract, with requisites that pass their check digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain, cycle, islice
from random import Random

from inbox_worker.demo.identity import BANKS, make_bin, make_iban, make_iin
from inbox_worker.demo.people import person
from inbox_worker.demo.streets import addresses
from inbox_worker.model import Customer

LEAST_CUSTOMERS = 20

_KINDS = {
    "osi": "орган управления",
    "company": "управляющая компания",
    "manager": "управляющий домом",
    "lift": "лифтовая организация",
    "intercom": "субъект сервиса",
    "cctv": "субъект сервиса",
    "cleaning": "субъект сервиса",
    "waste": "субъект сервиса",
    "gas_maintenance": "обслуживание газового оборудования",
    "heat": "поставщик коммунальных услуг",
    "water": "поставщик коммунальных услуг",
    "power": "поставщик коммунальных услуг",
    "gas": "поставщик коммунальных услуг",
}
MANAGEMENT = ("osi", "company", "manager")
_SUPPLIERS = ("heat", "water", "power", "gas")

# role -> (name, e-mail domain) by turns; past the end the names get numbers; a manager is named by its head
_NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "osi": (
        ("ОСИ «Самал-Жұлдыз»", "samal-zhuldyz"), ("ОСИ «Төле би көктемі»", "tole-bi"),
        ("ОСИ «Абая, 44»", "abaya44"),
        ("ОСИ «Орбита-Достық»", "orbita-dostyk"), ("ОСИ «Байзақова-280»", "baizakova280"),
        ("ОСИ «Тұран үйі»", "turan-ui"), ("ОСИ «Ақсай-Нұр»", "aksai-nur"), ("ОСИ «Шаңырақ-16»", "shanyrak16"),
        ("ОСИ «Гоголя, 86»", "gogolya86"), ("ОСИ «Қайнар бұлақ»", "kainar"),
        ("ОСИ «Розыбакиева-Парк»", "rozy-park"), ("ОСИ «Үміт-2024»", "umit2024"),
    ),
    "company": (
        ("ТОО «Жайлы үй»", "zhaily"), ("ТОО «Комфортный двор»", "komfort-dvor"),
        ("ТОО «Өркен Қала»", "orken-kala"),
        ("ТОО «Мой Дом-2020»", "moydom2020"), ("ТОО «Іргетас ПИК»", "irgetas"),
        ("ТОО «Сәулетті мекен»", "saulet"),
    ),
    "manager": (("ИП", "domkom"),),
    "lift": (
        ("ТОО «Лифт-Сенім»", "lift-senim"), ("ТОО «Вертикаль-А»", "vertikal"),
        ("ТОО «Биік Лифт»", "biik-lift"),
        ("ТОО «Өрлеу Лифт»", "orleu"),
    ),
    "intercom": (("ТОО «Домофон-Қорған»", "domofon-korgan"), ("ТОО «Ваш домофон»", "vash-domofon")),
    "cctv": (("ТОО «Қырағы көз»", "kyragy-koz"), ("ТОО «Видеострайк»", "videostraik")),
    "cleaning": (("ТОО «Таза кіреберіс»", "taza"), ("ТОО «Чистый двор»", "chisty-dvor")),
    "waste": (("ТОО «Жасыл Аула ТБО»", "zhasyl-aula"),),
    "gas_maintenance": (("ТОО «Көгілдір от сервис»", "kogildir"), ("ТОО «ГазСервис-Сенім»", "gaz-senim")),
    "heat": (("ТОО «Медеу Жылу Желісі»", "medeu-zhylu"), ("ТОО «Тёплый дом Наурызбая»", "teplo-n")),
    "water": (("ТОО «Бұлақ Су Арнасы»", "bulak-su"),),
    "power": (("ТОО «Свет города Энерго»", "svet-goroda"),),
    "gas": (("ТОО «Көкжиек Газ»", "kokzhiek-gaz"),),
}  # fmt: skip
_FIRST_ROLES = (
    "osi", "osi", "company", "manager", "osi", "company", "manager", "osi", "lift", "lift", "intercom",
    "cctv", "cleaning", "waste", "gas_maintenance", "heat", "heat", "water", "power", "gas",
)  # fmt: skip
_MORE_ROLES = (
    "osi", "osi", "company", "manager", "osi", "lift", "osi", "company", "cctv", "manager", "osi", "cleaning",
    "lift", "company", "osi", "gas_maintenance", "manager", "osi", "company", "intercom", "osi",
)  # fmt: skip


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
        """Whether it keeps houses (ОСИ, company or manager of a house)."""
        return self.role in MANAGEMENT


def make_customers(rng: Random, count: int) -> tuple[Member, ...]:
    """That many customers; the first twenty cover every kind. Raises ValueError below twenty.

    The first two ОСИ have `Коммунальные строки` = да, as have all suppliers: they bill water and heating
    themselves. Two customers write from several addresses.
    """
    if count < LEAST_CUSTOMERS:
        raise ValueError(f"a town needs at least {LEAST_CUSTOMERS} customers, not {count}")
    roles = islice(chain(_FIRST_ROLES, cycle(_MORE_ROLES)), count)
    met: dict[str, int] = {}
    bins: set[str] = set()
    members = []
    for index, (role, address) in enumerate(zip(roles, addresses(rng, count), strict=True)):
        turn = met.get(role, 0)
        met[role] = turn + 1
        members.append(_member(rng, index, role, turn, address, bins))
    return tuple(members)


def _member(rng: Random, index: int, role: str, turn: int, address: str, bins: set[str]) -> Member:
    names = _NAMES[role]
    name, domain = names[turn % len(names)]
    if turn >= len(names):
        again = turn // len(names) + 1
        name, domain = f"{name} № {again}", f"{domain}-{again}"
    head = person(rng)
    if role == "manager":
        surname, first, patronymic = head.split()
        name = f"ИП {surname} {first[0]}. {patronymic[0]}."
    number = _unused(rng, role, bins)
    bic = rng.choice(tuple(BANKS))
    signed = date(rng.randint(2023, 2025), rng.randint(1, 12), rng.randint(1, 28))
    several = index in (2, 17)
    record = Customer(
        bin=number,
        name=name,
        kind=_KINDS[role],
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
    )
    return Member(record, role, domain)


def _unused(rng: Random, role: str, bins: set[str]) -> str:
    make = make_iin if role == "manager" else make_bin
    number = make(rng)
    while number in bins:
        number = make(rng)
    bins.add(number)
    return number
