-- Recalculations posted in the month, a row each: those of forms (4.3.2.4), and one a line and past month for
-- every tariff that came on time with an earlier `Действует с` (4.1.4): the new tariff by that month's quantity
-- less what that month was charged and recalculated by tariffs before. Sums that were told stay.
select
  r.customer, r.account, r.service, r.past_month, r.amount, 'form' as kind, r.submission, r.sheet, r.row
from recalculations r
cross join period p
where r.month = p.month
union all
select
  d.customer, d.account, d.service, d.past_month, d.amount, 'tariff' as kind, d.submission, d.sheet, d.row
from (
  select
    c.customer, c.account, c.service, c.past_month,
    cast(round(c.tariff * c.quantity, 2) as decimal(18, 2)) - c.charged - coalesce(b.amount, 0) as amount,
    c.submission, c.sheet, c.row
  from (
    select
      h.customer, h.account, h.service, h.month as past_month, h.quantity, h.charged, t.tariff,
      t.submission, t.sheet, t.row,
      row_number() over (
        partition by h.customer, h.account, h.service, h.month
        order by t.from_month desc, t.by_form desc, t.by_house desc, t.sequence desc, t.row desc
      ) as place
    from history_lines h
    join known_lines l on l.customer = h.customer and l.account = h.account and l.service = h.service
    left join known_service_charges fixed on fixed.customer = h.customer and fixed.account = h.account
      and fixed.service = h.service and fixed.month = h.month
    join (
      select n.customer, n.service, n.house, min(n.applies_from) as since
      from known_tariffs n
      cross join period p
      where n.month = p.month and n.applies_from < p.month
      group by n.customer, n.service, n.house
    ) changed on changed.customer = l.customer and changed.service = l.service
      and (changed.house is null or changed.house = l.house) and h.month >= changed.since
    join (
      select
        f.customer, f.service, f.house, f.base, cast(null as varchar) as account, f.tariff, f.from_month, f.applies_from,
        1 as by_form, case when f.house is null then 0 else 1 end as by_house, f.sequence,
        f.submission, f.sheet, f.row
      from known_tariffs f
      union all
      select
        g.customer, g.service, cast(null as varchar) as house, cast(null as varchar) as base, g.account, g.tariff, g.from_month, g.from_month,
        0 as by_form, 0 as by_house, g.sequence, g.submission, g.sheet, g.row
      from directory g
      where g.tariff is not null
    ) t on t.customer = h.customer and t.service = h.service and t.applies_from <= h.month
      and (t.house is null or t.house = l.house) and (t.base is null or t.base = l.base)
      and (t.account is null or t.account = h.account)
    where fixed.account is null and l.base <> 'schedule'
  ) c
  left join (
    select k.customer, k.account, k.service, k.past_month, sum(k.amount) as amount
    from history_recalculations k
    where k.kind = 'tariff'
    group by k.customer, k.account, k.service, k.past_month
  ) b on b.customer = c.customer and b.account = c.account and b.service = c.service
    and b.past_month = c.past_month
  where c.place = 1
) d
where d.amount <> 0
