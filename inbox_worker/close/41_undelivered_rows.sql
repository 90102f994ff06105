-- Undelivered days posted in the month, a row a line and month of the days (4.1.5): tariff x quantity of the
-- days' month x days / days of that month, never over that month's charge; kept unrounded. Days posted before
-- for the same month count towards the cap. A month the ledger never charged takes this month's charge.
select
  d.customer, d.account, d.service, d.days_month, d.days_before, d.days_now,
  least(x.amount * least(d.days_before + d.days_now, n.days) * n.inverse, x.charged)
  - least(x.amount * least(d.days_before, n.days) * n.inverse, x.charged) as amount,
  d.submission, d.sheet, d.row
from (
  select
    l.customer, l.account, l.service, u.days_month, p.month,
    sum(case when u.month < p.month then u.days else 0 end) as days_before,
    sum(case when u.month = p.month then u.days else 0 end) as days_now,
    max(case when u.month = p.month then u.submission end) as submission,
    max(case when u.month = p.month then u.sheet end) as sheet,
    max(case when u.month = p.month then u.row end) as row
  from known_lines l
  join (
    select v.*, cast(date_trunc('month', v.from_date) as date) as days_month from undelivered v
  ) u on u.customer = l.customer and u.service = l.service and (u.account = l.account or u.house = l.house)
  cross join period p
  where u.month <= p.month
  group by l.customer, l.account, l.service, u.days_month, p.month
) d
join month_lengths n on n.month = d.days_month
join (
  select
    c.customer, c.account, c.service, p.month,
    cast(c.tariff * c.quantity as decimal(18, 7)) as amount, c.charged
  from charges c
  cross join period p
  union all
  select h.customer, h.account, h.service, h.month, cast(h.tariff * h.quantity as decimal(18, 7)), h.charged
  from history_lines h
) x on x.customer = d.customer and x.account = d.account and x.service = d.service
  and x.month = case when n.known = 1 then d.days_month else d.month end
where d.days_now > 0
