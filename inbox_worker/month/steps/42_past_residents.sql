-- Residents of lines in the past months that are counted again by a tariff with steps for each resident (4.3.2.1), as the
-- register or a correction of the account told them for that month (4.3.2.4).
-- Empty without rows of recount_tariffs.
with asked as (
  select distinct told.customer, told.account, told.service, told.past_month as month
  from recount_tariffs told
  join services service on service.service = told.service and service.steps = 'resident'
  join (
    select distinct further.customer, further.service
    from known_tariffs further
    where further.threshold is not null
  ) stepped on stepped.customer = told.customer and stepped.service = told.service
  where told.by_form = 1
),
told as (
  select
    line.customer, line.account, line.service, line.month, version.residents,
    coalesce(spoken.since, version.told_from) as since, coalesce(spoken.told_by, version.told_by) as sequence,
    row_number() over (
      partition by line.customer, line.account, line.service, line.month
      order by version.from_month desc, version.sequence desc, version.row
    ) as turn
  from asked line
  join line_versions version on version.customer = line.customer and version.account = line.account
    and version.service = line.service and version.from_month <= line.month
  left join told_since spoken on spoken.customer = version.customer and spoken.account = version.account
    and spoken.service = version.service and spoken.from_month = version.from_month
    and spoken.sequence = version.sequence and spoken.row = version.row and spoken.indicator = 'Проживает'
),
corrections as (
  select
    line.customer, line.account, line.service, line.month, correction.residents,
    greatest(correction.from_date, correction.month) as since, correction.sequence,
    row_number() over (
      partition by line.customer, line.account, line.service, line.month
      order by greatest(correction.from_date, correction.month) desc, correction.sequence desc, correction.row desc
    ) as turn
  from asked line
  join known_directory_corrections correction on correction.account = line.account
    and correction.indicator = 'Проживает' and greatest(correction.from_date, correction.month) <= line.month
)
select
  told.customer, told.account, told.service, told.month,
  case
    when corrected.since > told.since or (corrected.since = told.since and corrected.sequence >= told.sequence)
      then corrected.residents
    else told.residents
  end as residents
from told
left join corrections corrected on corrected.customer = told.customer and corrected.account = told.account
  and corrected.service = told.service and corrected.month = told.month and corrected.turn = 1
where told.turn = 1
