-- The house, base and category that a line had in a past month, where one of them has changed since: a tariff of another
-- house, base or category does not fit that month (4.3.2.1).
-- Empty without rows of asked_lines.
with changing as (
  select version.customer, version.account, version.service
  from line_versions version
  join retold_lines retold on retold.customer = version.customer and retold.account = version.account
    and retold.service = version.service
  group by version.customer, version.account, version.service
  having count(distinct version.base) > 1 or count(distinct coalesce(version.category, '')) > 1
    or count(distinct version.house) > 1
),
ranked as (
  select
    version.customer, version.account, version.service, history.month, version.house, version.base,
    version.category,
    row_number() over (
      partition by version.customer, version.account, version.service, history.month
      order by version.from_month desc, version.sequence desc, version.row desc
    ) as turn
  from line_versions version
  join changing on changing.customer = version.customer and changing.account = version.account
    and changing.service = version.service
  join asked_lines history on history.customer = version.customer and history.account = version.account
    and history.service = version.service and history.month >= version.from_month
)
select ranked.customer, ranked.account, ranked.service, ranked.month, ranked.house, ranked.base, ranked.category
from ranked
where ranked.turn = 1
