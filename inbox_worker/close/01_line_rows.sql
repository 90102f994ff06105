-- Directory rows of the lines in force on the 1st of the month: all rows with the line's latest
-- `Действует с` not after the month (4.1.16). A row loaded again for the same date wins.
select
  v.customer, v.account, v.service, v.house, v.address, v.flat, v.name, v.area, v.residents, v.base, v.meter,
  v.email, v.from_month, v.sequence, v.submission, v.sheet, v.row
from (
  select
    d.*,
    row_number() over (
      partition by d.customer, d.account, d.service, d.meter, d.from_month order by d.sequence desc, d.row desc
    ) as newest,
    max(d.from_month) over (partition by d.customer, d.account, d.service) as line_from
  from directory d
  cross join period p
  where d.from_month <= p.month
) v
where v.newest = 1 and v.from_month = v.line_from
