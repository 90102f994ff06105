-- The tariff of each line: the latest `Действует с` not after the month wins; at a tie a form beats the
-- directory, a row with a house beats one without, then the later posting (4.3.2.1, money.md). A form's tariff
-- is for lines charged by its base: what is asked a cubic metre is not asked a resident.
select c.customer, c.account, c.service, c.tariff, c.from_month, c.submission, c.sheet, c.row
from (
  select
    n.*,
    row_number() over (
      partition by n.customer, n.account, n.service
      order by n.from_month desc, n.by_form desc, n.by_house desc, n.sequence desc, n.row desc
    ) as place
  from (
    select
      d.customer, d.account, d.service, d.tariff, d.from_month, 0 as by_form, 0 as by_house, d.sequence,
      d.submission, d.sheet, d.row
    from directory d
    cross join period p
    where d.tariff is not null and d.from_month <= p.month
    union all
    select
      l.customer, l.account, l.service, t.tariff, t.from_month, 1 as by_form,
      case when t.house is null then 0 else 1 end as by_house, t.sequence, t.submission, t.sheet, t.row
    from lines_in_force l
    join known_tariffs t on t.customer = l.customer and t.service = l.service and t.base = l.base
    cross join period p
    where t.applies_from <= p.month and (t.house is null or t.house = l.house)
  ) n
) c
where c.place = 1
