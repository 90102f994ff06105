-- Consumption of each meter: this month's reading less the last counted value, which is the latest earlier
-- reading or the one it was put in with, else `Показание` of its first row, else the form's own `Предыдущее` (7.2). A meter that ran
-- over its last digit counts on from zero: `turned` is what it holds, added to a reading below the last. Without
-- a reading the consumption is estimated (`how`).
-- Empty without rows of metered.
select
  u.customer, u.account, u.service, u.meter, u.current, u.last, u.turned, u.how,
  case
    when u.current is null then coalesce(u.estimate, cast(0 as decimal(18, 3)))
    else cast(u.current - u.last + u.turned as decimal(18, 3))
  end as used,
  u.submission, u.sheet, u.row, u.last_submission, u.last_sheet, u.last_row
from (
select
  m.customer, m.account, m.service, m.meter, r.current, x.how, x.quantity as estimate,
  coalesce(b.reading, r.previous, r.current) as last,
  case
    when r.current < coalesce(b.reading, r.previous, r.current) then coalesce(r.rollover, cast(0 as decimal(18, 3)))
    else cast(0 as decimal(18, 3))
  end as turned,
  r.submission, r.sheet, r.row,
  b.submission as last_submission, b.sheet as last_sheet, b.row as last_row
from metered m
left join (
  select g.* from readings g cross join period p where g.month = p.month
) r on r.customer = m.customer and r.account = m.account and r.service = m.service and r.meter = m.meter
left join last_counted b on b.customer = m.customer and b.account = m.account and b.service = m.service
  and b.meter = m.meter
left join meter_estimates x on x.customer = m.customer and x.account = m.account and x.service = m.service
  and x.meter = m.meter
) u
