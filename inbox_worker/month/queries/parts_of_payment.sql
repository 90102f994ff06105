-- Parts of a payment on an account, and of what took it back, a row a part, in the order of posting.
select a.payment, a.reverses, a.month, a.sequence, a.customer, a.service, a.amount
from every_allocations a
where a.account = $account and (a.payment = $payment or a.reverses = $payment)
order by a.sequence, a.paid_on, a.row, a.customer, a.service
