-- What waits in suspense of the payments that a register takes back. One row a payment.
select bank, number, account, payment, paid_on, payee, service, sum(amount) as amount,
  sum(amount) filter (amount > 0) as whole, min(sequence) as told, min(row) as row
from suspense semi join taken_back using (bank, number, account)
group by bank, number, account, payment, paid_on, payee, service having sum(amount) > 0
order by paid_on, told, row
