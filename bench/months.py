"""Months: a close against bare Parquet, documents against bare docxtpl and bare xlsxwriter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from bench.measure import Result, beside_asked, in_fresh_process, processor
from bench.peers import bare_act, bare_turnover, cells_of
from bench.samples import METERED, Line, customers, fill_home
from bench.towns import AFTER, CLOSED, make_town
from bench.towns import SERVICES as TOWN_SERVICES
from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Rendered
from inbox_worker.deciding.open_office import open_office
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.debtors import render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.month.months import close_month
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.settings.home import Home, load_home
from inbox_worker.settings.ledger_config import memory_bytes

SERVICES = ("maintenance", "capital_repair", "heating", *METERED)
LEAST_ACTS = 1.0
LEAST_TIMES, LEAST_ROWS = 8, 90_000  # of a statement beside bare xlsxwriter, and a second and core

TIMES_BARE = 3.0


def close(folder: Path, quick: bool) -> Result:
    """The close of 1 M accounts with 10 services each, in a fresh process, against reading the same facts and reading
    and writing the same close. Target: at most 3 times that, within the memory that the home's config.yaml allows."""
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
    times, allowed = found["seconds"] / bare["seconds"], memory_bytes(home.config.ledger.memory)
    return Result(
        "close",
        (
            f"{accounts} accounts x {len(TOWN_SERVICES)} services = {rows} lines",
            f"computed, proved, frozen {found['seconds']:6.2f} s, {rows / found['seconds']:,.0f} lines a second",
            f"bare Parquet in and out  {bare['seconds']:6.2f} s  (takes {times:.2f} x, target {TIMES_BARE:g})",
            f"processor time           {found['cpu']:6.2f} s, bare {bare['cpu']:.2f} s",
            f"peak memory              {found['peak'] / 2**20:6.0f} MiB (target {allowed / 2**20:.0f} MiB: `memory`)",
        ),
        met=times <= TIMES_BARE and found["peak"] <= allowed,
    )


def documents(folder: Path, quick: bool) -> Result:
    """Acts against docxtpl that opens its template anew for each; a turnover statement of 50 000 rows against bare
    xlsxwriter, constant_memory, with the same cells in the same formats; other workbooks of the same rows. Processor
    time: a busy machine disturbs less.
    """
    accounts, acts, runs = (400, 5, 1) if quick else (10_000, 50, 5)
    home = town(folder / "home", accounts, 1)
    [customer] = customers(1)
    with lock_for_writing(home), open_office(home) as office:
        close_month(office, CLOSED, AFTER)
        facts = MonthFacts(office, CLOSED)
        data = facts.of([customer.bin])
        _act(office, customer, data)  # the first one loads what the service has loaded
        ours = processor(lambda: [_act(office, customer, data) for _ in range(acts)])
        peer = processor(lambda: [bare_act(home.document_template("act.docx")) for _ in range(acts)])
        jobs = _workbooks(facts, data, customer)
        took = {kind: _least_time(job, runs) for kind, job in jobs.items()}
        cells = cells_of(jobs["turnover"]()[0].data)
    bare = _least_time(partial(bare_turnover, cells), min(runs, 3))
    rows = data.lines.num_rows
    times, each = bare / took["turnover"], {kind: rows / seconds for kind, seconds in took.items()}
    return Result(
        "documents",
        (
            f"acts      {acts / ours:8.1f} a second, bare docxtpl {acts / peer:.1f}: {peer / ours:.2f} x as fast "
            f"(target: at least {LEAST_ACTS:g} x)",
            *(f"{kind:<9} {speed:8.0f} rows a second, .csv included: {rows} rows" for kind, speed in each.items()),
            f"bare      {rows / bare:8.0f} rows a second: xlsxwriter, the turnover's cells and formats, no .csv",
            beside_asked("turnover beside bare xlsxwriter", times, LEAST_TIMES, "x"),
            beside_asked("turnover", each["turnover"], LEAST_ROWS, "rows a second and core"),
        ),
        met=peer / ours >= LEAST_ACTS and times >= LEAST_TIMES,
    )


def _workbooks(facts: MonthFacts, data: CloseData, customer: Customer) -> dict[str, Callable[[], list[Rendered]]]:
    whose = data, customer, facts.office.home.operator, facts.office.rules
    directory, ages, paid = (read([customer.bin]) for read in (facts.directory, facts.ages, facts.last_payments))
    return {
        "turnover": lambda: render_turnover(*whose),
        "bill_rows": lambda: render_bill_rows(*whose, directory),
        "directory": lambda: render_directory(directory, *whose),
        "debtors": lambda: render_debtors(*whose, ages, paid),
    }


def _least_time(job: Callable[[], object], runs: int) -> float:
    return min(processor(job) for _ in range(runs))


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
