"""SQL of bills over a computed month, beside their lines: meters, bases of tariffs, days of penalty."""

from __future__ import annotations

# A meter's months up to this one: from reading to reading, and what was estimated where nobody read it (7.2). This
# month is that of the step meter_use.
_METER_MONTHS = """
create or replace temp table bill_meter_months as
with counted as (
  select
    r.customer, r.account, r.service, r.meter, r.month, r.current, r.rollover,
    lag(r.current) over (partition by r.customer, r.account, r.service, r.meter order by r.month) as before
  from readings r cross join period p where r.month <= p.month
  qualify row_number() over (
    partition by r.customer, r.account, r.service, r.meter, r.month order by r.sequence desc, r.row desc
  ) = 1
), used as (
  select
    c.customer, c.account, c.service, c.meter, c.month, c.current - coalesce(c.before, i.reading, f.reading) as used,
    coalesce(c.rollover, 0) as rollover
  from counted c
  left join put_in_meters i using (customer, account, service, meter)
  left join first_readings f using (customer, account, service, meter)
), months as (
  select
    u.customer, u.account, u.service, u.meter, u.month,
    u.used + case when u.used < 0 then u.rollover else 0 end as used, false as estimated
  from used u cross join period p
  where u.used is not null and u.month < p.month
  union all
  select customer, account, service, meter, month, quantity, true from history_estimates
  where meter_customer = customer and meter_service = service
  union all
  select u.customer, u.account, u.service, u.meter, p.month, u.used, u.current is null
  from meter_use u cross join period p
)
select customer, account, service, meter,
  list({'month': month, 'used': cast(used as decimal(18, 3)), 'estimated': estimated} order by month) as history
from months semi join meter_use using (customer, account, service, meter)
where month > (select month - interval 12 month from period)
group by all
"""
_METERS = """
create or replace temp table bill_meters as
with days as (
  select submission, sheet, row, taken_on as day from every_meter_readings
  union all select submission, sheet, row, changed_on from every_meter_change
)
select u.customer, u.account, u.service, list({
  'number': u.meter, 'previous': u.last, 'previous_on': b.day, 'current': u.current, 'current_on': d.day,
  'used': u.used, 'history': h.history
} order by u.meter) as meters
from meter_use u
left join bill_meter_months h using (customer, account, service, meter)
left join days d on d.submission = u.submission and d.sheet = u.sheet and d.row = u.row
left join days b on b.submission = u.last_submission and b.sheet = u.last_sheet and b.row = u.last_row
group by u.customer, u.account, u.service
"""
_BASES = """
create or replace temp table bill_bases as
select t.customer, t.account, t.service, f.basis
from tariffs_in_force t
join every_tariffs f on f.submission = t.submission and f.sheet = t.sheet and f.row = t.row
where t.by_form = 1
"""
# Days of one debt together, in the order of their first day (4.1.6).
_PENALTY_DAYS = """
create or replace temp table bill_penalty_days as
select customer, account, service,
  list({'debt': debt, 'rate': rate, 'coefficient': coefficient, 'days': days} order by first) as penalty_days
from (
  select customer, account, service, debt, rate, coefficient, min(first_day) as first,
    cast(sum(days) as integer) as days
  from penalty_spans group by customer, account, service, debt, rate, coefficient
)
group by customer, account, service
"""
BILL_TABLES = (_METER_MONTHS, _METERS, _BASES, _PENALTY_DAYS)
