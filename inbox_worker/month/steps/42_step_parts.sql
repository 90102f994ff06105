-- Charges by steps of consumption (4.3.2.1), a row a line, month and step: of this month and of the past months counted
-- again in it. Rows of one tariff (customer, service, base, house, category, date) belong together: each part of the
-- line's quantity, all its meters together, takes the tariff of its step, told last; the parts are added unrounded.
-- A threshold is a month's, of the account or (`steps: resident`) of each resident, none counting as one, and stands as
-- many times as the consumption has months: from the latest reading before, of the meter that was read longest ago; not
-- before the ledger begins. An estimate is one month's. `threshold`: told; `times`: how often it counts; `begins`: both.
-- Empty without rows of every_tariffs where threshold is not null.
with further_steps as (
  select
    told.customer, told.service, told.base, coalesce(told.house, '') as house,
    coalesce(told.category, '') as category, told.from_month, told.applies_from, told.threshold, told.tariff,
    told.sequence, told.submission, told.sheet, told.row
  from known_tariffs told
  where told.threshold is not null
),
charged as (
  select
    line.customer, line.account, line.service, period.month, line.base, coalesce(told.house, '') as house,
    coalesce(told.category, '') as category, told.from_month, told.tariff, counted.quantity, line.residents,
    counted.follows, told.submission, told.sheet, told.row
  from tariffs_in_force told
  join lines_in_force line on line.customer = told.customer and line.account = told.account
    and line.service = told.service and line.base = 'счётчик'
  join quantities counted on counted.customer = line.customer and counted.account = line.account
    and counted.service = line.service
  left join fixed_sums fixed on fixed.customer = line.customer and fixed.account = line.account
    and fixed.service = line.service
  left join stopped on stopped.customer = line.customer and stopped.account = line.account
    and stopped.service = line.service
  cross join period
  where told.by_form = 1 and fixed.account is null and stopped.account is null
  union all
  select
    told.customer, told.account, told.service, told.past_month, told.base, coalesce(told.house, ''),
    coalesce(told.category, ''), told.from_month, told.tariff, told.quantity, resident.residents,
    case when metered.account is null then service.follows end, told.told_submission, told.told_sheet, told.told_row
  from recount_tariffs told
  join services service on service.service = told.service
  left join past_residents resident on resident.customer = told.customer and resident.account = told.account
    and resident.service = told.service and resident.month = told.past_month
  left join (
    select version.customer, version.account, version.service, min(version.from_month) as since
    from line_versions version
    where version.meter is not null
    group by version.customer, version.account, version.service
  ) metered on metered.customer = told.customer and metered.account = told.account
    and metered.service = told.service and metered.since <= told.past_month
  where told.by_form = 1 and told.base = 'счётчик'
),
further_charged as (
  select
    charge.customer, charge.account, charge.service, charge.month, charge.base, charge.house, charge.category,
    charge.from_month, further.tariff, charge.quantity, charge.residents, charge.follows, further.submission,
    further.sheet, further.row, further.threshold,
    row_number() over (
      partition by charge.customer, charge.account, charge.service, charge.month, further.threshold
      order by further.sequence desc, further.row desc
    ) as turn
  from charged charge
  join further_steps further on further.customer = charge.customer and further.service = charge.service
    and further.base = charge.base and further.house = charge.house and further.category = charge.category
    and further.from_month = charge.from_month and further.applies_from <= charge.month
),
steps as (
  select charge.*, cast(0 as decimal(18, 3)) as threshold
  from charged charge
  join (
    select distinct further.customer, further.account, further.service, further.month from further_charged further
  ) stepped on stepped.customer = charge.customer and stepped.account = charge.account
    and stepped.service = charge.service and stepped.month = charge.month
  union all
  select
    further.customer, further.account, further.service, further.month, further.base, further.house, further.category,
    further.from_month, further.tariff, further.quantity, further.residents, further.follows, further.submission,
    further.sheet, further.row, further.threshold
  from further_charged further
  where further.turn = 1
),
read_months as (
  select step.customer, step.account, step.service, step.month, max(history.months) as months
  from steps step
  join meter_history history on history.account = step.account and history.month = step.month
    and history.service = coalesce(step.follows, step.service)
    and (step.follows is not null or history.customer = step.customer)
  where step.threshold = 0
  group by step.customer, step.account, step.service, step.month
),
measured as (
  select
    step.*,
    greatest(
      least(
        coalesce(covered.months, 1),
        1 + (year(step.month) * 12 + month(step.month)) - (year(ledger.first_month) * 12 + month(ledger.first_month))
      ), 1
    ) * case when service.steps = 'resident' then greatest(coalesce(step.residents, 0), 1) else 1 end as times
  from steps step
  join services service on service.service = step.service
  cross join (select min(length.month) as first_month from month_lengths length where length.known = 1) ledger
  left join read_months covered on covered.customer = step.customer and covered.account = step.account
    and covered.service = step.service and covered.month = step.month
),
bounded as (
  select
    measured.*, cast(measured.threshold * measured.times as decimal(18, 3)) as begins,
    cast(
      lead(measured.threshold) over (
        partition by measured.customer, measured.account, measured.service, measured.month order by measured.threshold
      ) * measured.times as decimal(18, 3)
    ) as ends,
    row_number() over (
      partition by measured.customer, measured.account, measured.service, measured.month order by measured.threshold
    ) as step
  from measured
),
parts as (
  select
    bounded.*,
    case
      when bounded.threshold = 0 then least(bounded.quantity, coalesce(bounded.ends, bounded.quantity))
      else greatest(
        least(bounded.quantity, coalesce(bounded.ends, bounded.quantity)) - bounded.begins, cast(0 as decimal(18, 3))
      )
    end as part
  from bounded
)
select
  parts.customer, parts.account, parts.service, parts.month, parts.step, parts.threshold, parts.times, parts.begins,
  parts.tariff, cast(parts.part as decimal(18, 3)) as quantity,
  cast(parts.tariff * cast(parts.part as decimal(18, 3)) as decimal(18, 7)) as amount, parts.submission, parts.sheet,
  parts.row
from parts
where parts.threshold = 0 or parts.part > 0
