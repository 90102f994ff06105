-- Parts of the month's payments on a line, with the posting that they are of. One row a part.
select amount, bank, paid_on, number, opening_part, month_part, advance_part, submission, sheet, row, payment, sequence, reverses
from allocations a cross join period p
where a.month = p.month and a.customer = $customer and a.account = $account and a.service = $service
order by paid_on, number
