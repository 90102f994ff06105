-- A ratio only says what to look at; money stays DECIMAL.
with houses as (
  select customer, service, house, base, cast(sum(lines) as bigint) as lines, sum(before) as before, sum(now) as now,
    sum(units_before) as units_before, sum(units) as units
  from house_sums group by customer, service, house, base
), rates as (
  select h.*, before / units_before::double as rate_before, now / units::double as rate,
    case when before > 0 then (now / units::double) / (before / units_before::double) when now <= 0 then 1 end as moved
  from houses h where units > 0 and units_before > 0
), compared as (
  select r.*, count(*) over service_of as houses, count(*) filter (before > 0) over service_of as charged_before,
    nullif(median(moved) over service_of, 0) as middle
  from rates r window service_of as (partition by customer, service, base)
), told as (
  select c.*,
    case
      when moved is null and 2 * charged_before >= houses then 'begun'
      when houses >= $least_houses and abs(moved / middle - 1) * 100 > $others_percent then 'others'
      when abs(moved - 1) * 100 > $own_percent then 'own'
    end as kind
  from compared c where lines >= $least_lines
), weighed as (
  select t.*, abs(now - case when kind = 'others' then before * middle else before end) as deviation from told t
)
select customer, service, house, base, lines, kind, before, now,
  cast(rate_before as decimal(18, 4)), cast(rate as decimal(18, 4)),
  cast((moved - 1) * 100 as decimal(18, 1)), cast((middle - 1) * 100 as decimal(18, 1)), count(*) over () as many
from weighed where kind is not null and deviation >= $least_sum
order by deviation desc, customer, service, house limit $listed
