-- `Показание` of each meter's first row: the value counted before the ledger's first reading (7.2).
select f.customer, f.account, f.service, f.meter, f.reading, f.from_month, f.submission, f.sheet, f.row
from (
  select
    d.customer, d.account, d.service, d.meter, d.reading, d.from_month, d.submission, d.sheet, d.row,
    row_number() over (
      partition by d.customer, d.account, d.service, d.meter order by d.from_month, d.sequence, d.row
    ) as place
  from directory d
  where d.reading is not null and d.meter is not null
) f
where f.place = 1
