-- Lines and meters as forms ask for them; `$also`: with those that ended, meters replaced, or meters changed this month.
select account, service, base, house, flat, name, meter, area, residents from line_rows
union all by name
select account, service, base, house, flat, name, meter, area, residents from standing_rows
where ended = 1 and $also = 'ended'
union all by name
select distinct v.account, v.service, v.meter, s.base, s.house, s.flat, s.name, s.area, s.residents
from line_versions v join standing_rows s using (account, service)
where $also = 'meters' and s.ended = 0 and s.place = 1 and v.meter is not null and v.from_month < s.from_month
  and s.from_month >= $month - interval 1 month
  and (v.account, v.service, v.meter) not in (
    select (account, service, meter) from line_rows where meter is not null)
  and (v.account, v.service, v.meter) not in (select (account, service, meter) from swapped_meters)
union all by name
select s.account, s.service, x.meter, s.base, s.house, s.flat, s.name, s.area, s.residents
from swapped_meters x join standing_rows s using (account, service)
where $also = 'changed' and x.present = 0 and x.month = $month and s.ended = 0 and s.place = 1
order by account, service, meter
