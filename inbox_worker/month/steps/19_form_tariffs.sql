-- The tariff of forms for each line charged by its base (what is asked a cubic metre is not asked a resident): of
-- its house or of all houses, the latest `Действует с` that applies in the month; at a tie the house's own (4.3.2.1).
with told as (
  select r.customer, r.service, r.base, r.house, r.tariff, r.from_month, r.submission, r.sheet, r.row
  from (
    select
      t.*, row_number() over (
        partition by t.customer, t.service, t.base, t.house order by t.from_month desc, t.sequence desc, t.row desc
      ) as place
    from known_tariffs t
    cross join period p
    where t.applies_from <= p.month
  ) r
  where r.place = 1
)
select l.customer, l.account, l.service, g.tariff, g.from_month, g.submission, g.sheet, g.row
from lines_in_force l
join told g on g.customer = l.customer and g.service = l.service and g.base = l.base
left join told h on h.customer = l.customer and h.service = l.service and h.base = l.base and h.house = l.house
where g.house is null and (h.house is null or h.from_month < g.from_month)
union all
select l.customer, l.account, l.service, h.tariff, h.from_month, h.submission, h.sheet, h.row
from lines_in_force l
join told h on h.customer = l.customer and h.service = l.service and h.base = l.base and h.house = l.house
left join told g on g.customer = l.customer and g.service = l.service and g.base = l.base and g.house is null
where g.customer is null or g.from_month <= h.from_month
