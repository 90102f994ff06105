-- Terms of penalty of a Customer's service in the month before (4.1.6), a row for days that follow each other with the
-- same notice in force, the same rate and the same month as the last whose bills were overdue: days after `after_day` up
-- to `last_day`. Of notices in force the one that begins last counts, of two that begin together the one told later.
-- Empty without rows of every_penalty_notice.
with overdue as (
  select grace.grace_days, counted.day, max(length.month) as month
  from (select distinct notice.grace_days from known_penalty_notice notice) grace
  cross join days_before counted
  join month_lengths length on date_diff('day', length.due, counted.day) > grace.grace_days
  group by grace.grace_days, counted.day
),
told as (
  select
    notice.customer, notice.service, counted.day, notice.coefficient, notice.cap, notice.grace_days,
    case when rule.by_base = 1 then counted.base_rate else notice.rate end as rate,
    notice.submission, notice.sheet, notice.row,
    row_number() over (
      partition by notice.customer, notice.service, counted.day
      order by greatest(notice.from_date, notice.month) desc, notice.sequence desc, notice.row desc
    ) as place
  from known_penalty_notice notice
  join days_before counted on greatest(notice.from_date, notice.month) <= counted.day
  cross join penalty_rule rule
),
daily as (
  select told.*, coalesce(overdue.month, date '1900-01-01') as overdue_month
  from told
  left join overdue on overdue.grace_days = told.grace_days and overdue.day = told.day
  where told.place = 1
),
numbered as (
  select
    daily.*,
    date_diff('day', date '2000-01-01', daily.day) - row_number() over (
      partition by
        daily.customer, daily.service, daily.rate, daily.overdue_month, daily.submission, daily.sheet, daily.row
      order by daily.day
    ) as span
  from daily
)
select
  days.customer, days.service, cast(min(days.day) - interval '1' day as date) as after_day, max(days.day) as last_day,
  days.rate, days.coefficient, days.cap, days.overdue_month, days.submission, days.sheet, days.row
from numbered days
group by
  days.customer, days.service, days.rate, days.coefficient, days.cap, days.overdue_month,
  days.submission, days.sheet, days.row, days.span
