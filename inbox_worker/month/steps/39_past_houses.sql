-- Houses of lines whose account has stood in more than one (4.1.16), a row a line and span of months: from `since` (null =
-- from the first) to before `until` (null = to the last). What is told of a house concerns those who stood in it then.
-- Empty without rows of retold_lines.
-- Empty without rows of every_undelivered where house is not null, every_stops where house is not null.
with moved as (
  select version.customer, version.account, version.service
  from line_versions version
  join retold_lines retold on retold.customer = version.customer and retold.account = version.account
    and retold.service = version.service
  cross join period
  where version.from_month <= period.month
  group by version.customer, version.account, version.service
  having min(version.house) <> max(version.house)
),
told as (
  select
    version.customer, version.account, version.service, version.house, version.from_month,
    row_number() over (
      partition by version.customer, version.account, version.service, version.from_month
      order by version.sequence desc, version.row desc
    ) as turn
  from line_versions version
  join moved on moved.customer = version.customer and moved.account = version.account
    and moved.service = version.service
  cross join period
  where version.from_month <= period.month
)
select
  told.customer, told.account, told.service, told.house,
  case
    when lag(told.from_month) over (
      partition by told.customer, told.account, told.service order by told.from_month
    ) is not null then told.from_month
  end as since,
  lead(told.from_month) over (
    partition by told.customer, told.account, told.service order by told.from_month
  ) as until
from told
where told.turn = 1
