-- Months that were estimated and have been read since: the estimated part of a line's month that a later reading
-- covers, the first after it (7.2); a row a line and month. `now` = 1: a reading of this month covers some of it for the
-- first time. What is read while the line is stopped is charged to nobody (10.3), so it takes no estimate back.
-- Empty without rows of history_estimates.
with read_first as (
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
told_stops as (
  select
    estimate.customer, estimate.account, estimate.service, estimate.read_month, stop.to_date,
    row_number() over (
      partition by
        estimate.customer, estimate.account, estimate.service, estimate.read_month, stop.account, stop.house,
        stop.service, stop.from_date
      order by stop.sequence desc, stop.row desc
    ) as turn
  from read_first estimate
  join known_lines line on line.customer = estimate.customer and line.account = estimate.account
    and line.service = estimate.service
  left join past_houses past on past.customer = line.customer and past.account = line.account
    and past.service = line.service and (past.since is null or past.since <= estimate.read_month)
    and (past.until is null or past.until > estimate.read_month)
  join every_stops stop on stop.customer = estimate.customer and stop.month <= estimate.read_month
    and stop.from_date <= estimate.read_month and (stop.service is null or stop.service = estimate.service)
    and (
      stop.account = estimate.account or stop.house = coalesce(past.house, line.house)
      or (stop.account is null and stop.house is null)
    )
),
not_charged as (
  select distinct stop.customer, stop.account, stop.service, stop.read_month
  from told_stops stop
  where stop.turn = 1 and (stop.to_date is null or stop.to_date >= stop.read_month)
),
estimates as (
  select estimate.*
  from read_first estimate
  left join not_charged lost on lost.customer = estimate.customer and lost.account = estimate.account
    and lost.service = estimate.service and lost.read_month = estimate.read_month
  where lost.account is null
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
