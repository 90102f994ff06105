-- Estimated consumption by line charged, a row a line and meter: the meter's own line and those that follow it.
-- A stopped line was charged nothing. Kept with the close, so that a later reading can take back exactly what was estimated.
-- Empty without rows of meter_estimates.
select
  e.customer, e.account, e.service, e.customer as meter_customer, e.service as meter_service, e.meter, e.quantity
from meter_estimates e
left join stopped z on z.customer = e.customer and z.account = e.account and z.service = e.service
where e.quantity <> 0 and z.account is null
union all
select
  q.customer, q.account, q.service, e.customer as meter_customer, e.service as meter_service, e.meter, e.quantity
from quantities q
join meter_estimates e on e.account = q.account and e.service = q.follows
left join stopped z on z.customer = q.customer and z.account = q.account and z.service = q.service
where e.quantity <> 0 and z.account is null
