-- Use of the meters of an account and service, of one Customer's ($owner) or ('') of all. `starts` = 1: the last counted
-- value is the one that the meter was put in with. One row a meter.
select u.meter, u.current, u.last, u.turned, u.used, u.how, case when i.meter is not null then 1 else 0 end as starts,
  u.submission, u.sheet, u.row, u.last_submission, u.last_sheet, u.last_row
from meter_use u
left join put_in_meters i on i.customer = u.customer and i.account = u.account and i.service = u.service
  and i.meter = u.meter and i.submission = u.last_submission and i.sheet = u.last_sheet and i.row = u.last_row
where u.account = $account and u.service = $service and ($owner = '' or u.customer = $owner)
order by u.meter
