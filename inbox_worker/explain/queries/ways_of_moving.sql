-- How something was moved on the account's lines (10.10): whether the line is one that it leaves. One row a way: `back` 0 =
-- on to the other lines, 1 = back from them.
select q.back, bool_or(q.customer = $customer and q.service = $service) as leaves
from leaving q where q.account = $account group by q.back order by q.back
