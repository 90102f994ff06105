-- Readings of each line's meters with their days, as a bill shows them (7.2). One row a line.
create or replace temp table bill_meters as
with days as (
  select submission, sheet, row, taken_on as day, false as removed from every_meter_readings
  union all select submission, sheet, row, changed_on, true from every_meter_change
)
select u.customer, u.account, u.service, list({
  'number': u.meter, 'previous': u.last, 'previous_on': b.day, 'current': u.current, 'current_on': d.day,
  'used': u.used, 'history': h.history, 'removed': coalesce(d.removed, false)
} order by u.meter) as meters
from meter_use u
left join bill_meter_months h using (customer, account, service, meter)
left join days d on d.submission = u.submission and d.sheet = u.sheet and d.row = u.row
left join days b on b.submission = u.last_submission and b.sheet = u.last_sheet and b.row = u.last_row
group by u.customer, u.account, u.service
