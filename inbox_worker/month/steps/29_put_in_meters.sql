-- The reading that a meter was put in with, of its latest replacement not after the month (7.2): it is counted from.
-- Empty without rows of every_meter_change.
select i.customer, i.account, i.service, i.meter, i.month, i.reading, i.submission, i.sheet, i.row
from (
  select
    c.customer, c.account, c.service, c.new_meter as meter, c.month, c.initial as reading, c.submission, c.sheet,
    c.row,
    row_number() over (
      partition by c.customer, c.account, c.service, c.new_meter order by c.month desc, c.sequence desc, c.row desc
    ) as place
  from known_meter_change c
) i
where i.place = 1
