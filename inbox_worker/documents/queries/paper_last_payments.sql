-- The last day of a payment up to the month's end, and what came that day. One row an account and Customer.
create temp table paper_last_payments as
select account, customer, paid_on as last_paid_on, cast(sum(amount) as decimal(18, 2)) as last_paid
from paper_paid
group by account, customer, paid_on
qualify paid_on = max(paid_on) over (partition by account, customer)
