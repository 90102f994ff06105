-- charge = tariff x quantity, rounded half up away from zero, once; a sum that was told stands as it is. A stopped
-- line is not charged.
select
  q.customer, q.account, q.service,
  coalesce(f.tariff, t.tariff, 0) as tariff,
  coalesce(f.quantity, q.quantity) as quantity,
  case
    when f.account is not null then f.charged
    else cast(round(coalesce(t.tariff, 0) * q.quantity, 2) as decimal(18, 2))
  end as charged
from quantities q
left join tariffs_in_force t on t.customer = q.customer and t.account = q.account and t.service = q.service
left join stopped z on z.customer = q.customer and z.account = q.account and z.service = q.service
left join fixed_sums f on f.customer = q.customer and f.account = q.account and f.service = q.service
where z.account is null
