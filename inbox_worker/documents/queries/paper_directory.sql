-- Lines and meters in force on the 1st, with tariff and last reading (4.1.16). One row a line and meter.
select l.customer, l.account, l.service, l.house, l.address, l.flat, l.name, l.area, l.residents, l.base, l.meter,
  l.from_month, t.tariff, coalesce(m.current, m.last) as reading
from line_rows l
left join tariffs_in_force t on t.customer = l.customer and t.account = l.account and t.service = l.service
left join meter_use m on m.customer = l.customer and m.account = l.account and m.service = l.service
  and m.meter = l.meter
