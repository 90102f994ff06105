"""4.1.7: over random weeks of banks' files in every format, every tenge is in exactly one place each night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from inbox_worker.deciding.suspense_acts import assign_payment, return_payment
from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.assign import Belongs
from inbox_worker.month.confirming import settle_manually
from inbox_worker.month.distributing import distribute
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.ordering import make_orders
from inbox_worker.month.places import find_places
from inbox_worker.month.suspense import find_waiting
from tests.support.bank_files import BANK, DAY, Paid, as_dbf, operations, printed
from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, customer, line, moment, payment
from tests.support.papers import workbook

FIRST, CLOSES = date(2026, 9, 1), date(2026, 10, 1)
KNOWN, STRANGE = ("10020030", "10020031"), "10020049"
OTHER = "HSBKKZKX"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", KNOWN[0], "maintenance", base="кв.", tariff="150", balance="300"),
        line("B", KNOWN[0], "cleaning", base="кв.", tariff="250"),
        line("A", KNOWN[1], "maintenance", base="кв.", tariff="100"),
    )
    common = {"name": "АО «Банк»", "emails": "b@bank.example", "iban": "KZ28722S000001013958"}
    one = {**common, "bic": BANK, "format": "1C", "transfer_fee": "20", "order_limit": "400"}
    other = {**common, "bic": OTHER, "format": "XLSX", "iban": "KZ248562203110182134"}
    assert office.load("banks", [one, other], "2026-09-01").outcome == "accepted"


office = copies_of(town)


@dataclass(frozen=True)
class File:
    """A bank's register of one day: what it says, and how it is written."""

    bank: str
    day: date
    paid: tuple[Paid, ...]
    kind: str

    @property
    def sum(self) -> D:
        return sum((one.amount for one in self.paid), D(0))


@dataclass
class Weeks:
    """Random weeks: what banks brought in truth, counted beside the program."""

    office: TownOffice
    random: Random
    brought: D = D(0)
    numbers: int = 0
    files: list[File] = field(default_factory=list)
    standing: list[tuple[str, Paid]] = field(default_factory=list)  # paid, not taken back, not returned by staff

    def run(self, nights: int) -> None:
        day = FIRST
        for _ in range(nights):
            day += timedelta(days=self.random.randint(4, 10))
            if day > CLOSES and not list_closed_months(self.office.office):
                self.office.close("2026-09")
            for act in (self.send_new, self.send_again, self.send_wrong, self.take_back, self.look_at_suspense):
                if act == self.send_new or self.random.random() < 0.5:
                    act(day)
                    self.look(act.__name__)
            self.pass_on(day)
            self.look("pass_on")

    def look(self, after: str) -> None:
        places = find_places(self.office.office)
        assert (places.lost, places.received - places.returned) == (0, self.brought), after
        orders = self.office.office.journal.transfers.orders([OrderState.TRANSFERRED])
        assert places.transferred + places.fees_passed == sum((order.amount for order in orders), D(0)), after

    def send_new(self, day: date) -> None:
        """A register that comes on its day, days late, or of a day before the first month."""
        paid = [self._pay() for _ in range(self.random.randint(1, 3))]
        taken = day - timedelta(days=self.random.choice([0, 0, 1, 6, 45]))
        file = File(self.random.choice([BANK, OTHER]), taken, tuple(paid), self.random.choice(sorted(WRITE)))
        assert self._load(file, day).outcome == "accepted"
        self._count(file, paid)

    def send_again(self, day: date) -> None:
        """An earlier register in another format with more payments: only these are new."""
        old = self.random.choice(self.files)
        more = [self._pay() for _ in range(self.random.randint(0, 2))]
        file = File(old.bank, old.day, (*old.paid, *more), self.random.choice(sorted(WRITE)))
        answer = self._load(file, day)
        assert answer.outcome in ("accepted", "duplicate"), answer.codes
        self._count(file, more)
        if not more:
            self.files.pop()

    def send_wrong(self, day: date) -> None:
        """A correction with another sum, and a register that is not its control row: nothing of either counts."""
        old = self.random.choice(self.files)
        first, *rest = old.paid
        changed = File(old.bank, old.day, (Paid(first.number, first.account, first.amount + 1), *rest), old.kind)
        assert "row.conflict" in self._load(changed, day).errors
        rows = [_as_row(old.bank, day, self._pay())]
        assert self.office.load("bank_register", rows, f"{day}", Сумма="1.01").outcome == "rejected"

    def take_back(self, day: date) -> None:
        """A payment, or a part of it; also over months, of suspense, and of what was passed on."""
        if not self.standing:
            return
        bank, one = self.standing.pop(self.random.randrange(len(self.standing)))
        part = self.random.choice([one.amount, one.amount, (one.amount / 3).quantize(D("0.01"))])
        back = Paid(one.number, one.account, -part)
        file = File(bank, day, (back,), self.random.choice(sorted(WRITE)))
        answer = self._load(file, day)
        assert answer.outcome == "accepted", answer.codes
        self.brought -= part

    def look_at_suspense(self, day: date) -> None:
        """Staff assign a payment or send it back; a bank takes back nothing of what was sent back."""
        waiting = [one for one in find_waiting(self.office.office) if one.amount > 0]
        if not waiting:
            return
        one, now = self.random.choice(waiting), moment(f"{day}")
        if self.random.random() < 0.5:
            assign_payment(self.office.office, one.id, Belongs(KNOWN[1], "any", "any"), "звонок", now)
            return
        return_payment(self.office.office, one.id, "поручение 7", now)
        self.brought -= one.amount
        self.standing = [(bank, paid) for bank, paid in self.standing if (bank, paid.number) != (one.bank, one.number)]

    def pass_on(self, day: date) -> None:
        now = moment(f"{day}")
        if self.random.random() < 0.7:
            distribute(self.office.office, now)
        if self.random.random() < 0.7:
            make_orders(self.office.office, now)
        for order in self.office.office.journal.transfers.orders([OrderState.ORDERED]):
            if self.random.random() < 0.6:
                state = self.random.choice([OrderState.TRANSFERRED, OrderState.TRANSFERRED, OrderState.REJECTED])
                settle_manually(self.office.office, order.number, state, "банк", now)

    def _pay(self) -> Paid:
        self.numbers += 1
        amount = D(self.random.randint(1, 9_000_000)).scaleb(-2)
        return Paid(str(70_000 + self.numbers), self.random.choice([*KNOWN, *KNOWN, STRANGE]), amount)

    def _load(self, file: File, day: date) -> Answer:
        data = WRITE[file.kind](self.office, file)
        return self.office.hand_in_bytes(data, received=f"{day}", mailbox="load")

    def _count(self, file: File, fresh: list[Paid]) -> None:
        self.files.append(file)
        self.standing += [(file.bank, one) for one in fresh]
        self.brought += sum((one.amount for one in fresh), D(0))


