-- The directory's tariff of each line: of the rows of the line's own base that fit its category that with the latest
-- `Действует с` not after the month, then one with a category, then the later posting (4.3.2.1). Rows are only ranked where a line has several.
select d.customer, d.account, d.service, d.tariff, d.from_month, d.submission, d.sheet, d.row
from directory d
cross join period p
left join retold_lines m on m.customer = d.customer and m.account = d.account and m.service = d.service
where d.tariff is not null and d.from_month <= p.month and m.account is null
union all
select c.customer, c.account, c.service, c.tariff, c.from_month, c.submission, c.sheet, c.row
from (
  select
    n.customer, n.account, n.service, n.tariff, n.from_month, n.submission, n.sheet, n.row,
    row_number() over (
      partition by n.customer, n.account, n.service
      order by n.from_month desc, case when n.category is null then 0 else 1 end desc, n.sequence desc, n.row desc
    ) as place
  from directory n
  join retold_lines m on m.customer = n.customer and m.account = n.account and m.service = n.service
  join lines_in_force l on l.customer = n.customer and l.account = n.account and l.service = n.service
    and l.base = n.base and (n.category is null or n.category = l.category)
  cross join period p
  where n.tariff is not null and n.from_month <= p.month
) c
where c.place = 1
