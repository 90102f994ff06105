-- charge = tariff x quantity, rounded half up away from zero, once.
select
  q.customer, q.account, q.service, coalesce(t.tariff, 0) as tariff, q.quantity,
  cast(round(coalesce(t.tariff, 0) * q.quantity, 2) as decimal(18, 2)) as charged
from quantities q
left join tariffs_in_force t on t.customer = q.customer and t.account = q.account and t.service = q.service
