-- Sums of statements by the register that brought them. One row each.
select s.number, a.submission, count(distinct a.payment) as count, sum(a.amount) as received, sum(a.fee) as fee
from allocations a
join statements s on s.bank = coalesce(a.bank, '') and s.day = a.paid_on and s.month = a.month
  and a.sequence > s.after and a.sequence <= s.upto
group by all order by all
