-- Payments as they were allocated on loading (4.1.7); the close never allocates again.
-- Empty without rows of month_payments.
select
  a.customer, a.account, a.service,
  sum(a.amount) as paid, sum(a.opening_penalty_part + a.penalty_part) as paid_penalty
from month_payments a
group by a.customer, a.account, a.service
