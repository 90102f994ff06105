-- One row a line in force.
select
  s.customer, s.account, s.service, s.house, s.address, s.flat, s.name, s.area, s.residents, s.base, s.category, s.email,
  s.from_month, s.sequence, s.submission, s.sheet, s.row
from standing_rows s
where s.ended = 0 and s.place = 1
