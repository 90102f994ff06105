-- Earlier months that this month looks at again, a row a need and month; no other close but the last is read. `charges`:
-- months counted again by a tariff of the past (4.1.4) or by a reading after estimates (7.2), and months of days without
-- service (4.1.5). `debts`: months before the last whose bills were perhaps not overdue yet on a day that a notice counts
-- (4.1.6).
-- `openings`: all, where a balance is told of a line that the month before does not know (4.3.2.5). `moves`: those after
-- the end of a contract, where an advance on its lines is taken back (10.10).
-- Empty without rows of every_tariffs, read_after, days_told, every_penalty_notice, told_balances, given_back.
with earlier as (
  select length.month, length.due
  from month_lengths length
  cross join period
  where length.known = 1 and length.month < period.month
)
select 'charges' as need, earlier.month
from earlier
join known_tariffs told on told.applies_from <= earlier.month
join period on period.month = told.month
union
select 'charges' as need, earlier.month
from earlier
join read_after read on read.past_month = earlier.month and read.now = 1
union
select 'charges' as need, earlier.month
from earlier
join days_told told on told.days_month = earlier.month and told.days_now > 0
union
select 'debts' as need, earlier.month
from earlier
cross join (select max(notice.grace_days) as days from known_penalty_notice notice) grace
cross join (select min(counted.day) as day from days_before counted) first
where date_diff('day', earlier.due, first.day) <= grace.days and earlier.month < first.day
union
select 'openings' as need, earlier.month
from earlier
cross join (select count(*) as lines from told_balances) told
where told.lines > 0
union
select 'moves' as need, earlier.month
from earlier
cross join (
  select min(contract.valid_until) as last_day
  from given_back back
  join ended_contracts contract on contract.customer = back.customer
  where back.advance > 0
) since
where earlier.month > since.last_day
