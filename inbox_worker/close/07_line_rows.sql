-- Rows of the lines in force on the 1st of the month, a row a line or a row a meter of a line.
select
  s.customer, s.account, s.service, s.house, s.address, s.flat, s.name, s.area, s.residents, s.base, s.meter,
  s.email, s.from_month, s.sequence, s.submission, s.sheet, s.row
from standing_rows s
where s.ended = 0
