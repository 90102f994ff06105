-- Tariffs in force on a Customer's lines. One row a line.
select account, service, tariff, from_month, submission, sheet, row
from tariffs_in_force where customer = $customer order by account, service
