-- Proof: what a bank brought is posted or in suspense, payment by payment (4.1.7). A row is a payment that is not.
select bank, number, account, sum(received) as received, sum(posted) as posted, sum(suspense) as suspense
from (
  select bank, number, account, amount as received, 0 as posted, 0 as suspense
  from bank_register cross join period p where bank_register.month = p.month
  union all
  select bank, number, account, amount, 0, 0 from reassigned cross join period p where reassigned.month = p.month
  union all
  select bank, number, account, 0, amount, 0 from month_payments
  union all
  select bank, number, account, 0, 0, amount from suspense cross join period p where suspense.month = p.month
) group by bank, number, account having sum(received) <> sum(posted) + sum(suspense) order by all
