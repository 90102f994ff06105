-- Estimated consumption by line charged, a row a line and meter: the meter's own line and those that follow it.
-- Kept with the close, so that a later reading can take back exactly what was estimated.
select
  e.customer, e.account, e.service, e.customer as meter_customer, e.service as meter_service, e.meter, e.quantity
from meter_estimates e
where e.quantity <> 0
union all
select
  q.customer, q.account, q.service, e.customer as meter_customer, e.service as meter_service, e.meter, e.quantity
from quantities q
join meter_estimates e on e.account = q.account and e.service = q.follows
where e.quantity <> 0
