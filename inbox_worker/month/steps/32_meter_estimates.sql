-- Consumption of meters without a reading in the month (rules/meters.yaml): the average of the last months'
-- consumption, else the norm of the service by residents, else zero; half up at the third place. A later reading
-- takes it back by recalculation, for consumption is counted from the last counted value. A meter put in this month
-- is not estimated, later by its own consumption and that of the meters before it together.
-- Empty without rows of metered.
select
  m.customer, m.account, m.service, m.meter,
  case
    when i.month = p.month then 'put_in'
    when h.months > 0 and e.average = 1 then 'average'
    when n.norm > 0 then 'norm'
    else 'zero'
  end as how,
  cast(
    case
      when i.month = p.month then 0
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
left join put_in_meters i on i.customer = m.customer and i.account = m.account and i.service = m.service
  and i.meter = m.meter
left join readings r on r.customer = m.customer and r.account = m.account and r.service = m.service
  and r.meter = m.meter and r.month = p.month
left join (
  select
    s.customer, s.account, s.service, s.meter,
    sum(greatest(s.used, cast(0 as decimal(18, 3)))) as used, sum(s.months) as months
  from (
    select u.customer, u.account, u.service, u.meter, u.month, u.used, u.months
    from meter_history u
    union all
    select u.customer, u.account, u.service, o.successor as meter, u.month, u.used, u.months
    from meter_history u
    join successors o on o.customer = u.customer and o.account = u.account and o.service = u.service
      and o.meter = u.meter
  ) s
  cross join period w
  cross join estimation v
  where s.month < w.month
    and (year(w.month) * 12 + month(w.month)) - (year(s.month) * 12 + month(s.month)) <= v.months
  group by s.customer, s.account, s.service, s.meter
) h on h.customer = m.customer and h.account = m.account and h.service = m.service and h.meter = m.meter
where m.present = 1 and r.meter is null
