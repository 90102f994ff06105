"""A whole town's postings, made whole columns at a time: a directory, readings and payments of any size.

Every account has ten services of ten Customers (water's Customer serves cold and hot water and both sewerages).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.samples import MONTH, RECEIVED, customers
from inbox_worker.cli.homes import make_home
from inbox_worker.core.model import Arrival, Customer, FactFile, Outcome, Period, Submission
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.open_office import open_office
from inbox_worker.ledger.customers import CustomerVersion
from inbox_worker.ledger.facts import write_facts
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.settings.home import Home, load_home

# service, what it is charged by, which Customer's it is
SERVICES = (
    ("maintenance", "м²", 0), ("capital_repair", "м²", 1), ("lift", "чел.", 2), ("intercom", "кв.", 3),
    ("cleaning", "кв.", 4), ("waste", "чел.", 5), ("heating", "м²", 6), ("electricity", "счётчик", 7),
    ("cold_water", "счётчик", 8), ("cold_sewerage", "счётчик", 8),
)  # fmt: skip
MEMBERS = 9
METERED = ("electricity", "cold_water")
CLOSED = MONTH.plus(-1)  # the month that the town begins with
AFTER = datetime(MONTH.year, MONTH.month, 5, 10, tzinfo=ALMATY)
ACCOUNTS_A_FILE = 250_000  # nobody sends a register of ten million rows
Numbers = npt.NDArray[np.int64]


def make_town(folder: Path, accounts: int) -> Home:
    """A home as if registers, readings and payments of so many accounts x 10 services were posted.

    Every metered line has a reading; every second line was paid, a payment a line, without penalty.
    """
    make_home(folder)
    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office:
        arrival = office.journal.arrivals.register(Arrival(0, "0" * 64, "load", "town", RECEIVED, "", "none"))
        poster = Poster(office, arrival)
        for first in range(0, accounts, ACCOUNTS_A_FILE):
            places = np.arange(first, min(first + ACCOUNTS_A_FILE, accounts))
            for member, customer in enumerate(customers(MEMBERS)):
                for service, base, whose in SERVICES:
                    if whose == member:
                        poster.post_line(customer, service, base, places)
        with office.journal.transaction() as connection:
            office.journal.arrivals.finish(connection, arrival.number, Outcome.ACCEPTED, "", "", ())
    return home


class Poster:
    """Posts facts of a month, a submission a file."""

    def __init__(self, office: Office, arrival: Arrival, month: Period = CLOSED) -> None:
        self.office, self.arrival, self.month = office, arrival, month
        self.sequence = office.journal.submissions.next_sequence() - 1

    def post_line(self, customer: Customer, service: str, base: str, places: Numbers) -> None:
        """The same service of many accounts: its directory, its readings, its payments."""
        self.post(customer, "directory", _directory(service, base, places))
        if service in METERED:
            self.post(customer, "meter_readings", readings(service, places, CLOSED))
        self.post_payments(customer, service, places[(places + len(service)) % 2 == 0])

    def post_payments(self, customer: Customer, service: str, places: Numbers) -> None:
        """A payment of the month for each of these accounts, wholly its line's."""
        paid = _payments(service, customer.bin, places, self.month)
        self.post(customer, "bank_register", paid)
        self.post(customer, "allocations", paid)

    def post(self, customer: Customer, kind: str, columns: dict[str, pa.Array]) -> None:
        self.sequence += 1
        name, rows = f"{self.arrival.id}-{self.sequence}", len(next(iter(columns.values())))
        common = {
            "customer": pa.repeat(customer.bin, rows),
            "month": pa.repeat(pa.scalar(self.month.first_day), rows),
            "submission": pa.repeat(name, rows),
            "sequence": pa.repeat(pa.scalar(self.sequence, pa.int64()), rows),
            "sheet": pa.repeat("Лист1", rows),
            "row": pa.array(np.arange(2, rows + 2), pa.int32()),
        }
        table = pa.table({**columns, **common})
        file = write_facts(self.office.home.ledger, kind, customer.bin, self.month, name, table)
        with self.office.journal.transaction() as connection:
            self.office.journal.submissions.record(
                connection, self._submission(customer, kind, name, file), (), (file,)
            )
            self.office.journal.customers.put(
                connection, [CustomerVersion(customer, RECEIVED.date(), RECEIVED, "", name)]
            )

    def _submission(self, customer: Customer, kind: str, name: str, file: FactFile) -> Submission:
        return Submission(
            id=name, arrival=self.arrival.number, ordinal=self.sequence, attachment="town.xlsx",
            sha256=f"{self.sequence:064d}", form=kind, customer=customer.bin, outcome=Outcome.ACCEPTED, month=None,
            complete_at=RECEIVED, rows_read=file.rows, rows_posted=file.rows, rules=self.office.rules.version,
            sequence=self.sequence,
        )  # fmt: skip


