-- Lines whose quantity another Customer's correction of the directory has changed this month. One row a line.
select s.account, s.customer, s.service, s.house, c.indicator, c.customer as corrected_by, c.submission,
  v.charged as before, l.charged as now
from corrected c cross join period p
join corrected_rows r on r.account = c.account and r.indicator = c.indicator and r.customer <> c.customer
join standing_rows s on s.account = r.account and s.customer = r.customer and s.service = r.service
  and s.from_month = r.from_month and s.sequence = r.sequence and s.row = r.row and s.ended = 0 and s.place = 1
  and ((c.indicator = 'Площадь' and s.base = 'м²') or (c.indicator = 'Проживает' and s.base = 'чел.'))
join lines l on l.account = s.account and l.customer = s.customer and l.service = s.service
left join previous v on v.account = s.account and v.customer = s.customer and v.service = s.service
where c.from_month = p.month and (v.account is null or v.quantity <> l.quantity)
order by s.account, s.customer, s.service
