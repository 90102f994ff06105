-- Why payments of the month wait in suspense, or how they left. One row a payment.
select coalesce(min(reason) filter (where amount > 0), min(reason)) as reason, sum(amount) as amount
from suspense where month = $month group by payment having sum(amount) <> 0 order by all
