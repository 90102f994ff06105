-- What leaves lines of the account whose contract has ended and what goes back to them (10.10), with what it comes of. One row
-- a line and way: `back` 0 = `paid` beyond `debt` goes on to the other lines, 1 = of an advance that is taken back (`paid`),
-- what earlier months had moved (`debt`) goes back.
select
  q.back, q.customer, q.service, q.amount,
  case when q.back = 0 then b.paid + coalesce(t.amount, 0) else t.advance end as paid,
  case when q.back = 0 then b.due + b.paid + coalesce(t.amount, 0) - coalesce(m.undone, 0) else m.moved end as debt
from leaving q
left join balances b using (customer, account, service)
left join given_back t using (customer, account, service)
left join moved_before m using (customer, account, service)
where q.account = $account order by q.back, q.customer, q.service
