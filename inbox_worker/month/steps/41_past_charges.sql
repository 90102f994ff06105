-- What lines were charged for past months, with every automatic recalculation up to the month before. Sums are DECIMAL(38,2):
-- compared with an unrounded sum they would round it, so the charge is narrowed here.
select
  h.customer, h.account, h.service, h.month,
  coalesce(b.tariff, h.tariff) as tariff, coalesce(b.quantity, h.quantity) as quantity,
  cast(h.charged + coalesce(s.amount, 0) as decimal(18, 2)) as charged
from history_lines h
left join (
  select
    k.customer, k.account, k.service, k.past_month, k.tariff, k.quantity,
    row_number() over (partition by k.customer, k.account, k.service, k.past_month order by k.month desc) as place
  from history_recalculations k
  where k.kind in ('tariff', 'reading')
) b on b.customer = h.customer and b.account = h.account and b.service = h.service and b.past_month = h.month
  and b.place = 1
left join (
  select k.customer, k.account, k.service, k.past_month, sum(k.amount) as amount
  from history_recalculations k
  where k.kind in ('tariff', 'reading')
  group by k.customer, k.account, k.service, k.past_month
) s on s.customer = h.customer and s.account = h.account and s.service = h.service and s.past_month = h.month
