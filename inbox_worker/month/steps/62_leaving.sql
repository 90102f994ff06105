-- What is moved in the month, a row a line of a Customer whose contract has ended (10.10): `back` 0 = what it got in the
-- month beyond its debt, which goes to the lines of the others left in the bill, whatever was taken back of earlier
-- months; 1 = what it had moved to them out of a payment that is taken back.
-- Empty without rows of ended_contracts.
select g.account, g.customer, g.service, 0 as back, g.amount
from (
  select
    b.account, b.customer, b.service,
    least(b.paid + coalesce(t.amount, 0), coalesce(m.undone, 0) - b.due) as amount
  from balances b
  join ended_contracts c on c.customer = b.customer
  left join given_back t on t.customer = b.customer and t.account = b.account and t.service = b.service
  left join moved_before m on m.customer = b.customer and m.account = b.account and m.service = b.service
  left join lines_in_force l on l.customer = b.customer and l.account = b.account and l.service = b.service
  where l.account is null
) g
join (
  select distinct r.account
  from lines_in_force r
  left join ended_contracts x on x.customer = r.customer
  where x.customer is null
) t on t.account = g.account
where g.amount > 0
union all
select u.account, u.customer, u.service, 1 as back, u.undone as amount
from moved_before u
where u.undone > 0
