-- Charges and units of each Customer, service, house and base, beside the month before. One row each.
select k.customer, k.service, k.house, k.base, count(l.account) as lines,
  coalesce(sum(v.charged), 0) as before, coalesce(sum(l.charged), 0) as now,
  case when k.base = 'м²' then coalesce(sum(v.quantity), 0) else count(v.account) end as units_before,
  case when k.base = 'м²' then coalesce(sum(l.quantity), 0) else count(l.account) end as units
from known_lines k
left join lines l on l.account = k.account and l.customer = k.customer and l.service = k.service
left join previous v on v.account = k.account and v.customer = k.customer and v.service = k.service
group by k.customer, k.service, k.house, k.base
