"""Workbooks of many Customers: both cores, and memory that does not grow with their number."""

from __future__ import annotations

from pathlib import Path

from bench.measure import MIB, Result, peak_memory, timed
from bench.months import AFTER, CLOSED, town
from inbox_worker.context import open_office, writing
from inbox_worker.paper_facts import MonthFacts
from inbox_worker.papers import CUSTOMERS_KINDS, customers_of, in_parallel, order_of, render

KINDS = tuple(kind for kind in CUSTOMERS_KINDS if kind != "act")
MOST_GROWTH = 1.25


def papers(folder: Path, quick: bool) -> Result:
    """Six workbooks each for 64 Customers with 200 lines, 16 Customers at a time as `documents` does.

    Target: the process that orders them holds at most a quarter more after 64 Customers than after 16.
    """
    members, at_a_time = (16, 8) if quick else (64, 16)
    home = town(folder / "home", members * 40, members)
    with writing(home), open_office(home) as office:
        office.months.close(CLOSED, AFTER)
        facts = MonthFacts(office, CLOSED)
        customers = customers_of(office, facts.whole, "")
        peaks, made = [], 0

        def batch(start: int) -> None:
            nonlocal made
            orders = [order_of(facts, customer, KINDS, None) for customer in customers[start : start + at_a_time]]
            made += sum(len(documents) for documents in in_parallel(render, orders, office))
            peaks.append(peak_memory())

        seconds = timed(lambda: [batch(start) for start in range(0, len(customers), at_a_time)])
        alone = [order_of(facts, customer, KINDS, None) for customer in customers[:at_a_time]]
        single = timed(lambda: [render(order) for order in alone]) * len(customers) / at_a_time
    growth = peaks[-1] / peaks[0]
    return Result(
        "papers",
        (
            f"{made} files of {len(customers)} Customers in {seconds:.1f} s by {office.home.config.ledger.threads} "
            f"processes, {made / seconds:.1f} a second; one process would take {single:.1f} s",
            f"peak memory {peaks[0] / MIB:.0f} MiB after {at_a_time} Customers, {peaks[-1] / MIB:.0f} MiB after "
            f"{len(customers)}: {growth:.2f} x (target: at most {MOST_GROWTH:g} x)",
        ),
        met=growth <= MOST_GROWTH,
    )
