"""What a month differs in from the month before, told before it is closed: lines that are new, gone or charged
otherwise, and houses whose charge moved far from the others' or from their own (rules/outliers.yaml).

Asked of the connection in which the engine has just computed the month (tables `lines`, `previous`, `known_lines`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from inbox_worker.model import Period
from inbox_worker.rules import Outliers

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
# A ratio only says what to look at; money stays DECIMAL.
_OUTLIERS = """
with houses as (
  select k.customer, k.service, k.house, k.base, count(l.account) as lines,
    coalesce(sum(v.charged), 0) as before, coalesce(sum(l.charged), 0) as now,
    case when k.base = 'м²' then sum(v.quantity) else count(v.account) end as units_before,
    case when k.base = 'м²' then sum(l.quantity) else count(l.account) end as units
  from known_lines k
  left join lines l on l.account = k.account and l.customer = k.customer and l.service = k.service
  left join previous v on v.account = k.account and v.customer = k.customer and v.service = k.service
  group by k.customer, k.service, k.house, k.base
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
class Line:
    """A line that is new (`before` is None), gone (`now` is None) or charged otherwise; tenge charged."""

    account: str
    customer: str
    service: str
    house: str
    before: Decimal | None
    now: Decimal | None


@dataclass(frozen=True)
class Some:
    """All lines of a kind: how many, what they were charged before and now, and the largest changes."""

    count: int
    before: Decimal
    now: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class House:
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
class Differences:
    """`month` is the month compared with, None when the ledger has none before."""

    month: Period | None
    lines: dict[str, Some]
    outliers: tuple[House, ...]
    outliers_count: int


def differences(connection: duckdb.DuckDBPyConnection, month: Period, rule: Outliers) -> Differences:
    """Of the month computed last in the connection."""
    known = connection.execute("select count(*) from previous").fetchall()[0][0]
    connection.execute(_DIFFERING)
    counted = {kind: values for kind, *values in connection.execute(_COUNTED).fetchall()}
    lines = {kind: _some(connection, kind, counted.get(kind), rule) for kind in KINDS}
    asked = rule.model_dump(
        include={"own_percent", "others_percent", "least_houses", "least_lines", "least_sum", "listed"}
    )
    found = connection.execute(_OUTLIERS, asked).fetchall()
    outliers = tuple(_house(*row[:-1]) for row in found)
    return Differences(month.plus(-1) if known else None, lines, outliers, found[0][-1] if found else 0)


def _house(customer: str, service: str, house: str, base: str, *values: Any) -> House:
    return House(customer, service, house, "м²" if base == "м²" else "счёт", *values)


def _some(connection: duckdb.DuckDBPyConnection, kind: str, counted: list[Decimal] | None, rule: Outliers) -> Some:
    if counted is None:
        return Some(0, Decimal("0.00"), Decimal("0.00"), ())
    rows = connection.execute(_LARGEST, {"kind": kind, "listed": rule.listed}).fetchall()
    count, before, now = counted
    shown = (Line(account, customer, service, house or "", *sums) for account, customer, service, house, *sums in rows)
    return Some(int(count), before, now, tuple(shown))
