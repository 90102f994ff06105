-- Whose consumption tells of which meter (7.2): its own, and that of the meters whose place it took, three back.
-- Empty without rows of every_meter_change.
select c.customer, c.account, c.service, c.meter, c.new_meter as successor
from known_meter_change c
union
select a.customer, a.account, a.service, a.meter, b.new_meter as successor
from known_meter_change a
join known_meter_change b on b.customer = a.customer and b.account = a.account and b.service = a.service
  and b.meter = a.new_meter and b.month >= a.month
union
select a.customer, a.account, a.service, a.meter, c.new_meter as successor
from known_meter_change a
join known_meter_change b on b.customer = a.customer and b.account = a.account and b.service = a.service
  and b.meter = a.new_meter and b.month >= a.month
join known_meter_change c on c.customer = b.customer and c.account = b.account and c.service = b.service
  and c.meter = b.new_meter and c.month >= b.month
