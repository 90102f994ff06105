-- One row a line that stands or stood: past months are recalculated and paid for after a line has ended, too.
select
  s.customer, s.account, s.service, s.house, s.address, s.flat, s.name, s.area, s.residents, s.base, s.category
from standing_rows s
where s.place = 1
