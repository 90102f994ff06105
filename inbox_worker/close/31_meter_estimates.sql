-- Consumption of meters without a reading in the month (rules/meters.yaml): the average of the last months'
-- consumption, else the norm of the service by residents, else zero; half up at the third place. A later reading
-- takes it back by recalculation, for consumption is counted from the last counted value.
select
  m.customer, m.account, m.service, m.meter,
  case when h.months > 0 and e.average = 1 then 'average' when n.norm > 0 then 'norm' else 'zero' end as how,
  cast(
    case
      when h.months > 0 and e.average = 1 then (2 * cast(h.used * 1000 as bigint) + h.months) // (2 * h.months)
      when n.norm > 0
        then (2 * cast(n.norm * coalesce(m.residents, 0) * 1000 as bigint) + m.meters) // (2 * m.meters)
      else 0
    end * cast(0.001 as decimal(4, 3)) as decimal(18, 3)
  ) as quantity
from metered m
join services n on n.service = m.service
cross join estimation e
cross join period p
left join meter_readings r on r.customer = m.customer and r.account = m.account and r.service = m.service
  and r.meter = m.meter and r.month = p.month
left join (
  select
    s.customer, s.account, s.service, s.meter,
    sum(greatest(s.used, cast(0 as decimal(18, 3)))) as used, sum(s.months) as months
  from (
    select
      c.customer, c.account, c.service, c.meter, c.month,
      cast(
        c.current - coalesce(c.before, f.reading)
        + case when c.current < coalesce(c.before, f.reading) then coalesce(c.rollover, 0) else 0 end as decimal(18, 3)
      ) as used,
      (year(c.month) * 12 + month(c.month)) - coalesce(
        year(c.month_before) * 12 + month(c.month_before), year(f.from_month) * 12 + month(f.from_month) - 1
      ) as months
    from (
      select
        g.customer, g.account, g.service, g.meter, g.month, g.current, g.rollover,
        lag(g.current) over (partition by g.customer, g.account, g.service, g.meter order by g.month) as before,
        lag(g.month) over (partition by g.customer, g.account, g.service, g.meter order by g.month) as month_before
      from meter_readings g
      cross join period q
      where g.month < q.month
    ) c
    left join first_readings f on f.customer = c.customer and f.account = c.account and f.service = c.service
      and f.meter = c.meter
  ) s
  cross join period w
  cross join estimation v
  where s.used is not null and s.months > 0
    and (year(w.month) * 12 + month(w.month)) - (year(s.month) * 12 + month(s.month)) <= v.months
  group by s.customer, s.account, s.service, s.meter
) h on h.customer = m.customer and h.account = m.account and h.service = m.service and h.meter = m.meter
where m.present = 1 and r.meter is null
