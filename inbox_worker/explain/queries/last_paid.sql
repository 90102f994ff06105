-- The parts of an account's last day of payments to a Customer up to the month that stand, and what the bank has taken back
-- of them since. One row a part.
with known as (
  select a.* from allocations a cross join period p
  where a.month <= p.month and a.customer = $customer and a.account = $account
),
standing as (
  select n.bank, n.number, n.paid_on
  from (select distinct bank, number, paid_on from known where amount > 0) n
  join known k on k.bank = n.bank and k.number = n.number
    and case when k.amount > 0 then k.paid_on = n.paid_on else k.paid_on >= n.paid_on end
  group by n.bank, n.number, n.paid_on
  having sum(k.amount) > 0
  qualify n.paid_on = max(n.paid_on) over ()
)
select k.amount, k.bank, k.paid_on, k.number, k.opening_part, k.month_part, k.advance_part, k.submission, k.sheet, k.row
from known k join standing s on s.bank = k.bank and s.number = k.number
  and case when k.amount > 0 then k.paid_on = s.paid_on else k.paid_on >= s.paid_on end
order by k.paid_on, k.number, k.service
