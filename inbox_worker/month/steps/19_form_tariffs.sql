-- The tariff of forms for each line (4.3.2.1): of those of its base (what is asked a cubic metre is not asked a resident)
-- that fit its house and category, the latest `Действует с` that applies in the month; at a tie one with a house before
-- one without, then one with a category before one without. Of a tariff by steps this is the first step. Lines of one
-- service, base, house and category have one tariff: it is chosen once for all of them.
-- Empty without rows of every_tariffs.
with first_steps as (
  select told.*
  from known_tariffs told
  cross join period
  where told.applies_from <= period.month and told.threshold is null
),
places as (
  select distinct line.customer, line.service, line.base, line.house, line.category
  from lines_in_force line
  join (select distinct first_steps.customer, first_steps.service, first_steps.base from first_steps) asked
    on asked.customer = line.customer and asked.service = line.service and asked.base = line.base
),
fitting as (
  select
    place.customer, place.service, place.base, place.house, place.category, told.house as told_house,
    told.category as told_category, told.tariff, told.from_month, told.submission, told.sheet, told.row,
    row_number() over (
      partition by place.customer, place.service, place.base, place.house, place.category
      order by
        told.from_month desc, case when told.house is null then 0 else 1 end desc,
        case when told.category is null then 0 else 1 end desc, told.sequence desc, told.row desc
    ) as turn
  from places place
  join first_steps told on told.customer = place.customer and told.service = place.service and told.base = place.base
    and (told.house is null or told.house = place.house) and (told.category is null or told.category = place.category)
)
select
  line.customer, line.account, line.service, fitting.told_house as house, fitting.told_category as category,
  fitting.tariff, fitting.from_month, fitting.submission, fitting.sheet, fitting.row
from lines_in_force line
join fitting on fitting.customer = line.customer and fitting.service = line.service and fitting.base = line.base
  and fitting.house = line.house and coalesce(fitting.category, '') = coalesce(line.category, '')
where fitting.turn = 1
