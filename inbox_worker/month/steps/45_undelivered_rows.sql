-- Undelivered days posted in the month, a row a line and month of the days (4.1.5): tariff x quantity (or the sum of
-- the steps) of the days' month x days / days of that month, never over that month's charge; kept unrounded. Days posted before
-- for the same month count towards the cap. A past month counts as it is recalculated by now; a month the ledger
-- never charged takes this month's charge.
-- Empty without rows of days_told.
select
  d.customer, d.account, d.service, d.days_month, d.days_before, d.days_now,
  least(cast(x.amount * least(d.days_before + d.days_now, n.days) * n.inverse as decimal(38, 22)), x.charged)
  - least(cast(x.amount * least(d.days_before, n.days) * n.inverse as decimal(38, 22)), x.charged) as amount,
  d.submission, d.sheet, d.row
from days_told d
join month_lengths n on n.month = d.days_month
join (
  select
    c.customer, c.account, c.service, p.month,
    cast(coalesce(c.stepped, c.tariff * c.quantity) as decimal(18, 7)) as amount, c.charged
  from charges c
  cross join period p
  union all
  select
    h.customer, h.account, h.service, h.month, coalesce(r.exact, h.exact) as amount,
    coalesce(r.charged, h.charged) as charged
  from past_charges h
  left join recounted r on r.customer = h.customer and r.account = h.account and r.service = h.service
    and r.past_month = h.month
) x on x.customer = d.customer and x.account = d.account and x.service = d.service
  and x.month = case when n.known = 1 then d.days_month else d.month end
where d.days_now > 0
