-- Months that were estimated and have been read since: the estimated part of a line's month that a later reading
-- covers. `now` = 1: a reading of this month covers some of it for the first time.
-- Empty without rows of history_estimates.
select
  r.customer, r.account, r.service, r.past_month, sum(r.quantity) as quantity,
  max(case when r.read_month = p.month then 1 else 0 end) as now,
  max(case when r.read_month = p.month then r.submission end) as submission,
  max(case when r.read_month = p.month then r.sheet end) as sheet,
  max(case when r.read_month = p.month then r.row end) as row
from (
  select
    h.customer, h.account, h.service, h.month as past_month, h.quantity, g.month as read_month,
    g.submission, g.sheet, g.row,
    row_number() over (
      partition by h.customer, h.account, h.service, h.meter_customer, h.meter_service, h.meter, h.month
      order by g.month, g.sequence, g.row
    ) as place
  from history_estimates h
  join readings g on g.customer = h.meter_customer and g.account = h.account and g.service = h.meter_service
    and g.meter = h.meter and g.month > h.month
  cross join period q
  where g.month <= q.month
) r
cross join period p
where r.place = 1
group by r.customer, r.account, r.service, r.past_month
