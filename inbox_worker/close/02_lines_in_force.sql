-- One row a line; where a line has several meters its first row speaks for it.
select
  r.customer, r.account, r.service, r.house, r.address, r.flat, r.name, r.area, r.residents, r.base, r.email,
  r.submission, r.sheet, r.row
from (
  select l.*, row_number() over (partition by l.customer, l.account, l.service order by l.sequence, l.row) as place
  from line_rows l
) r
where r.place = 1
