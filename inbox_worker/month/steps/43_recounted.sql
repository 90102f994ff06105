-- Past months as they are counted again in this month (4.1.4, 7.2), beside what was charged before: tariff x quantity,
-- or the sum of the steps (4.3.2.1), rounded once. `exact`: before it is rounded.
-- Empty without rows of recount_tariffs.
with stepped as (
  select part.customer, part.account, part.service, part.month, sum(part.amount) as exact
  from step_parts part
  group by part.customer, part.account, part.service, part.month
),
counted as (
  select
    line.*, cast(coalesce(stepped.exact, line.tariff * line.quantity) as decimal(18, 7)) as exact
  from recount_tariffs line
  left join stepped on stepped.customer = line.customer and stepped.account = line.account
    and stepped.service = line.service and stepped.month = line.past_month
)
select
  line.customer, line.account, line.service, line.past_month, line.kind, line.tariff, line.quantity, line.exact,
  cast(round(line.exact, 2) as decimal(18, 2)) as charged, line.exact_before, line.charged_before, line.submission,
  line.sheet, line.row
from counted line
