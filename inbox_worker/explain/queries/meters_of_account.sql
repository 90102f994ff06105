-- Use of the meters of an account and service, of one Customer's ($owner) or ('') of all. One row a meter.
select meter, current, last, turned, used, how, submission, sheet, row, last_submission, last_sheet, last_row
from meter_use
where account = $account and service = $service and ($owner = '' or customer = $owner)
order by meter
