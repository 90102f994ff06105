-- Readings that count (7.2): those of the form, and the last reading of a meter that was replaced, which stands for
-- its month whatever was read in it before.
select
  r.customer, r.account, r.service, r.meter, r.month, r.previous, r.current, r.rollover, r.sequence, r.submission,
  r.sheet, r.row
from meter_readings r
left join known_meter_change c on c.customer = r.customer and c.account = r.account and c.service = r.service
  and c.meter = r.meter and c.month = r.month
where c.account is null
union all
select
  c.customer, c.account, c.service, c.meter, c.month, cast(null as decimal(18, 3)) as previous, c.current, c.rollover,
  c.sequence, c.submission, c.sheet, c.row
from known_meter_change c
