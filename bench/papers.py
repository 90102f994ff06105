"""Workbooks of many Customers: both cores, and memory that does not grow with the town."""

from __future__ import annotations

from pathlib import Path

from bench.measure import MIB, Result, in_fresh_process
from bench.months import AFTER, CLOSED, town
from inbox_worker.deciding.open_office import open_office
from inbox_worker.month.months import close_month
from inbox_worker.month.office import lock_for_writing
from inbox_worker.outbox.publish import CUSTOMERS_KINDS

KINDS = tuple(kind for kind in CUSTOMERS_KINDS if kind != "act")
LINES_EACH = 2_000
MOST_GROWTH = 1.25


def papers(folder: Path, quick: bool) -> Result:
    """Six workbooks each for Customers with 2 000 lines, as `documents` makes them, in a town of 16 Customers and in
    one of 64. Target: the process that orders them holds at most a quarter more in the larger town.
    """
    few, many = (4, 8) if quick else (16, 64)
    small, large = _closed(folder / "small", few), _closed(folder / "large", many)
    before, after = _papers_of(small), _papers_of(large)
    alone = _papers_of(small, "1")
    growth = after["peak"] / before["peak"]
    return Result(
        "papers",
        (
            f"{after['files']:.0f} files of {many} Customers, {many * LINES_EACH} lines, in {after['seconds']:.1f} s, "
            f"{after['files'] / after['seconds']:.1f} a second",
            f"{few} Customers in {before['seconds']:.1f} s on all cores, in {alone['seconds']:.1f} s on one",
            f"peak memory {before['peak'] / MIB:.0f} MiB for {few}, {after['peak'] / MIB:.0f} MiB for {many}: "
            f"{growth:.2f} x (target: at most {MOST_GROWTH:g} x)",
        ),
        met=growth <= MOST_GROWTH,
    )


def _closed(folder: Path, members: int) -> Path:
    home = town(folder, members * LINES_EACH // 5, members)
    with lock_for_writing(home), open_office(home) as office:
        close_month(office, CLOSED, AFTER)
    return folder


def _papers_of(folder: Path, *threads: str) -> dict[str, float]:
    return in_fresh_process("bench.papers_once", [str(folder), *threads])
