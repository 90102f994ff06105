-- A Customer's lines and meters in force on the 1st. One row a line and meter.
select account, house, address, flat, name, area, residents, service, base, meter, from_month, submission, sheet, row
from line_rows where customer = $customer order by account, service, meter
