-- Payments that staff sent back: a register's reversal tells the same again.
select bank, number, account, payment, paid_on, -sum(amount) as amount, -sum(amount) filter (amount < 0) as whole,
  min(sequence) as told, min(row) as row
from reassigned semi join taken_back using (bank, number, account)
where reason = 'payment.returned' group by bank, number, account, payment, paid_on having sum(amount) < 0
order by paid_on, told, row
