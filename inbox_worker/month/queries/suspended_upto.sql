-- Payments of a month or earlier that stand in suspense, with their place in the register. One row a payment.
select payment, bank, paid_on, number, account, payee, service, sum(amount) as amount,
  min(submission) as submission, min(sheet) as sheet, min(row) as row
from suspense group by payment, bank, paid_on, number, account, payee, service
having sum(amount) > 0 and min(month) <= $month
order by payment
