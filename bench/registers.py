"""A bank's register: allocation over lines and the fee withheld, against bare reading of the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import process_time

from bench.measure import MIB, Result, in_fresh_process, reader_seconds
from bench.samples import MONTH, Line, customers, fill_home
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office
from inbox_worker.demo.sheets import Filled, Style, Value, workbook
from inbox_worker.month.office import lock_for_writing
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader

SERVICES = ("maintenance", "capital_repair", "heating")
LOADED = datetime(MONTH.year, MONTH.month, 2, 10, tzinfo=ALMATY)
PAID = MONTH.plus(-1)
MOST_SECONDS = 2.0


def registers(folder: Path, quick: bool) -> Result:
    """Payments of 100 000 accounts with three lines each, one in ten paid twice, from raw bytes to committed facts,
    against bare python-calamine; in seconds of CPU. The first, small register has warmed the process up."""
    accounts = 2_000 if quick else 100_000
    [customer] = customers(1)
    home = folder / "home"
    names = [f"{10_000_000 + n}" for n in range(accounts)]
    fill_home(home, {customer: [Line(name, service) for name in names for service in SERVICES]})
    register, warm = folder / "register.xlsx", folder / "warm.xlsx"
    count = write_register(home, register, list(_payments(names, 1)))
    write_register(home, warm, list(_payments(names[:10], 10 * accounts)))
    bare = in_fresh_process("bench.one_form", ["bare", str(register)])
    seconds, rows = _load(home, warm, register)
    return Result(
        "registers",
        (
            f"{count} payments of {accounts} accounts with {len(SERVICES)} lines each, "
            f"{register.stat().st_size / MIB:.1f} MiB xlsx",
            f"bare calamine to lists        {bare['cpu']:6.2f} s of CPU",
            f"read, allocated, fee, posted  {seconds:6.2f} s of CPU = {seconds / bare['cpu']:.1f} x bare, "
            f"{rows / seconds:,.0f} payments a second (target: under {MOST_SECONDS:g} s)",
        ),
        seconds < MOST_SECONDS,
    )


def _payments(names: list[str], first: int) -> Iterator[Mapping[str, Value]]:
    """Each account pays a sum of its own; one in ten pays again."""
    for turn in (1, 10):
        for place, name in enumerate(names[::turn]):
            number = first + (0 if turn == 1 else len(names)) + place
            amount = Decimal(100 + number * 7919 % 1_500_000) / 100
            paid = date(PAID.year, PAID.month, 1 + number % 28)
            yield {"bank": "CASPKZKA", "paid_on": paid, "number": str(number), "account": name, "amount": amount}


def write_register(home: Path, file: Path, rows: list[Mapping[str, Value]]) -> int:
    rule = load_rules(load_home(home).rules).forms["bank_register"]
    total = sum((row["amount"] for row in rows if isinstance(row["amount"], Decimal)), Decimal(0))
    control: Mapping[str, Value] = {"number": len(rows), "amount": total}
    file.write_bytes(workbook(rule, Filled(rows, total=control), Style(sheet="Реестр")))
    return len(rows)


def _load(folder: Path, warm: Path, register: Path) -> tuple[float, int]:
    """Seconds of CPU of both processes, and rows posted."""
    home = load_home(folder)
    with lock_for_writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        pipeline = Pipeline(office, reader)
        pipeline.ingest(Incoming(warm.read_bytes(), warm.name, "load", LOADED))
        before = process_time() + reader_seconds(reader.pid)
        arrival = pipeline.ingest(Incoming(register.read_bytes(), register.name, "load", LOADED))
        seconds = process_time() + reader_seconds(reader.pid) - before
        submission = office.journal.submissions.of_arrival(arrival.number)[0]
    if not submission.rows_posted:
        raise RuntimeError(f"the bench's register was not posted: {submission}")
    return seconds, submission.rows_posted