def _as_row(bank: str, day: date, one: Paid) -> Row:
    return payment(one.account, f"{one.amount:.2f}", day=f"{day:%d.%m.%Y}", number=one.number, bank=bank)


def _as_blank(office: TownOffice, file: File) -> bytes:
    rows = [_as_row(file.bank, file.day, one) for one in file.paid]
    head = {"Количество": len(rows), "Сумма": f"{file.sum:.2f}"}
    return workbook(office.office.rules.forms["bank_register"], rows, head, str(office._next_book()))


def _of_layout(make: Callable[..., bytes]) -> Callable[[TownOffice, File], bytes]:
    """A file as the layout's sample is made, of another bank and day."""

    def write(office: TownOffice, file: File) -> bytes:
        data = make(file.paid)
        spelled = {BANK: file.bank, DAY: f"{file.day:%d.%m.%Y}", "20260905": f"{file.day:%Y%m%d}"}
        for old, new in spelled.items():
            data = data.replace(old.encode("ascii"), new.encode("ascii"))
        return data

    return write


def _operations(office: TownOffice, file: File) -> bytes:
    return operations(file.paid, bank=file.bank, day=f"{file.day:%d.%m.%Y}")


WRITE: dict[str, Callable[[TownOffice, File], bytes]] = {
    "blank": _as_blank, "print": _of_layout(printed), "dbf": _of_layout(as_dbf), "operations": _operations,
}  # fmt: skip


SEEDS = [(0, 5), *(pytest.param(seed, 9, marks=pytest.mark.slow) for seed in range(1, 16))]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "nights"), SEEDS)
def test_every_tenge_is_in_one_place_each_night(office: TownOffice, seed: int, nights: int) -> None:
    """New, late, overlapping and repeated registers in four formats, corrections, reversals over a close, suspense
    that staff assign and return, distribution, orders that come back: the places add up to what banks brought."""
    weeks = Weeks(office, Random(seed))
    weeks.run(nights)
    assert len({file.kind for file in weeks.files}) > 1
    distribute(office.office, moment("2026-11-30"))
    places = find_places(office.office)
    assert (places.posted, places.lost) == (0, 0)
