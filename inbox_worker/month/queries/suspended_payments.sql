-- What the suspense holds of each payment, and why it waits or how it left (4.1.7). One row a payment.
select payment, any_value(bank) as bank, any_value(paid_on) as paid_on, any_value(number) as number,
  any_value(account) as account, any_value(payee) as payee, any_value(service) as service, sum(amount) as amount,
  arg_min(reason, sequence) as reason, arg_max(reason, sequence) as last, min(month) as month,
  arg_min(submission, sequence) as submission, arg_min(sheet, sequence) as sheet, arg_min(row, sequence) as row
from suspense group by payment order by month, paid_on, bank, number, payment
