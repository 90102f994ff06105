-- Months that were estimated and have been read since: the estimated part of a line's month that a later reading
-- covers, the first after it (7.2); a row a line and month. `now` = 1: a reading of this month covers some of it for the
-- first time.
-- Empty without rows of history_estimates.
with estimates as (
  select
    estimate.customer, estimate.account, estimate.service, estimate.meter_customer, estimate.meter_service,
    estimate.meter, estimate.month, estimate.quantity, min(reading.month) as read_month
  from history_estimates estimate
  join readings reading on reading.customer = estimate.meter_customer and reading.account = estimate.account
    and reading.service = estimate.meter_service and reading.meter = estimate.meter and reading.month > estimate.month
  cross join period
  where reading.month <= period.month
  group by
    estimate.customer, estimate.account, estimate.service, estimate.meter_customer, estimate.meter_service,
    estimate.meter, estimate.month, estimate.quantity
),
read_now as (
  select
    reading.customer, reading.account, reading.service, reading.meter, reading.submission, reading.sheet, reading.row,
    row_number() over (
      partition by reading.customer, reading.account, reading.service, reading.meter
      order by reading.sequence, reading.row
    ) as turn
  from readings reading
  join period on period.month = reading.month
)
select
  estimate.customer, estimate.account, estimate.service, estimate.month as past_month,
  sum(estimate.quantity) as quantity, max(case when estimate.read_month = period.month then 1 else 0 end) as now,
  max(reading.submission) as submission, max(reading.sheet) as sheet, max(reading.row) as row
from estimates estimate
cross join period
left join read_now reading on reading.customer = estimate.meter_customer and reading.account = estimate.account
  and reading.service = estimate.meter_service and reading.meter = estimate.meter and reading.turn = 1
  and estimate.read_month = period.month
group by estimate.customer, estimate.account, estimate.service, estimate.month