def _directory(service: str, base: str, places: Numbers) -> dict[str, pa.Array]:
    house = places // 60
    columns = {
        "account": accounts(places),
        "house": _text("Д-", house),
        "address": _text("г. Алматы, мкр. Самал, д. ", house),
        "flat": _text("", places % 60 + 1),
        "name": _text("Әбдірахманов Қ. ", places),
        "area": decimal(400 + places % 300, 1, 3),
        "residents": pa.array(1 + places % 5),
        "service": pa.repeat(service, len(places)),
        "base": pa.repeat(base, len(places)),
        "tariff": decimal(1000 + (house * 7 + len(service)) % 700, 1, 4),
        "from_month": pa.repeat(pa.scalar(CLOSED.first_day), len(places)),
        "balance": decimal((places * 37 + len(service)) % 900_000 - 50_000, 2, 2),
    }
    if service in METERED:
        columns |= {"meter": _text("С-", places), "reading": decimal(_last(places), 3, 3)}
    return columns


def readings(service: str, places: Numbers, month: Period) -> dict[str, pa.Array]:
    """A reading of each account's meter, a month's consumption after that of the month before."""
    months = (month.year - CLOSED.year) * 12 + month.month - CLOSED.month
    used = 1000 + places % 12_000
    return {
        "account": accounts(places),
        "service": pa.repeat(service, len(places)),
        "meter": _text("С-", places),
        "previous": decimal(_last(places) + months * used, 3, 3),
        "current": decimal(_last(places) + (months + 1) * used, 3, 3),
        "taken_on": pa.repeat(pa.scalar(month.first_day - timedelta(days=12)), len(places)),
    }


def _payments(service: str, payee: str, places: Numbers, month: Period) -> dict[str, pa.Array]:
    amount = 50_000 + places % 400_000
    fee = (amount * 12 + 500) // 1000  # 1.2 %, half up
    day = month.first_day
    return {
        "payment": _text(f"{month}-{service}-", places),
        "bank": pa.repeat("CASPKZKA", len(places)),
        "paid_on": pa.repeat(pa.scalar(date(day.year, day.month, 21)), len(places)),
        "number": _text("", places),
        "account": accounts(places),
        "payee": pa.repeat(payee, len(places)),
        "service": pa.repeat(service, len(places)),
        "amount": decimal(amount, 2, 2),
        "opening_part": decimal(0 * amount, 2, 2),
        "month_part": decimal(amount, 2, 2),
        "opening_penalty_part": decimal(0 * amount, 2, 2),
        "penalty_part": decimal(0 * amount, 2, 2),
        "advance_part": decimal(0 * amount, 2, 2),
        "percent": pc.cast(pa.repeat(pa.scalar("1.2000"), len(places)), pa.decimal128(9, 4)),
        "fee": decimal(fee, 2, 2),
    }


def _last(places: Numbers) -> Numbers:
    """The last counted value of a meter, in thousandths."""
    return 100_000 + places % 50_000


def accounts(places: Numbers) -> pa.Array:
    """The accounts at these places."""
    return _text("", 10_000_000 + places)


def _text(before: str, numbers: Numbers) -> pa.Array:
    texts = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(pa.scalar(before), texts, pa.scalar("")) if before else texts


def decimal(numbers: Numbers, scale: int, shown: int) -> pa.Array:
    """Whole numbers of 10**-scale as decimals with so many places."""
    whole = pc.cast(pa.array(numbers * 10 ** (shown - scale)), pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(18, shown), len(whole), whole.buffers())
