-- Rows of the lines in force on the 1st of the month, a row a line or a row a meter of a line. A meter that was
-- replaced gives its place to the new one in the notice's month of account (7.2).
select
  s.customer, s.account, s.service, s.house, s.address, s.flat, s.name, s.area, s.residents, s.base, s.meter,
  s.email, s.from_month, s.sequence, s.submission, s.sheet, s.row
from standing_rows s
left join swapped_meters x on x.customer = s.customer and x.account = s.account and x.service = s.service
  and x.meter = s.meter and x.present = 0
where s.ended = 0 and x.account is null
union all
select
  s.customer, s.account, s.service, s.house, s.address, s.flat, s.name, s.area, s.residents, s.base, x.meter,
  s.email, s.from_month, s.sequence, s.submission, s.sheet, s.row
from swapped_meters x
join standing_rows s on s.customer = x.customer and s.account = x.account and s.service = x.service and s.place = 1
left join standing_rows t on t.customer = x.customer and t.account = x.account and t.service = x.service
  and t.meter = x.meter
where x.present = 1 and s.ended = 0 and t.account is null
