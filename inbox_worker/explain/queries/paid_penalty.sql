-- Parts of the month's payments that paid a line's penalty, opening and the month's (4.1.6). One row a part.
select opening_penalty_part + penalty_part, bank, paid_on, number, submission, sheet, row
from allocations a cross join period p
where a.month = p.month and a.customer = $customer and a.account = $account and a.service = $service
  and opening_penalty_part + penalty_part <> 0
order by paid_on, number
