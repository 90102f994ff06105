-- charge = tariff x quantity, or the sum of its steps (4.3.2.1), rounded half up away from zero, once; a sum that was told
-- stands as it is. A stopped line is not charged. `stepped`: the sum of the steps, unrounded. `untariffed` = 1: no tariff
-- prices the line and no sum was told of it, so that it is charged nothing.
with stepped as (
  select part.customer, part.account, part.service, cast(sum(part.amount) as decimal(18, 7)) as amount
  from step_parts part
  join period on period.month = part.month
  group by part.customer, part.account, part.service
),
counted as (
  select
    line.customer, line.account, line.service, coalesce(fixed.tariff, told.tariff, 0) as tariff,
    coalesce(fixed.quantity, line.quantity) as quantity, stepped.amount as stepped, fixed.charged as fixed,
    case when told.tariff is null and fixed.account is null and line.base <> 'schedule' then 1 else 0 end as untariffed
  from quantities line
  left join tariffs_in_force told on told.customer = line.customer and told.account = line.account
    and told.service = line.service
  left join stopped on stopped.customer = line.customer and stopped.account = line.account
    and stopped.service = line.service
  left join fixed_sums fixed on fixed.customer = line.customer and fixed.account = line.account
    and fixed.service = line.service
  left join stepped on stepped.customer = line.customer and stepped.account = line.account
    and stepped.service = line.service
  where stopped.account is null
)
select
  line.customer, line.account, line.service, line.tariff, line.quantity, line.stepped, line.untariffed,
  case
    when line.fixed is not null then line.fixed
    else cast(round(coalesce(line.stepped, line.tariff * line.quantity), 2) as decimal(18, 2))
  end as charged
from counted line
