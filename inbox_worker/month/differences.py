"""Differences of a month from the month before, shown before it is closed: lines that are new, gone or charged
otherwise, lines that another Customer's correction changes, and houses whose charge moved far from the others' or from
their own (rules/outliers.yaml).

Asked of each range of accounts in the connection that has just computed it (tables `lines`, `previous`, `known_lines`),
and joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.model import Period
from inbox_worker.core.queries import execute, parse, read_query
from inbox_worker.ledger.questions import scratch
from inbox_worker.settings.office_rules import Outliers

_ZERO = Decimal("0.00")
KINDS = ("new", "gone", "changed")
_DIFFERING = read_query(__file__, "differing")
_COUNTED = read_query(__file__, "differing_counted")
_LARGEST = read_query(__file__, "differing_largest")
_CORRECTED = read_query(__file__, "corrected_elsewhere")
_HOUSES = read_query(__file__, "house_sums")
_OUTLIERS = read_query(__file__, "house_outliers")
_STANDING = read_query(__file__, "standing_lines")
_IDLE = read_query(__file__, "idle_advances")


@dataclass(frozen=True)
class LineChange:
    """A line that is new (`before` is None), gone (`now` is None) or charged otherwise; tenge charged."""

    account: str
    customer: str
    service: str
    house: str
    before: Decimal | None
    now: Decimal | None


@dataclass(frozen=True)
class Some:
    """The lines of a kind: how many, what they were charged before and now, and the largest changes."""

    count: int
    before: Decimal
    now: Decimal
    lines: tuple[LineChange, ...]


@dataclass(frozen=True)
class HouseChange:
    """A house to look at. `unit`: base the charge a unit is counted by. `kind`: `own`, it moved far from its own last
    month; `others`, from the middle house; `begun`, it is charged now and most others were before.

    `moved` and `others_moved` in per cent; None when there was no charge before.
    """

    customer: str
    service: str
    house: str
    unit: str
    lines: int
    kind: str
    before: Decimal
    now: Decimal
    rate_before: Decimal
    rate: Decimal
    moved: Decimal | None
    others_moved: Decimal | None


@dataclass(frozen=True)
class CorrectedLine:
    """A line that another Customer's correction of its account changes from this month on (`before` is None where the
    ledger has no month before); tenge charged."""

    account: str
    customer: str
    service: str
    house: str
    indicator: str
    corrected_by: str
    submission: str
    before: Decimal | None
    now: Decimal


@dataclass(frozen=True)
class ReturnedLines:
    """Lines of a Customer and a service that are charged again: the contract had ended on `until`, and the month before
    charged none of the Customer's."""

    customer: str
    until: date
    service: str
    lines: int
    charged: Decimal

    def as_json(self) -> dict[str, str | int]:
        """Return it for programs."""
        return {**vars(self), "until": self.until.isoformat(), "charged": str(self.charged)}


@dataclass(frozen=True)
class IdleAdvance:
    """Keeps what consumers have paid too much on a Customer's lines of a service that are not charged any more."""

    customer: str
    service: str
    lines: int
    amount: Decimal

    def as_json(self) -> dict[str, str | int]:
        """Return it for programs."""
        return {**vars(self), "amount": str(self.amount)}


@dataclass(frozen=True)
class Differences:
    """`month` is the month compared with, None when the ledger has none before."""

    month: Period | None
    lines: dict[str, Some]
    outliers: tuple[HouseChange, ...]
    outliers_count: int
    corrected: tuple[CorrectedLine, ...]
    returned: tuple[ReturnedLines, ...] = ()
    idle: tuple[IdleAdvance, ...] = ()


@dataclass(frozen=True)
class Found:
    """The differences of a range of accounts: of each kind its count and sums and its largest changes; sums by
    house; lines that other Customers' corrections change."""

    known: bool  # whether there was a month before
    lines: dict[str, Some]
    houses: pa.Table
    corrected: tuple[CorrectedLine, ...]
    standing: Sequence[Sequence[Any]] = ()  # by Customer and service: lines, charged, how many stood before
    idle: Sequence[Sequence[Any]] = ()  # by Customer and service: lines that stand no more, paid too much on them


def found_in(connection: duckdb.DuckDBPyConnection, rule: Outliers) -> Found:
    """Find the differences of the range of the month computed last in the connection."""
    known = execute(connection, read_query(__file__, "previous_rows")).fetchall()[0][0]
    execute(connection, _DIFFERING)
    counted = {kind: values for kind, *values in execute(connection, _COUNTED).fetchall()}
    lines = {kind: _some(connection, kind, counted.get(kind, (0, _ZERO, _ZERO)), rule) for kind in KINDS}
    corrected = tuple(CorrectedLine(*row) for row in execute(connection, _CORRECTED).fetchall())
    houses = connection.sql(parse(connection, _HOUSES)).to_arrow_table()
    standing, idle = (execute(connection, query).fetchall() for query in (_STANDING, _IDLE))
    return Found(bool(known), lines, houses, corrected, standing, idle)


def differences(month: Period, ranges: Sequence[Found], rule: Outliers) -> Differences:
    """Return the differences of the whole month, out of its ranges of accounts."""
    lines = {kind: _join_lines([found.lines[kind] for found in ranges], rule.listed) for kind in KINDS}
    rows = _outliers(ranges, rule) if any(found.known for found in ranges) else []
    outliers = tuple(
        HouseChange(customer, service, house, "м²" if base == "м²" else "счёт", *values)
        for customer, service, house, base, *values, _ in rows
    )
    before = month.plus(-1) if any(found.known for found in ranges) else None
    corrected = tuple(line for found in ranges for line in found.corrected)
    return Differences(before, lines, outliers, rows[0][-1] if rows else 0, corrected)


def _outliers(ranges: Sequence[Found], rule: Outliers) -> list[tuple[Any, ...]]:
    asked = rule.model_dump(
        include={"own_percent", "others_percent", "least_houses", "least_lines", "least_sum", "listed"}
    )
    houses = pa.concat_tables([found.houses for found in ranges])
    connection = scratch(houses.num_rows)
    connection.register("house_sums", houses)
    rows: list[tuple[Any, ...]] = execute(connection, _OUTLIERS, asked).fetchall()
    connection.unregister("house_sums")
    return rows


def _join_lines(parts: Sequence[Some], listed: int) -> Some:
    """Return the lines of all ranges, the largest changes first."""
    lines = sorted((line for part in parts for line in part.lines), key=_by_change)
    before, now = sum((part.before for part in parts), _ZERO), sum((part.now for part in parts), _ZERO)
    return Some(sum(part.count for part in parts), before, now, tuple(lines[:listed]))


def _by_change(line: LineChange) -> tuple[Decimal, str, str, str]:
    change = abs((line.now or Decimal(0)) - (line.before or Decimal(0)))
    return -change, line.account, line.customer, line.service


def _some(connection: duckdb.DuckDBPyConnection, kind: str, counted: Sequence[Any], rule: Outliers) -> Some:
    count, before, now = counted
    rows = execute(connection, _LARGEST, {"kind": kind, "listed": rule.listed}).fetchall() if count else []
    lines = (
        LineChange(account, customer, service, house or "", *sums) for account, customer, service, house, *sums in rows
    )
    return Some(int(count), before, now, tuple(lines))
