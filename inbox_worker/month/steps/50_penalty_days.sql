-- Debt overdue on each day of the month before, by line, where the Customer's notice is in force (4.1.6): the
-- balance that month opened with, less charges that were not overdue yet by that day, less what was paid before it; a
-- month that comes to a minus lessens it from its 1st. What a line opened its first month with is a charge of the month
-- before; a line that comes back after it had gone opens with nothing. Months whose bills were overdue are not asked for.
-- Empty without rows of every_penalty_notice.
select
  b.customer, b.account, b.service, b.day, b.rate, b.coefficient, b.cap, b.submission, b.sheet, b.row,
  greatest(b.principal - coalesce(n.amount, 0) - coalesce(y.amount, 0), cast(0 as decimal(18, 2))) as debt
from (
  select
    o.customer, o.account, o.service,
    o.opening - o.opening_penalty + least(o.charged + o.undelivered + o.recalculated, cast(0 as decimal(18, 2)))
      as principal, d.day, o.month,
    case when u.by_base = 1 then d.base_rate else t.rate end as rate, t.coefficient, t.cap, t.grace_days,
    t.submission, t.sheet, t.row,
    row_number() over (
      partition by o.customer, o.account, o.service, d.day
      order by greatest(t.from_date, t.month) desc, t.sequence desc, t.row desc
    ) as place
  from previous o
  join known_penalty_notice t on t.customer = o.customer and t.service = o.service
  join days_before d on greatest(t.from_date, t.month) <= d.day
  cross join penalty_rule u
) b
left join (
  select c.customer, c.account, c.service, e.day, e.grace_days, sum(c.amount) as amount
  from (
    select
      h.customer, h.account, h.service, m.due,
      greatest(h.charged + h.undelivered + h.recalculated, cast(0 as decimal(18, 2))) as amount
    from recent_lines h
    join month_lengths m on m.month = h.month
    join previous v on v.customer = h.customer and v.account = h.account and v.service = h.service
      and h.month < v.month
    union all
    select
      f.customer, f.account, f.service, m.due_before as due,
      greatest(f.opening - f.opening_penalty, cast(0 as decimal(18, 2))) as amount
    from recent_lines f
    join month_lengths m on m.month = f.month
    left join (
      select r.customer, r.account, r.service, n.due
      from recent_lines r
      join month_lengths n on n.month = r.month
    ) g on g.customer = f.customer and g.account = f.account and g.service = f.service and g.due = m.due_before
    where g.account is null
  ) c
  join (
    select distinct k.customer, k.service, k.grace_days, d.day
    from known_penalty_notice k
    cross join days_before d
  ) e on e.customer = c.customer and e.service = c.service
  where date_diff('day', c.due, e.day) <= e.grace_days
  group by c.customer, c.account, c.service, e.day, e.grace_days
) n on n.customer = b.customer and n.account = b.account and n.service = b.service and n.day = b.day
  and n.grace_days = b.grace_days
left join (
  select a.customer, a.account, a.service, d.day, sum(a.amount - a.opening_penalty_part - a.penalty_part) as amount
  from allocations a
  cross join days_before d
  cross join period p
  where a.month <= p.month and a.month >= d.month and a.paid_on < d.day
  group by a.customer, a.account, a.service, d.day
) y on y.customer = b.customer and y.account = b.account and y.service = b.service and y.day = b.day
where b.place = 1
