-- The close's `payments`: one row a part of a payment and line, with the operator's fee (4.2.5, 5.1).
select payment, bank, paid_on, number, account, customer, service, amount,
  cast(opening_penalty_part + penalty_part as decimal(18,2)) as penalty_part, percent, fee,
  cast(amount - fee as decimal(18,2)) as transfer, submission, sheet, row
from month_payments
order by account, customer, service, paid_on, bank, number, payment
