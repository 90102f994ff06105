-- Past months counted again in this month: by a tariff that came on time with an earlier `Действует с` (4.1.4), and
-- by a reading after months that were estimated (7.2): the tariff as known now by that month's quantity without
-- what later readings cover, beside what was charged before. Sums that were told stay.
select
  c.customer, c.account, c.service, c.past_month, c.kind, c.tariff, c.quantity,
  cast(round(c.tariff * c.quantity, 2) as decimal(18, 2)) as charged,
  c.tariff_before, c.quantity_before, c.charged_before, c.submission, c.sheet, c.row
from (
  select
    h.customer, h.account, h.service, h.month as past_month, t.tariff,
    cast(l.quantity - coalesce(e.quantity, 0) as decimal(18, 3)) as quantity,
    h.tariff as tariff_before, h.quantity as quantity_before, h.charged as charged_before,
    case when e.now = 1 then 'reading' else 'tariff' end as kind,
    case when e.now = 1 then e.submission else t.submission end as submission,
    case when e.now = 1 then e.sheet else t.sheet end as sheet,
    case when e.now = 1 then e.row else t.row end as row,
    row_number() over (
      partition by h.customer, h.account, h.service, h.month
      order by t.from_month desc, t.by_form desc, t.by_house desc, t.sequence desc, t.row desc
    ) as place
  from (
    select k.customer, k.account, k.service, h.month, k.house, k.base, h.quantity
    from history_lines h
    join known_lines k on k.customer = h.customer and k.account = h.account and k.service = h.service
    join (
      select n.customer, n.service, n.house, min(n.applies_from) as since
      from known_tariffs n
      cross join period p
      where n.month = p.month and n.applies_from < p.month
      group by n.customer, n.service, n.house
    ) changed on changed.customer = k.customer and changed.service = k.service
      and (changed.house is null or changed.house = k.house) and h.month >= changed.since
    union
    select k.customer, k.account, k.service, h.month, k.house, k.base, h.quantity
    from history_lines h
    join known_lines k on k.customer = h.customer and k.account = h.account and k.service = h.service
    join read_after a on a.customer = h.customer and a.account = h.account and a.service = h.service
      and a.past_month = h.month and a.now = 1
  ) l
  join past_charges h on h.customer = l.customer and h.account = l.account and h.service = l.service
    and h.month = l.month
  left join known_service_charges fixed on fixed.customer = h.customer and fixed.account = h.account
    and fixed.service = h.service and fixed.month = h.month
  left join past_bases w on w.customer = h.customer and w.account = h.account and w.service = h.service
    and w.month = h.month
  left join read_after e on e.customer = h.customer and e.account = h.account and e.service = h.service
    and e.past_month = h.month
  join (
    select
      f.customer, f.service, f.house, f.base, cast(null as varchar) as account, f.tariff, f.from_month, f.applies_from,
      1 as by_form, case when f.house is null then 0 else 1 end as by_house, f.sequence,
      f.submission, f.sheet, f.row
    from known_tariffs f
    union all
    select
      g.customer, g.service, cast(null as varchar) as house, g.base, g.account, g.tariff,
      g.from_month, g.from_month as applies_from, 0 as by_form, 0 as by_house, g.sequence, g.submission, g.sheet, g.row
    from directory g
    where g.tariff is not null
  ) t on t.customer = h.customer and t.service = h.service and t.applies_from <= h.month
    and (t.house is null or t.house = l.house) and t.base = coalesce(w.base, l.base)
    and (t.account is null or t.account = h.account)
  where fixed.account is null and l.base <> 'schedule'
) c
where c.place = 1
