-- Payments that banks took back in the month, from all lines of an account. One row a payment and day.
select p.account, p.number, p.paid_on, cast(-sum(p.amount) as decimal(18, 2))
from month_payments p
where p.amount < 0 group by p.account, p.bank, p.number, p.paid_on order by all
