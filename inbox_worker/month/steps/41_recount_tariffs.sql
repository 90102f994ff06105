-- Past months to be counted again in this month, a row a line and month: by a tariff that came on time with an earlier
-- `Действует с` (4.1.4), and by a reading after months that were estimated (7.2): the tariff as known now (of a tariff
-- by steps the first) and that month's quantity without what later readings cover, beside what was charged before. Sums
-- that were told stay. `submission, sheet, row`: what makes the month be counted again; `told_`: where the tariff is told.
-- Empty without rows of asked_lines.
with changed as (
  select told.customer, told.service, told.base, told.house, told.category, min(told.applies_from) as since
  from known_tariffs told
  cross join period
  where told.month = period.month and told.applies_from < period.month
  group by told.customer, told.service, told.base, told.house, told.category
),
asked as (
  select history.customer, history.account, history.service, history.month
  from asked_lines history
  join changed on changed.customer = history.customer and changed.service = history.service
    and history.month >= changed.since
  union
  select read.customer, read.account, read.service, read.past_month as month
  from read_after read
  where read.now = 1
),
past_lines as (
  select
    history.customer, history.account, history.service, history.month,
    case when version.account is null then line.house else version.house end as house,
    case when version.account is null then line.base else version.base end as base,
    case when version.account is null then line.category else version.category end as category, history.quantity
  from asked
  join asked_lines history on history.customer = asked.customer and history.account = asked.account
    and history.service = asked.service and history.month = asked.month
  join known_lines line on line.customer = history.customer and line.account = history.account
    and line.service = history.service
  left join past_versions version on version.customer = history.customer and version.account = history.account
    and version.service = history.service and version.month = history.month
  where line.base <> 'schedule'
),
concerned as (
  select line.*
  from past_lines line
  join changed on changed.customer = line.customer and changed.service = line.service and changed.base = line.base
    and (changed.house is null or changed.house = line.house)
    and (changed.category is null or changed.category = line.category) and line.month >= changed.since
  union
  select line.*
  from past_lines line
  join read_after read on read.customer = line.customer and read.account = line.account
    and read.service = line.service and read.past_month = line.month and read.now = 1
),
told_by_forms as (
  select
    line.customer, line.account, line.service, line.month, line.base, line.quantity, 1 as by_form, told.house,
    told.category, told.tariff, told.from_month, told.sequence, told.submission, told.sheet, told.row
  from concerned line
  join known_tariffs told on told.customer = line.customer and told.service = line.service and told.base = line.base
    and (told.house is null or told.house = line.house) and (told.category is null or told.category = line.category)
    and told.applies_from <= line.month
  where told.threshold is null
),
told_by_register as (
  select
    line.customer, line.account, line.service, line.month, line.base, line.quantity, 0 as by_form,
    cast(null as varchar) as house, told.category, told.tariff, told.from_month, told.sequence, told.submission,
    told.sheet, told.row
  from concerned line
  join directory told on told.customer = line.customer and told.account = line.account and told.service = line.service
    and told.base = line.base and (told.category is null or told.category = line.category)
    and told.from_month <= line.month
  where told.tariff is not null
),
fitting as (
  select
    told.*,
    row_number() over (
      partition by told.customer, told.account, told.service, told.month
      order by
        told.from_month desc, told.by_form desc, case when told.house is null then 0 else 1 end desc,
        case when told.category is null then 0 else 1 end desc, told.sequence desc, told.row desc
    ) as turn
  from (
    select told_by_forms.* from told_by_forms
    union all
    select told_by_register.* from told_by_register
  ) told
  left join known_service_charges fixed on fixed.customer = told.customer and fixed.account = told.account
    and fixed.service = told.service and fixed.month = told.month
  where fixed.account is null
)
select
  line.customer, line.account, line.service, line.month as past_month,
  case when read.now = 1 then 'reading' else 'tariff' end as kind, line.base, line.by_form, line.house, line.category,
  line.tariff, line.from_month, cast(line.quantity - coalesce(read.quantity, 0) as decimal(18, 3)) as quantity,
  past.exact as exact_before, past.charged as charged_before,
  case when read.now = 1 then read.submission else line.submission end as submission,
  case when read.now = 1 then read.sheet else line.sheet end as sheet,
  case when read.now = 1 then read.row else line.row end as row,
  line.submission as told_submission, line.sheet as told_sheet, line.row as told_row
from fitting line
join past_charges past on past.customer = line.customer and past.account = line.account
  and past.service = line.service and past.month = line.month
left join read_after read on read.customer = line.customer and read.account = line.account
  and read.service = line.service and read.past_month = line.month
where line.turn = 1
