-- Fees of the month's payments to a Customer, on a service or ('') on all. One row a part.
select service, amount, percent, fee, bank, paid_on, number, account, commission, commission_of, submission, sheet, row
from allocations a cross join period p
where a.month = p.month and customer = $customer and ($service = '' or service = $service)
order by service, paid_on, number, account
