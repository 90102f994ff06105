"""Homes, directories, forms and letters of a made-up size, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pyarrow as pa

from inbox_worker.cli.homes import make_home
from inbox_worker.core.identifiers import bin_check_digit
from inbox_worker.core.model import Arrival, Customer, Outcome, Period, Submission
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.open_office import open_office
from inbox_worker.demo.sheets import Filled, Style, Value, workbook
from inbox_worker.ledger.customers import CustomerVersion
from inbox_worker.ledger.facts import write_facts
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.settings.home import load_home

MONTH = Period(2026, 9)
RECEIVED = datetime(2026, 8, 20, 10, 0, tzinfo=ALMATY)
METERED = ("cold_water", "hot_water")


@dataclass(frozen=True)
class Line:
    """A line of the directory, metered when it has a meter."""

    account: str
    service: str
    meter: str = ""


def customers(count: int) -> list[Customer]:
    """Customers with right БИН, each with an address of its own."""
    found: list[Customer] = []
    number = 0
    while len(found) < count:
        number += 1
        eleven = f"0701400{number:04d}"
        digit = bin_check_digit(eleven)
        if digit is not None:
            found.append(_customer(f"{eleven}{digit}", number))
    return found


def _customer(bin: str, number: int) -> Customer:
    return Customer(
        bin=bin,
        name=f"ТОО «Су жүйесі {number}»",
        kind="поставщик",
        contract=f"{number}-26",
        contract_date=date(2026, 1, 5),
        valid_until=None,
        emails=(f"office{number}@water.example",),
        bic="CASPKZKA",
        iban="KZ28722S000001013958",
        kbe="17",
        head="Ахметов А. А.",
        address="г. Алматы",
        utilities=True,
    )


def metered_lines(count: int, first: int = 0) -> list[Line]:
    """So many metered lines, two an account: cold and hot water."""
    places = range(first, first + count)
    return [Line(f"{10_000_000 + n // 2}", METERED[n % 2], f"С-{500_000 + n}") for n in places]


def fill_home(folder: Path, directories: Mapping[Customer, Sequence[Line]]) -> None:
    """A home whose directory has these lines, as if staff had loaded the registers."""
    make_home(folder)
    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office:
        arrival = office.journal.arrivals.register(Arrival(0, "0" * 64, "load", "directory.xlsx", RECEIVED, "", "none"))
        for sequence, (customer, lines) in enumerate(directories.items(), 1):
            _load(office, arrival, sequence, customer, lines)
        with office.journal.transaction() as connection:
            office.journal.arrivals.finish(connection, arrival.number, Outcome.ACCEPTED, "", "", ())


def _load(office: Office, arrival: Arrival, sequence: int, customer: Customer, lines: Sequence[Line]) -> None:
    name = f"{arrival.id}-{sequence}"
    table = directory_table(customer.bin, lines, name, sequence)
    file = write_facts(office.home.ledger, "directory", customer.bin, MONTH.plus(-1), name, table)
    submission = Submission(
        id=name,
        arrival=arrival.number,
        ordinal=sequence,
        attachment="directory.xlsx",
        sha256=f"{sequence:064d}",
        form="directory",
        customer=customer.bin,
        outcome=Outcome.ACCEPTED,
        month=None,
        complete_at=RECEIVED,
        rows_read=len(lines),
        rows_posted=len(lines),
        rules=office.rules.version,
        sequence=sequence,
    )
    with office.journal.transaction() as connection:
        office.journal.submissions.record(connection, submission, (), (file,))
        office.journal.customers.put(connection, [CustomerVersion(customer, RECEIVED.date(), RECEIVED, "", name)])


def directory_table(bin: str, lines: Sequence[Line], submission: str, sequence: int) -> pa.Table:
    """Directory facts of the lines; houses have 60 accounts each."""
    count, first = len(lines), MONTH.plus(-1).first_day
    houses = [int(line.account) // 60 for line in lines]
    tariffs = [Decimal(1000 + n % 700) / 10 for n in range(count)]
    return pa.table(
        {
            "house": pa.array([f"Д-{house}" for house in houses]),
            "address": pa.array([f"г. Алматы, мкр. Самал, д. {house}" for house in houses]),
            "flat": pa.array([str(int(line.account) % 60 + 1) for line in lines]),
            "account": pa.array([line.account for line in lines]),
            "name": pa.array([f"Әбдірахманов Қ. {line.account}" for line in lines]),
            "area": pa.array([Decimal(400 + n % 300) / 10 for n in range(count)], pa.decimal128(18, 3)),
            "residents": pa.array([1 + n % 5 for n in range(count)], pa.int64()),
            "service": pa.array([line.service for line in lines]),
            "base": pa.array(["счётчик" if line.meter else "м²" for line in lines]),
            "tariff": pa.array(tariffs, pa.decimal128(18, 4)),
            "meter": pa.array([line.meter or None for line in lines], pa.string()),
            "reading": pa.array([previous(n) if lines[n].meter else None for n in range(count)], pa.decimal128(18, 3)),
            "from_month": pa.repeat(pa.scalar(first), count),
            "balance": pa.array([Decimal(n % 9000) - 500 for n in range(count)], pa.decimal128(18, 2)),
            "customer": pa.repeat(bin, count),
            "month": pa.repeat(pa.scalar(first), count),
            "submission": pa.repeat(submission, count),
            "sequence": pa.repeat(pa.scalar(sequence, pa.int64()), count),
            "sheet": pa.repeat("Справочник", count),
            "row": pa.array(range(2, count + 2), pa.int32()),
        }
    )


def previous(place: int) -> Decimal:
    """The last counted value of the directory's line at that place."""
    return Decimal(100_000 + place % 50_000) / 1000


def readings_form(office: Office, customer: Customer, lines: Sequence[Line], first: int = 0) -> bytes:
    """A `meter_readings` form as Excel writes it: shared strings, date cells, numbers. `first`: the place of
    the first line in the Customer's directory."""
    rows = list(_readings(office, lines, first))
    filled = Filled(rows, customer.bin, customer.name, MONTH.form_text)
    return workbook(office.rules.forms["meter_readings"], filled, Style(sheet="Показания"))


def _readings(office: Office, lines: Sequence[Line], first: int) -> Iterator[Mapping[str, Value]]:
    for place, line in enumerate(lines, first):
        yield {
            "account": line.account,
            "service": office.rules.service(line.service).ru,
            "meter": line.meter,
            "previous": previous(place),
            "current": previous(place) + Decimal(1 + place % 12) + Decimal(place % 1000) / 1000,
            "taken_on": date(2026, 8, 15 + place % 5),
        }


def letter(customer: Customer, name: str, data: bytes) -> bytes:
    """An e-mail of the Customer with one workbook, as its mail server handed it over."""
    message = EmailMessage()
    message["Received"] = f"from mail.water.example by mail.alseco.example; {format_datetime(RECEIVED)}"
    message["From"] = customer.emails[0]
    message["To"] = "BigOperators@alseco.example"
    message["Subject"] = "Показания"
    message["Message-ID"] = f"<{name}@water.example>"
    message.set_content("Добрый день! Показания во вложении.")
    message.add_attachment(
        data,
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename=f"{name}.xlsx",
    )
    return message.as_bytes()
