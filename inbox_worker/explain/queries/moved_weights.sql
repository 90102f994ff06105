-- By what the account's other lines share what is moved (10.10), in the order in which the first of them takes what nothing
-- can be shared by. One row a line and way: `back` 0 = its charge of the month, 1 = what earlier months had moved to it.
select w.back, w.customer, w.service, w.weight
from (
  select 0 as back, l.customer, l.service, greatest(b.charged, cast(0 as decimal(18, 2))) as weight
  from lines_in_force l
  join balances b using (customer, account, service)
  left join ended_contracts x on x.customer = l.customer
  where l.account = $account and x.customer is null
  union all
  select 1 as back, m.customer, m.service, -m.moved as weight
  from moved_before m where m.account = $account and m.moved < 0
) w
join (select distinct q.back from leaving q where q.account = $account) s using (back)
join services o on o.service = w.service
order by w.back, o.place, w.customer
