"""Months: a close against bare Parquet, documents against bare docxtpl and bare xlsxwriter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from bench.measure import Result, in_fresh_process, processor
from bench.peers import bare_act, bare_turnover, cells_of
from bench.samples import METERED, Line, customers, fill_home
from bench.towns import AFTER, CLOSED, make_town
from bench.towns import SERVICES as TOWN_SERVICES
from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData
from inbox_worker.deciding.open_office import open_office
from inbox_worker.documents.act import render_act
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.month.months import close_month
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.settings.home import Home, load_home

SERVICES = ("maintenance", "capital_repair", "heating", *METERED)
LEAST_ACTS, MOST_WORKBOOK = 1.0, 0.25


TIMES_BARE, PEAK = 3.0, 1.5 * 2**30


def close(folder: Path, quick: bool) -> Result:
    """The close of 1 M accounts with 10 services each, in a fresh process, against reading the same facts and reading
    and writing the same close. Target: at most 3 times that, under 1.5 GiB."""
    return close_of(folder, 2_000 if quick else 1_000_000)


def close_big(folder: Path, quick: bool) -> Result:
    """The same of 3 M accounts; only when asked for by name."""
    return close_of(folder, 6_000 if quick else 3_000_000)


def close_huge(folder: Path, quick: bool) -> Result:
    """The same of 6 M accounts, a country; only when asked for by name."""
    return close_of(folder, 12_000 if quick else 6_000_000)


def close_of(folder: Path, accounts: int) -> Result:
    """A town of so many accounts: made, closed, and its Parquet copied."""
    home = make_town(folder / "home", accounts)
    found = in_fresh_process("bench.close_once", [str(folder / "home")])
    rows = pq.read_metadata(home.ledger / "closes" / str(CLOSED) / "lines.parquet").num_rows
    if rows != accounts * len(TOWN_SERVICES):
        raise RuntimeError(f"the bench's close has {rows} lines, not {accounts * len(TOWN_SERVICES)}")
    bare = in_fresh_process("bench.close_once", [str(folder / "home"), str(folder / "copy")])
    times = found["seconds"] / bare["seconds"]
    return Result(
        "close",
        (
            f"{accounts} accounts x {len(TOWN_SERVICES)} services = {rows} lines",
            f"computed, proved, frozen {found['seconds']:6.2f} s, {rows / found['seconds']:,.0f} lines a second",
            f"bare Parquet in and out  {bare['seconds']:6.2f} s  (takes {times:.2f} x, target {TIMES_BARE:g})",
            f"processor time           {found['cpu']:6.2f} s, bare {bare['cpu']:.2f} s",
            f"peak memory              {found['peak'] / 2**20:6.0f} MiB (target {PEAK / 2**20:.0f} MiB)",
        ),
        met=times <= TIMES_BARE and found["peak"] <= PEAK,
    )


def documents(folder: Path, quick: bool) -> Result:
    """Acts against docxtpl that opens its template anew for each; a turnover statement of 50 000 rows against bare
    xlsxwriter, constant_memory, with the same cells in the same formats. Processor time: a busy machine disturbs less.
    """
    accounts, acts, runs = (400, 5, 1) if quick else (10_000, 50, 3)
    home = town(folder / "home", accounts, 1)
    [customer] = customers(1)
    with lock_for_writing(home), open_office(home) as office:
        close_month(office, CLOSED, AFTER)
        data = MonthFacts(office, CLOSED).of([customer.bin])
        _act(office, customer, data)  # the first one loads what the service has loaded
        ours = processor(lambda: [_act(office, customer, data) for _ in range(acts)])
        peer = processor(lambda: [bare_act(home.document_template("act.docx")) for _ in range(acts)])
        few = replace(data, lines=data.lines.slice(0, 100))
        render_turnover(few, customer, home.operator, office.rules)
        made: list[bytes] = []
        turnover, formatted, cells = [], [], []
        for _ in range(runs):
            turnover.append(
                processor(lambda: made.append(render_turnover(data, customer, home.operator, office.rules)[0].data))
            )
            cells = cells or cells_of(made[0])
            formatted.append(processor(partial(bare_turnover, cells)))
    rows, took, bare = data.lines.num_rows, min(turnover), min(formatted)
    return Result(
        "documents",
        (
            f"acts      {acts / ours:8.1f} a second, bare docxtpl {acts / peer:.1f}: {peer / ours:.2f} x as fast "
            f"(target: at least {LEAST_ACTS:g} x)",
            f"turnover  {rows / took:8.0f} rows a second: {rows} rows in {took:.2f} s, the best of {runs}",
            f"bare xlsxwriter, the same cells and formats: {bare:.2f} s; turnover takes {took / bare:.2f} x "
            f"(target: at most {MOST_WORKBOOK:g} x)",
        ),
        met=peer / ours >= LEAST_ACTS and took / bare <= MOST_WORKBOOK,
    )


def town(folder: Path, accounts: int, members: int) -> Home:
    """A home with its directory: so many accounts shared among so many Customers, five services each."""
    each = accounts // members
    lines = {
        customer: [
            Line(f"{10_000_000 + number * each + n}", service, f"С-{n}" if service in METERED else "")
            for n in range(each)
            for service in SERVICES
        ]
        for number, customer in enumerate(customers(members))
    }
    fill_home(folder, lines)
    return load_home(folder)


def _act(office: Office, customer: Customer, data: CloseData) -> bytes:
    template = (office.home.templates / "documents" / "act.docx").read_bytes()
    return render_act(data, customer, office.home.operator, office.rules, "2026-00001", AFTER.date(), template).data
