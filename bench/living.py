"""Months of a town that lives, in a process of its own; prints each close's processor seconds and the peak as JSON.

`python -m bench.living HOME ACCOUNTS MONTHS [penalty]`: posts and closes so many months, beginning with the town's
first; with `penalty` a notice of penalty stands on every line from the first month on (4.1.6).
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa

from bench.measure import peak_memory
from bench.samples import RECEIVED, customers
from bench.towns import (
    ACCOUNTS_A_FILE,
    CLOSED,
    MEMBERS,
    METERED,
    SERVICES,
    Numbers,
    Poster,
    accounts,
    decimal,
    readings,
)
from inbox_worker.core.model import Arrival, Customer, Outcome, Period
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.open_office import open_office
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.month.months import close_month
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.settings.home import load_home

UNREAD, CORRECTED, RECALCULATED = 33, 300, 200  # one account of so many in a month


def main() -> None:
    """Prints one JSON object of numbers: `1`, `2`, ... processor seconds of each month's close; `clock 1`, ... its
    seconds by the clock; `peak` memory."""
    folder, count, months = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    home, found = load_home(folder), {}
    with lock_for_writing(home), open_office(home) as office:
        if "penalty" in sys.argv[4:]:
            _post_notices(office)
        for number in range(1, months + 1):
            month = CLOSED.plus(number - 1)
            if number > 1:
                post_month(office, month, number, np.arange(count))
            after = datetime(month.plus(1).year, month.plus(1).month, 5, 10, tzinfo=ALMATY)
            begun, clock = process_time(), perf_counter()
            close_month(office, month, after)
            found[str(number)], found[f"clock {number}"] = process_time() - begun, perf_counter() - clock
    sys.stdout.write(json.dumps({**found, "peak": peak_memory()}))


def _post_notices(office: Office) -> None:
    arrival = office.journal.arrivals.register(Arrival(0, "f" * 64, "load", "notices", RECEIVED, "", "none"))
    poster, members = Poster(office, arrival, CLOSED), customers(MEMBERS)
    schema = SCHEMAS["penalty_notice"]
    told = {"rate": "16.5", "coefficient": "1.5", "grace_days": "0", "cap": "100"}
    for service, _, whose in SERVICES:
        columns = {name: pa.array([value]).cast(schema.field(name).type) for name, value in told.items()}
        poster.post(members[whose], "penalty_notice", {
            "service": pa.array([service]), "from_date": pa.array([CLOSED.first_day]), **columns,
            "basis": pa.array(["Протокол № 5"]),
        })  # fmt: skip
    with office.journal.transaction() as connection:
        office.journal.arrivals.finish(connection, arrival.number, Outcome.ACCEPTED, "", "", ())


def post_month(office: Office, month: Period, number: int, places: Numbers) -> None:
    """A month's readings (some accounts have none), payments of every second line, corrections, recalculations, and a
    house without heating for some days."""
    arrival = office.journal.arrivals.register(Arrival(0, f"{number:064d}", "load", str(month), RECEIVED, "", "none"))
    poster = Poster(office, arrival, month)
    members = customers(MEMBERS)
    for first in range(0, len(places), ACCOUNTS_A_FILE):
        part = places[first : first + ACCOUNTS_A_FILE]
        for service, _, whose in SERVICES:
            if service in METERED:
                read = part[(part + number) % UNREAD != 0]
                poster.post(members[whose], "meter_readings", readings(service, read, month))
            poster.post_payments(members[whose], service, part[(part + number + len(service)) % 2 == 0])
    _post_rare(poster, members, month, number, places)
    with office.journal.transaction() as connection:
        office.journal.arrivals.finish(connection, arrival.number, Outcome.ACCEPTED, "", "", ())


def _post_rare(poster: Poster, members: list[Customer], month: Period, number: int, places: Numbers) -> None:
    corrected = places[(places + number) % CORRECTED == 0]
    poster.post(members[0], "directory_corrections", {
        "account": accounts(corrected),
        "indicator": pa.repeat("Площадь", len(corrected)),
        "area": decimal(450 + corrected % 200 + number, 1, 3),
        "from_date": pa.repeat(pa.scalar(month.first_day), len(corrected)),
    })  # fmt: skip
    recalculated = places[(places + number) % RECALCULATED == 0]
    poster.post(members[1], "recalculations", {
        "account": accounts(recalculated),
        "service": pa.repeat("capital_repair", len(recalculated)),
        "past_month": pa.repeat(pa.scalar(month.plus(-1).first_day), len(recalculated)),
        "amount": decimal(-1000 - recalculated % 900, 2, 2),
    })  # fmt: skip
    poster.post(members[6], "undelivered", {
        "house": pa.array([f"Д-{number}"]), "service": pa.array(["heating"]),
        "from_date": pa.array([month.first_day.replace(day=3)]), "to_date": pa.array([month.first_day.replace(day=6)]),
        "days": pa.array([4]),
    })  # fmt: skip


if __name__ == "__main__":
    main()
