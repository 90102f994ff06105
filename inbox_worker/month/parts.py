"""Parts of a computed month for a close, a draft or a dry run: tables, totals, proofs, differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.accounts import EVERY_ACCOUNT
from inbox_worker.core.queries import execute, read_query
from inbox_worker.month.differences import Found, found_in
from inbox_worker.month.engine import Engine
from inbox_worker.month.frozen import CloseWriter
from inbox_worker.month.proofs import (
    NO_PAYMENTS,
    PAYMENT_FACTS,
    Broken,
    broken_lines,
    broken_payments,
    join_broken,
    payment_sums,
)
from inbox_worker.month.tables import (
    CHARGE_STEPS,
    ESTIMATES,
    LINES,
    PAST_STEPS,
    RECALCULATIONS,
    TOTALS,
)

PAYMENTS = read_query(__file__, "month_payments")
_PLACES = read_query(__file__, "places")
_UNTARIFFED = read_query(__file__, "untariffed")
_OVERPAID = read_query(__file__, "overpaid_penalties")
_SUSPENSE = read_query(__file__, "month_suspense")
_KEPT = {  # file of the close -> step and columns
    "lines": ("lines", LINES),
    "recalculations": ("recalculation_rows", RECALCULATIONS),
    "estimates": ("estimates", ESTIMATES),
    "steps": ("charge_steps", CHARGE_STEPS),
    "past_steps": ("past_steps", PAST_STEPS),
}


@dataclass
class MonthPart:
    """The part of a month that a range of accounts adds, or the month out of all its parts: totals, what is wrong, and
    tables by file of the close, which go to the writer."""

    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    before: dict[str, Decimal] = field(default_factory=dict)  # totals of the month before
    broken: Sequence[Broken] = ()
    tables: Mapping[str, Iterable[pa.Table]] = field(default_factory=dict)
    payments: dict[str, Decimal] = field(default_factory=dict)
    untariffed: Counter[tuple[str, str]] = field(default_factory=Counter)  # lines without a tariff: customer, service
    overpaid: Sequence[tuple[str, str, str]] = ()  # lines that paid more penalty than they have: account, service, sum
    differences: Sequence[Found] = ()


def part_of_close(engine: Engine) -> MonthPart:
    """Return a range's part of the close."""
    tables: dict[str, Iterable[pa.Table]] = {
        file: engine.read_step(step, schema) for file, (step, schema) in _KEPT.items()
    }
    for file, query in (("payments", PAYMENTS), ("places", _PLACES), ("suspense", _SUSPENSE)):
        tables[file] = engine.read_batches(query)
    if engine.accounts != EVERY_ACCOUNT:  # a range is closed when the next is asked for
        tables = {file: list(rows) for file, rows in tables.items()}
    part = _prove_lines(engine)
    if engine.lacking >= PAYMENT_FACTS:
        return replace(part, tables=tables, payments=NO_PAYMENTS)
    broken = [*part.broken, *broken_payments(engine.connection)]
    return replace(part, tables=tables, broken=broken, payments=payment_sums(engine.connection))


def part_of_draft(engine: Engine) -> MonthPart:
    """Return a range's part of the draft: what it is charged, beside the month before."""
    return replace(_prove_lines(engine), differences=[found_in(engine.connection, engine.rules.outliers)])


def part_of_dry_run(engine: Engine) -> MonthPart:
    """Return a range's part of a close that is only looked at."""
    return replace(part_of_close(engine), tables={}, differences=[found_in(engine.connection, engine.rules.outliers)])


def _prove_lines(engine: Engine) -> MonthPart:
    broken = broken_lines(engine.connection)
    rows, *values = add_up_lines(engine.connection, "lines")
    _, *before = add_up_lines(engine.connection, "previous")
    lines = execute(engine.connection, _UNTARIFFED).fetchall()
    untariffed = Counter({(customer, service): count for customer, service, count in lines})
    totals, overpaid = _name_totals(values), execute(engine.connection, _OVERPAID).fetchall()
    return MonthPart(int(rows), totals, _name_totals(before), broken, untariffed=untariffed, overpaid=overpaid)


def add_up_lines(connection: duckdb.DuckDBPyConnection, rows: str) -> Sequence[Any]:
    """Return how many lines a table has, then the sum of each figure in the order of TOTALS."""
    found: Sequence[Any] = connection.execute(read_query(__file__, "line_totals", rows=rows)).fetchall()[0]
    return found


def _name_totals(values: Iterable[object]) -> dict[str, Decimal]:
    return {name: Decimal(str(value)) for name, value in zip(TOTALS, values, strict=True)}


def whole_of(parts: Iterator[MonthPart], writer: CloseWriter | None = None) -> MonthPart:
    """Add parts up, and their tables to the writer."""
    whole = MonthPart()
    for part in parts:
        if writer is not None and not part.broken:
            writer.add(part.tables)
        whole.rows += part.rows
        _add(whole.totals, part.totals)
        _add(whole.before, part.before)
        _add(whole.payments, part.payments)
        whole.broken = join_broken([*whole.broken, *part.broken])
        whole.untariffed.update(part.untariffed)
        whole.overpaid = [*whole.overpaid, *part.overpaid]
        whole.differences = [*whole.differences, *part.differences]
    return whole


def _add(sums: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, Decimal("0.00")) + value
