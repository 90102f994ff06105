-- Recalculations posted in the month, a row each: those of forms (4.3.2.4); one a line and past month counted again
-- (4.1.4, 7.2), with the tariff and quantity it was counted by; and what that changes in the reduction for days
-- without service told before (4.1.5).
-- Empty without rows of every_recalculations, recounted.
select
  r.customer, r.account, r.service, r.past_month, r.amount, 'form' as kind,
  cast(null as decimal(18, 4)) as tariff, cast(null as decimal(18, 3)) as quantity, r.submission, r.sheet, r.row
from recalculations r
cross join period p
where r.month = p.month
union all
select
  c.customer, c.account, c.service, c.past_month, c.charged - c.charged_before as amount, c.kind,
  c.tariff, c.quantity, c.submission, c.sheet, c.row
from recounted c
where c.charged <> c.charged_before
union all
select
  d.customer, d.account, d.service, d.past_month, d.before - d.now as amount, 'days' as kind,
  cast(null as decimal(18, 4)) as tariff, cast(null as decimal(18, 3)) as quantity, d.submission, d.sheet, d.row
from (
  select
    c.customer, c.account, c.service, c.past_month, c.submission, c.sheet, c.row,
    cast(round(round(
      least(cast(c.exact * least(t.days_before, n.days) * n.inverse as decimal(38, 22)), c.charged), 9
    ), 2) as decimal(18, 2)) as now,
    cast(round(round(
      least(cast(c.exact_before * least(t.days_before, n.days) * n.inverse as decimal(38, 22)), c.charged_before), 9
    ), 2) as decimal(18, 2)) as before
  from recounted c
  join days_told t on t.customer = c.customer and t.account = c.account and t.service = c.service
    and t.days_month = c.past_month
  join month_lengths n on n.month = c.past_month
  where t.days_before > 0
) d
where d.before <> d.now
