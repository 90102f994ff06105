-- Sums of statements by Customer and service. One row each.
select s.number, a.customer, a.service, count(distinct a.payment) as count, sum(a.amount) as received, sum(a.fee) as fee
from allocations a
join statements s on s.bank = coalesce(a.bank, '') and s.day = a.paid_on and s.month = a.month
  and a.sequence > s.after and a.sequence <= s.upto
group by all order by all
