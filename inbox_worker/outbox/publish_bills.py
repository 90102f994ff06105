"""Consumers' bills of a month out of its close, or before it out of its draft (4.1.1, 4.1.2): a PDF a house, or a
PDF an account on demand.

Accounts are streamed house by house and rendered by as many processes as the close may use threads, so memory stays
flat whatever the town's size.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.files import safe_name
from inbox_worker.core.model import Customer
from inbox_worker.core.progress import follow
from inbox_worker.core.queries import read_query
from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.bill import (
    SUMS,
    Bill,
    BillLine,
    BillMeter,
    BillStyle,
    LostDays,
    MeterMonth,
    PenaltyDays,
    Recalculation,
    ReturnedPayment,
)
from inbox_worker.documents.bill_pdf import MOST_ACCOUNTS, render_bills, style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.processes import Workers
from inbox_worker.month.months import MonthError
from inbox_worker.outbox.bill_sources import BILL_TABLES
from inbox_worker.outbox.place import put_up

_ACCOUNTS = read_query(__file__, "bill_accounts")
_LINES = read_query(__file__, "bill_lines")
_RECALCULATED = read_query(__file__, "bill_recalculated")
_LOST = read_query(__file__, "bill_undelivered")
_TAKEN_BACK = read_query(__file__, "bill_taken_back")
_GONE = read_query(__file__, "bill_gone")
_STOPPED = read_query(__file__, "bill_stopped")
_PLACE = ("house", "account", "address", "flat", "name", "area", "residents", "had_bill")
_BATCH_ROWS = 20_000
_IN_FLIGHT = 4  # documents a process may wait for, twice


@dataclass(frozen=True)
class News:
    """The changes of the month, by account."""

    recalculations: Mapping[str, list[tuple[str, Recalculation]]] = field(default_factory=dict)
    lost_days: Mapping[str, list[tuple[str, LostDays]]] = field(default_factory=dict)
    taken_back: Mapping[str, list[ReturnedPayment]] = field(default_factory=dict)
    gone: Mapping[str, list[str]] = field(default_factory=dict)
    stopped: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class BillOrder:
    """One PDF to make; can be handed to another process."""

    bills: Sequence[Bill]
    style: BillStyle
    file_name: str


def render(order: BillOrder) -> Rendered:
    """Render one PDF."""
    return render_bills(order.bills, order.style, order.file_name)


def place_bills(
    facts: MonthFacts,
    owner: Customer,
    customer: str,
    accounts: Sequence[str],
    made_of: Mapping[str, str],
    now: datetime,
) -> list[Path]:
    """Renders bills into the owner's folder of outbox/pending: of all houses, of the accounts of one Customer, or of
    some accounts (a file each). Raises MonthError for an account that has no lines in the month.
    """
    office = facts.office
    written: list[Path] = []
    orders = bill_orders(facts, customer, accounts)
    processes = office.home.config.ledger.threads
    first = list(islice(orders, processes))
    if len(first) < processes:
        return put_up(office, facts.month, owner, list(map(render, follow(first, "bills"))), made_of, now)
    left = follow(chain(first, orders), "bills")
    batches = iter(lambda: list(islice(left, processes * _IN_FLIGHT)), [])
    with Workers(processes, processes, worth=1) as workers:
        made = (workers.map(render, batch, len(batch)) for batch in batches)
        under_way = next(made)
        for following in made:  # under way while what is made of the last is put up
            written += put_up(office, facts.month, owner, list(under_way), made_of, now)
            under_way = following
        written += put_up(office, facts.month, owner, list(under_way), made_of, now)
    return written


def bill_orders(facts: MonthFacts, customer: str, accounts: Sequence[str]) -> Iterator[BillOrder]:
    """Return what to render, house by house, each in parts of so many accounts that typst's memory stays small."""
    style, names = style_of(facts.office.home, facts.office.rules, facts.month, facts.closed), set[str]()
    for house, bills in groupby(month_bills(facts, customer, accounts), key=lambda found: found[0]):
        of_house = sorted((bill for _, bill in bills), key=lambda bill: (_natural(bill.flat), bill.account))
        if accounts:
            for bill in of_house:
                yield BillOrder([bill], style, f"bill-{facts.month}-{safe_name(bill.account)}.pdf")
            continue
        name = _free_name(f"bills-{facts.month}-{safe_name(house or 'без дома')}", names)
        parts = [of_house[start : start + MOST_ACCOUNTS] for start in range(0, len(of_house), MOST_ACCOUNTS)]
        for place_, part in enumerate(parts, start=1):
            yield BillOrder(part, style, f"{name}-{place_:02d}.pdf" if len(parts) > 1 else f"{name}.pdf")


