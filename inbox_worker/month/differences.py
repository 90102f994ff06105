"""Differences of a month from the month before, shown before it is closed: lines that are new, gone or charged
otherwise, lines that another Customer's correction changes, and houses whose charge moved far from the others' or from
their own (rules/outliers.yaml).

Asked of each range of accounts in the connection that has just computed it (tables `lines`, `previous`, `known_lines`),
and joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from inbox_worker.core.model import Period
from inbox_worker.ledger.facts import scratch
from inbox_worker.settings.office_rules import Outliers

_ZERO = Decimal("0.00")
KINDS = ("new", "gone", "changed")
# A line that stands no more is gone though its balance still stands in the close: charged by nothing, after something.
_DIFFERING = """
create or replace temp table differing as
select d.* from (
  select coalesce(l.account, v.account) as account, coalesce(l.customer, v.customer) as customer,
    coalesce(l.service, v.service) as service, v.charged as before,
    case when f.account is null then null else l.charged end as now,
    case when v.account is null then 'new'
      when l.account is null or (f.account is null and (v.tariff <> 0 or v.quantity <> 0)) then 'gone'
      when l.charged <> v.charged then 'changed' end as kind
  from lines l full join previous v on l.account = v.account and l.customer = v.customer and l.service = v.service
  left join lines_in_force f on f.account = l.account and f.customer = l.customer and f.service = l.service
) d
where d.kind is not null
"""
_COUNTED = """
select kind, count(*), coalesce(sum(before), 0), coalesce(sum(now), 0) from differing group by kind
"""
_LARGEST = """
select d.account, d.customer, d.service, k.house, d.before, d.now from differing d
left join known_lines k on k.account = d.account and k.customer = d.customer and k.service = d.service
where d.kind = $kind
order by abs(coalesce(d.now, 0) - coalesce(d.before, 0)) desc, d.account, d.customer, d.service limit $listed
"""
_CORRECTED = """
select s.account, s.customer, s.service, s.house, c.indicator, c.customer as corrected_by, c.submission,
  v.charged as before, l.charged as now
from corrected c cross join period p
join standing_rows s on s.account = c.account and s.customer <> c.customer and s.ended = 0 and s.place = 1
  and ((c.indicator = 'Площадь' and s.base = 'м²') or (c.indicator = 'Проживает' and s.base = 'чел.'))
  and (c.from_month > s.told_from or (c.from_month = s.told_from and c.sequence >= s.told_by))
join lines l on l.account = s.account and l.customer = s.customer and l.service = s.service
left join previous v on v.account = s.account and v.customer = s.customer and v.service = s.service
where c.from_month = p.month and (v.account is null or v.quantity <> l.quantity)
order by s.account, s.customer, s.service
"""
_HOUSES = """
select k.customer, k.service, k.house, k.base, count(l.account) as lines,
  coalesce(sum(v.charged), 0) as before, coalesce(sum(l.charged), 0) as now,
  case when k.base = 'м²' then coalesce(sum(v.quantity), 0) else count(v.account) end as units_before,
  case when k.base = 'м²' then coalesce(sum(l.quantity), 0) else count(l.account) end as units
from known_lines k
left join lines l on l.account = k.account and l.customer = k.customer and l.service = k.service
left join previous v on v.account = k.account and v.customer = k.customer and v.service = k.service
group by k.customer, k.service, k.house, k.base
"""
# A ratio only says what to look at; money stays DECIMAL.
_OUTLIERS = """
with houses as (
  select customer, service, house, base, cast(sum(lines) as bigint) as lines, sum(before) as before, sum(now) as now,
    sum(units_before) as units_before, sum(units) as units
  from house_sums group by customer, service, house, base
), rates as (
  select h.*, before / units_before::double as rate_before, now / units::double as rate,
    case when before > 0 then (now / units::double) / (before / units_before::double) when now <= 0 then 1 end as moved
  from houses h where units > 0 and units_before > 0
), compared as (
  select r.*, count(*) over service_of as houses, count(*) filter (before > 0) over service_of as charged_before,
    nullif(median(moved) over service_of, 0) as middle
  from rates r window service_of as (partition by customer, service, base)
), told as (
  select c.*,
    case
      when moved is null and 2 * charged_before >= houses then 'begun'
      when houses >= $least_houses and abs(moved / middle - 1) * 100 > $others_percent then 'others'
      when abs(moved - 1) * 100 > $own_percent then 'own'
    end as kind
  from compared c where lines >= $least_lines
), weighed as (
  select t.*, abs(now - case when kind = 'others' then before * middle else before end) as deviation from told t
)
select customer, service, house, base, lines, kind, before, now,
  cast(rate_before as decimal(18, 4)), cast(rate as decimal(18, 4)),
  cast((moved - 1) * 100 as decimal(18, 1)), cast((middle - 1) * 100 as decimal(18, 1)), count(*) over () as many
from weighed where kind is not null and deviation >= $least_sum
order by deviation desc, customer, service, house limit $listed
"""


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
class Differences:
    """`month` is the month compared with, None when the ledger has none before."""

    month: Period | None
    lines: dict[str, Some]
    outliers: tuple[HouseChange, ...]
    outliers_count: int
    corrected: tuple[CorrectedLine, ...]


@dataclass(frozen=True)
class Found:
    """The differences of a range of accounts: of each kind its count and sums and its largest changes; sums by
    house; lines that other Customers' corrections change."""

    known: bool  # whether there was a month before
    lines: dict[str, Some]
    houses: pa.Table
    corrected: tuple[CorrectedLine, ...]


def found_in(connection: duckdb.DuckDBPyConnection, rule: Outliers) -> Found:
    """Find the differences of the range of the month computed last in the connection."""
    known = connection.execute("select count(*) from previous").fetchall()[0][0]
    connection.execute(_DIFFERING)
    counted = {kind: values for kind, *values in connection.execute(_COUNTED).fetchall()}
    lines = {kind: _some(connection, kind, counted.get(kind, (0, _ZERO, _ZERO)), rule) for kind in KINDS}
    corrected = tuple(CorrectedLine(*row) for row in connection.execute(_CORRECTED).fetchall())
    return Found(bool(known), lines, connection.sql(_HOUSES).to_arrow_table(), corrected)


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
    connection = scratch()
    connection.register("house_sums", pa.concat_tables([found.houses for found in ranges]))
    rows: list[tuple[Any, ...]] = connection.execute(_OUTLIERS, asked).fetchall()
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
    rows = connection.execute(_LARGEST, {"kind": kind, "listed": rule.listed}).fetchall() if count else []
    lines = (
        LineChange(account, customer, service, house or "", *sums) for account, customer, service, house, *sums in rows
    )
    return Some(int(count), before, now, tuple(lines))
