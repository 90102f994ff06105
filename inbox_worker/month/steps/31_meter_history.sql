-- What each meter asked for counted from reading to reading up to the month (7.2), and over how many months. The first reading
-- counts from `Показание` of the meter's first row, or from the reading it was put in with: then the month of the
-- replacement is the old meter's, and none of the new one's.
-- Empty without rows of asked_meters.
-- Empty without rows of readings.
select s.customer, s.account, s.service, s.meter, s.month, s.used, s.months
from (
  select
    c.customer, c.account, c.service, c.meter, c.month, c.since_put_in,
    cast(
      c.current - c.base + case when c.current < c.base then coalesce(c.rollover, 0) else 0 end as decimal(18, 3)
    ) as used,
    (year(c.month) * 12 + month(c.month)) - (year(c.base_month) * 12 + month(c.base_month)) - c.from_first as months
  from (
    select
      g.customer, g.account, g.service, g.meter, g.month, g.current, g.rollover,
      case when n.month is null then 0 else 1 end as since_put_in,
      coalesce(n.reading, g.before, f.reading) as base,
      coalesce(n.month, g.month_before, f.from_month) as base_month,
      case when n.month is null and g.month_before is null then -1 else 0 end as from_first
    from (
      select
        r.customer, r.account, r.service, r.meter, r.month, r.current, r.rollover,
        lag(r.current) over (partition by r.customer, r.account, r.service, r.meter order by r.month) as before,
        lag(r.month) over (partition by r.customer, r.account, r.service, r.meter order by r.month) as month_before
      from readings r
      join asked_meters a on a.customer = r.customer and a.account = r.account and a.service = r.service
        and a.meter = r.meter
      cross join period q
      where r.month <= q.month
    ) g
    left join put_in_meters n on n.customer = g.customer and n.account = g.account and n.service = g.service
      and n.meter = g.meter and n.month <= g.month and (g.month_before is null or g.month_before < n.month)
    left join first_readings f on f.customer = g.customer and f.account = g.account and f.service = g.service
      and f.meter = g.meter
  ) c
) s
where s.used is not null and (s.months > 0 or (s.months = 0 and s.since_put_in = 1))
