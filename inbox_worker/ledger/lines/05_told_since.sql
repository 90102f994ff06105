-- Since when, and by which posting, the rows of corrected accounts tell the name, the area or the residents that they tell
-- (4.3.2.4): a row that only says again what the line's row before it said tells it since then, and a line's first row since
-- the account's first row that said it. Registers come often and whole, so to repeat is no news.
-- Empty without rows of every_directory_corrections.
with told as (
  select v.customer, v.account, v.service, v.from_month, v.sequence, v.row, v.told_from, v.told_by,
    'ФИО' as indicator, v.name as said
  from line_versions v
  union all
  select v.customer, v.account, v.service, v.from_month, v.sequence, v.row, v.told_from, v.told_by,
    'Площадь' as indicator, cast(v.area as varchar) as said
  from line_versions v
  union all
  select v.customer, v.account, v.service, v.from_month, v.sequence, v.row, v.told_from, v.told_by,
    'Проживает' as indicator, cast(v.residents as varchar) as said
  from line_versions v
),
followed as (
  select
    t.*,
    lag(t.said) over (
      partition by t.customer, t.account, t.service, t.indicator order by t.told_from, t.told_by, t.row
    ) as said_before,
    row_number() over (
      partition by t.customer, t.account, t.service, t.indicator order by t.told_from, t.told_by, t.row
    ) as telling
  from told t
  join (
    select distinct c.account, c.indicator
    from known_directory_corrections c
  ) a on a.account = t.account and a.indicator = t.indicator
),
turned as (
  select
    f.*,
    sum(case when f.telling > 1 and f.said is distinct from f.said_before then 1 else 0 end) over (
      partition by f.customer, f.account, f.service, f.indicator order by f.telling rows unbounded preceding
    ) as turns
  from followed f
)
select
  u.customer, u.account, u.service, u.from_month, u.sequence, u.row, u.indicator,
  case
    when u.turns = 0 then first_value(u.told_from) over (
      partition by u.account, u.indicator, u.said order by u.told_from, u.told_by, u.row
    )
    else first_value(u.told_from) over (
      partition by u.customer, u.account, u.service, u.indicator, u.turns order by u.telling
    )
  end as since,
  case
    when u.turns = 0 then first_value(u.told_by) over (
      partition by u.account, u.indicator, u.said order by u.told_from, u.told_by, u.row
    )
    else first_value(u.told_by) over (
      partition by u.customer, u.account, u.service, u.indicator, u.turns order by u.telling
    )
  end as told_by
from turned u
