-- Meters that count in the month (7.2): those of the lines in force, and a meter that was replaced, when its last
-- reading came in this month. `present` = 1: the meter is there on the 1st. `meters`: how many the line has now.
-- Empty without rows of standing_rows where base = 'счётчик'.
select m.customer, m.account, m.service, m.meter, m.residents, 1 as present, coalesce(c.meters, 1) as meters
from line_rows m
left join (
  select r.customer, r.account, r.service, count(*) as meters
  from line_rows r
  join retold_lines t on t.customer = r.customer and t.account = r.account and t.service = r.service
  where r.meter is not null and r.base = 'счётчик'
  group by r.customer, r.account, r.service
) c on c.customer = m.customer and c.account = m.account and c.service = m.service
where m.meter is not null and m.base = 'счётчик'
union all
select
  g.customer, g.account, g.service, g.meter, cast(null as bigint) as residents, 0 as present, 0 as meters
from (
  select v.customer, v.account, v.service, v.meter
  from line_versions v
  join retold_lines t on t.customer = v.customer and t.account = v.account and t.service = v.service
  join lines_in_force l on l.customer = v.customer and l.account = v.account and l.service = v.service
    and l.from_month > v.from_month and l.base = 'счётчик'
  join readings r on r.customer = v.customer and r.account = v.account and r.service = v.service
    and r.meter = v.meter
  cross join period p
  where r.month = p.month
  union
  select c.customer, c.account, c.service, c.meter
  from known_meter_change c
  join lines_in_force l on l.customer = c.customer and l.account = c.account and l.service = c.service
    and l.base = 'счётчик'
  cross join period p
  where c.month = p.month
) g
left join line_rows k on k.customer = g.customer and k.account = g.account and k.service = g.service
  and k.meter = g.meter
where k.meter is null
