-- Proof: each Customer's and service's lines add up to the entries they are made of. A row is a broken sum.
with entries as (
  select customer, service, 'charged' as what, sum(charged) as amount from charges group by all
  union all select customer, service, 'recalculated', sum(amount) from recalculation_rows group by all
  union all select customer, service, 'penalty', sum(amount) from penalties group by all
  union all select customer, service, 'paid', sum(paid) from paid group by all
  union all select customer, service, 'moved', sum(amount) from moved group by all
  union all select customer, service, 'opening', sum(closing) from previous group by all
  union all select customer, service, 'opening', sum(balance) from opening_balances group by all
), shown as (
  unpivot (
    select customer, service, sum(charged) as charged, sum(recalculated) as recalculated, sum(penalty) as penalty,
      sum(paid) as paid, sum(moved) as moved, sum(opening) as opening
    from lines group by customer, service
  ) on charged, recalculated, penalty, paid, moved, opening into name what value amount
)
select customer, service, what, sum(shown) as shown, sum(entered) as entered
from (
  select customer, service, what, amount as shown, 0.00 as entered from shown
  union all
  select customer, service, what, 0.00, amount from entries
)
group by customer, service, what having sum(shown) <> sum(entered) order by all
