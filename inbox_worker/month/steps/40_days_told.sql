-- Days without service by line and month of the days (4.1.5): told before this month, and told in it for the first
-- time. A day counts once a line, however often and by whom it was told: of each statement only the days after the
-- latest day of those that begin before it. Days of a house are of the accounts that stood in it on them.
-- Empty without rows of every_undelivered.
with places as (
  select
    l.customer, l.account, l.service, case when h.account is null then l.house else h.house end as house, h.since,
    h.until
  from known_lines l
  left join past_houses h on h.customer = l.customer and h.account = l.account and h.service = l.service
),
told as (
  select
    l.customer, l.account, l.service, cast(date_trunc('month', u.from_date) as date) as days_month, p.month as now,
    u.from_date, u.to_date, u.month, u.submission, u.sheet, u.row
  from places l
  join undelivered u on u.customer = l.customer and u.service = l.service
    and (u.account = l.account or u.house = l.house) and (l.since is null or u.from_date >= l.since)
    and (l.until is null or u.from_date < l.until)
  cross join period p
  where u.month <= p.month
),
marked as (
  select t.*, 1 as with_now from told t
  union all
  select t.*, 0 as with_now from told t where t.month < t.now
)
select
  c.customer, c.account, c.service, c.days_month, c.now as month,
  sum(case when c.with_now = 0 then c.days else 0 end) as days_before,
  sum(case when c.with_now = 1 then c.days else -c.days end) as days_now,
  max(case when c.month = c.now then c.submission end) as submission,
  max(case when c.month = c.now then c.sheet end) as sheet,
  max(case when c.month = c.now then c.row end) as row
from (
  select
    r.*,
    case
      when r.reached is null or r.reached < r.from_date then date_diff('day', r.from_date, r.to_date) + 1
      when r.reached < r.to_date then date_diff('day', r.reached, r.to_date)
      else 0
    end as days
  from (
    select
      m.*, max(m.to_date) over (
        partition by m.customer, m.account, m.service, m.days_month, m.with_now
        order by m.from_date, m.to_date, m.submission, m.sheet, m.row
        rows between unbounded preceding and 1 preceding
      ) as reached
    from marked m
  ) r
) c
group by c.customer, c.account, c.service, c.days_month, c.now