def month_bills(facts: MonthFacts, customer: str = "", accounts: Sequence[str] = ()) -> Iterator[tuple[str, Bill]]:
    """Return every account's bill with its house's code, by house and account."""
    connection = facts.engine.connection
    facts.engine.show_previous_steps(facts.month)
    for made in BILL_TABLES:
        connection.execute(made)
    connection.execute(_ACCOUNTS, {"customer": customer, "accounts": list(accounts)})
    known = facts.office.journal.customers.on(facts.month.last_day)
    names = {bin: found.name for bin, found in known.items()}
    news = _news(connection)
    found = set()
    for account, rows in groupby(_rows(connection, _LINES, {}), key=lambda row: row["account"]):
        lines = list(rows)
        found.add(account) if accounts else None
        yield lines[0]["house"], _bill(lines, names, news)
    if missing := sorted(set(accounts) - found):
        raise MonthError(f"account {missing[0]} has no lines in {facts.month}; there is no bill to make")


def _rows(connection: duckdb.DuckDBPyConnection, query: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    reader: pa.RecordBatchReader = connection.sql(query, params=dict(params)).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        yield from batch.to_pylist()


def _bill(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], news: News) -> Bill:
    first, account = rows[0], rows[0]["account"]
    return Bill(
        **{name: first[name] for name in _PLACE if name != "house"},
        lines=[
            BillLine(
                service=row["service"],
                customer=row["customer"],
                customer_name=names.get(row["customer"], row["customer"]),
                tariff=row["tariff"],
                quantity=row["quantity"],
                tariff_before=row["tariff_before"],
                quantity_before=row["quantity_before"],
                in_force=row["in_force"],
                base=row["base"],
                steps=[(step["quantity"], step["tariff"]) for step in row["steps"] or ()],
                step_tariffs_before=row["step_tariffs_before"] or (),
                meters=[_meter(meter) for meter in row["meters"] or ()],
                tariff_basis=row["tariff_basis"],
                penalty_days=[PenaltyDays(**days) for days in row["penalty_days"] or ()],
                sums={name: row[name] for name in SUMS},
            )
            for row in rows
        ],
        recalculations=news.recalculations.get(account, ()),
        lost_days=news.lost_days.get(account, ()),
        taken_back=news.taken_back.get(account, ()),
        gone=news.gone.get(account, ()),
        stopped=news.stopped.get(account, ()),
    )


def _meter(row: Mapping[str, Any]) -> BillMeter:
    return BillMeter(**{**row, "history": [MeterMonth(**month) for month in row["history"] or ()]})


def _news(connection: duckdb.DuckDBPyConnection) -> News:
    recalculations, lost = defaultdict(list), defaultdict(list)
    for account, customer, service, *values in connection.execute(_RECALCULATED).fetchall():
        recalculations[account].append((customer, Recalculation(service, *values)))
    for account, customer, service, *values in connection.execute(_LOST).fetchall():
        lost[account].append((customer, LostDays(service, *values)))
    taken_back = defaultdict(list)
    for account, *values in connection.execute(_TAKEN_BACK).fetchall():
        taken_back[account].append(ReturnedPayment(*values))
    gone, stopped = (_services(connection, query) for query in (_GONE, _STOPPED))
    return News(recalculations, lost, taken_back, gone, stopped)


def _services(connection: duckdb.DuckDBPyConnection, query: str) -> Mapping[str, list[str]]:
    """Return the services that a query names, by account."""
    found = defaultdict(list)
    for account, service in connection.execute(query).fetchall():
        found[account].append(service)
    return found


def _natural(flat: str) -> list[tuple[int, int, str]]:
    """Flats as people count them: 2 before 10, 10 before 10а."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", flat)]


def _free_name(name: str, taken: set[str]) -> str:
    """House codes that make the same file name get a number behind it."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free
