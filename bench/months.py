"""Months: a close against bare Parquet, documents a second against bare xlsxwriter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from time import process_time

import pyarrow.parquet as pq
import xlsxwriter
from python_calamine import load_workbook

from bench.measure import Result, in_fresh_process, timed
from bench.samples import METERED, Line, customers, fill_home
from bench.towns import AFTER, CLOSED, make_town
from bench.towns import SERVICES as TOWN_SERVICES
from inbox_worker.close.frozen import FILES
from inbox_worker.config import Home, load_home
from inbox_worker.context import Office, open_office, writing
from inbox_worker.documents.act import render_act
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.model import CloseData, Customer
from inbox_worker.paper_facts import MonthFacts, for_customer
from inbox_worker.sheets import SMALL_BOOK_ROWS

SERVICES = ("maintenance", "capital_repair", "heating", *METERED)
Rows = Sequence[Sequence[object]]


TIMES_BARE, PEAK = 3.0, 1.5 * 2**30


def close(folder: Path, quick: bool) -> Result:
    """The close of 1 M accounts with 10 services each, in a fresh process, against reading the same facts and reading
    and writing the same close. Target: at most 3 times that, under 1.5 GiB."""
    return close_of(folder, 2_000 if quick else 1_000_000)


def close_big(folder: Path, quick: bool) -> Result:
    """The same of 3 M accounts; only when asked for by name."""
    return close_of(folder, 6_000 if quick else 3_000_000)


def close_of(folder: Path, accounts: int) -> Result:
    """A town of so many accounts: made, closed, and its Parquet copied."""
    home = make_town(folder / "home", accounts)
    found = in_fresh_process("bench.close_once", [str(folder / "home")])
    rows = pq.read_metadata(home.ledger / "closes" / str(CLOSED) / "lines.parquet").num_rows
    if rows != accounts * len(TOWN_SERVICES):
        raise RuntimeError(f"the bench's close has {rows} lines, not {accounts * len(TOWN_SERVICES)}")
    begun = process_time()
    bare = timed(lambda: _copy_parquet(home, folder / "copy"))
    bare_cpu = process_time() - begun
    times = found["seconds"] / bare
    return Result(
        "close",
        (
            f"{accounts} accounts x {len(TOWN_SERVICES)} services = {rows} lines",
            f"computed, proved, frozen {found['seconds']:6.2f} s, {rows / found['seconds']:,.0f} lines a second",
            f"bare Parquet in and out  {bare:6.2f} s  (the close takes {times:.1f} x; target {TIMES_BARE:.0f} x)",
            f"processor time           {found['cpu']:6.2f} s, bare {bare_cpu:.2f} s ({found['cpu'] / bare_cpu:.1f} x)",
            f"peak memory              {found['peak'] / 2**20:6.0f} MiB (target {PEAK / 2**20:.0f} MiB)",
        ),
        met=times <= TIMES_BARE and found["peak"] <= PEAK,
    )


def documents(folder: Path, quick: bool) -> Result:
    """Acts, and a turnover statement of 50 000 rows against bare xlsxwriter with the same cells."""
    accounts, acts = (400, 5) if quick else (10_000, 50)
    home = _home(folder / "home", accounts, 1)
    [customer] = customers(1)
    with writing(home), open_office(home) as office:
        office.months.close(CLOSED, AFTER)
        data = for_customer(MonthFacts(office, CLOSED).whole, customer.bin)
        _act(office, customer, data)  # the first one loads what the service has loaded
        act_seconds = timed(lambda: [_act(office, customer, data) for _ in range(acts)])
        made: list[bytes] = []
        seconds = timed(lambda: made.append(render_turnover(data, customer, home.operator, office.rules).data))
    with load_workbook(BytesIO(made[0])) as book:
        cells = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    bare = timed(lambda: _bare_workbook(cells))
    rows = data.lines.num_rows
    return Result(
        "documents",
        (
            f"acts      {acts / act_seconds:8.1f} a second",
            f"turnover  {rows / seconds:8.0f} rows a second: {rows} rows in {seconds:.2f} s",
            f"bare xlsxwriter, the same cells without looks: {bare:.2f} s (turnover takes {seconds / bare:.2f} x)",
        ),
    )


def _home(folder: Path, accounts: int, members: int) -> Home:
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


def _copy_parquet(home: Home, target: Path) -> None:
    target.mkdir()
    for file in (home.ledger / "facts").rglob("*.parquet"):
        pq.read_table(file)
    for name in FILES:
        table = pq.read_table(home.ledger / "closes" / str(CLOSED) / f"{name}.parquet")
        pq.write_table(table, target / f"{name}.parquet", compression="zstd", compression_level=1)


def _act(office: Office, customer: Customer, data: CloseData) -> bytes:
    template = (office.home.templates / "documents" / "act.docx").read_bytes()
    return render_act(data, customer, office.home.operator, office.rules, "2026-00001", AFTER.date(), template).data


def _bare_workbook(sheets: Sequence[Rows]) -> bytes:
    """The same values by xlsxwriter's own calls, with the memory options the documents use."""
    target = BytesIO()
    small = sum(map(len, sheets)) <= SMALL_BOOK_ROWS
    with xlsxwriter.Workbook(target, {"in_memory": small, "constant_memory": not small}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        if value:
                            sheet.write_string(number, place, value)
                    elif isinstance(value, date):
                        sheet.write_datetime(number, place, value)
                    elif isinstance(value, int | float):
                        sheet.write_number(number, place, value)
    return target.getvalue()
