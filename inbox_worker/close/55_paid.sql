-- Payments as they were allocated on loading (4.1.7); the close never allocates again.
select
  a.customer, a.account, a.service,
  sum(a.amount) as paid, sum(a.opening_penalty_part + a.penalty_part) as paid_penalty
from allocations a
cross join period p
where a.month = p.month
group by a.customer, a.account, a.service
