-- What lines were charged for the past months asked for, with every automatic recalculation up to the month before. `exact`: tariff x
-- quantity, or the sum of the steps, unrounded. Sums are DECIMAL(38,2): compared with an unrounded sum they would round
-- it, so the charge is narrowed here.
-- Empty without rows of asked_lines.
with recounts as (
  select
    counted.customer, counted.account, counted.service, counted.past_month, counted.month, counted.tariff,
    counted.quantity,
    sum(counted.amount) over (
      partition by counted.customer, counted.account, counted.service, counted.past_month
    ) as amount,
    row_number() over (
      partition by counted.customer, counted.account, counted.service, counted.past_month order by counted.month desc
    ) as turn
  from asked_recalculations counted
  where counted.kind in ('tariff', 'reading')
),
recount_steps as (
  select part.customer, part.account, part.service, part.past_month, part.month, sum(part.amount) as exact
  from asked_past_steps part
  group by part.customer, part.account, part.service, part.past_month, part.month
),
charge_steps as (
  select part.customer, part.account, part.service, part.month, sum(part.amount) as exact
  from asked_steps part
  group by part.customer, part.account, part.service, part.month
)
select
  history.customer, history.account, history.service, history.month,
  cast(coalesce(
    recount_steps.exact, recount.tariff * recount.quantity, charge_steps.exact, history.tariff * history.quantity
  ) as decimal(18, 7)) as exact,
  cast(history.charged + coalesce(recount.amount, 0) as decimal(18, 2)) as charged
from asked_lines history
left join recounts recount on recount.customer = history.customer and recount.account = history.account
  and recount.service = history.service and recount.past_month = history.month and recount.turn = 1
left join recount_steps on recount_steps.customer = recount.customer and recount_steps.account = recount.account
  and recount_steps.service = recount.service and recount_steps.past_month = recount.past_month
  and recount_steps.month = recount.month
left join charge_steps on charge_steps.customer = history.customer and charge_steps.account = history.account
  and charge_steps.service = history.service and charge_steps.month = history.month
