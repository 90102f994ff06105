-- Readings whose consumption the average of a meter without one is made of (7.2): its own and those of the meters before it.
-- One row a reading.
select s.month, greatest(s.used, cast(0 as decimal(18, 3))) as used, s.months, r.submission, r.sheet, r.row
from (
  select u.customer, u.account, u.service, u.meter, u.meter as read_on, u.month, u.used, u.months
  from meter_history u
  union all
  select u.customer, u.account, u.service, o.successor as meter, u.meter as read_on, u.month, u.used, u.months
  from meter_history u
  join successors o on o.customer = u.customer and o.account = u.account and o.service = u.service
    and o.meter = u.meter
) s
join readings r on r.customer = s.customer and r.account = s.account and r.service = s.service
  and r.meter = s.read_on and r.month = s.month
cross join period w
cross join estimation v
where s.account = $account and s.service = $service and s.meter = $meter and ($owner = '' or s.customer = $owner)
  and s.month < w.month and (year(w.month) * 12 + month(w.month)) - (year(s.month) * 12 + month(s.month)) <= v.months
order by s.month, s.read_on
