-- The parts of an account's last day of payments to a Customer up to the month. One row a part.
select a.amount, a.bank, a.paid_on, a.number, a.opening_part, a.month_part, a.advance_part, a.submission, a.sheet, a.row
from allocations a cross join period p
where a.month <= p.month and a.customer = $customer and a.account = $account
qualify a.paid_on = max(a.paid_on) over () order by a.number, a.service
