-- Every version of every line, whatever told it.
select
  b.customer, b.account, b.service, b.house, b.address, b.flat, b.name, b.area, b.residents, b.base, b.category, b.meter,
  b.email, b.from_month, b.sequence, b.told_from, b.proof, b.submission, b.sheet, b.row
from begun_lines b
union all
select
  a.customer, a.account, a.service, a.house, a.address, a.flat, a.name, a.area, a.residents, a.base, a.category, a.meter,
  a.email, a.from_month, a.sequence, a.told_from, a.proof, a.submission, a.sheet, a.row
from added_lines a
