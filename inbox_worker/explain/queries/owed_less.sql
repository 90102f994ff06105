-- Parts of payments that lessened a line's overdue debt in the month before: the day of a payment still counts (4.1.6). One
-- row a part.
select p.amount, p.bank, p.paid_on, p.number, p.submission, p.sheet, p.row
from debt_payments p
where p.customer = $customer and p.account = $account and p.service = $service and p.amount <> 0
order by p.paid_on, p.number
