-- What reversals of the month take back from lines of ended contracts of what earlier months had posted, a row a line:
-- `amount` in all, `advance` of it as an advance; what was moved of that goes back (10.10).
-- Empty without rows of ended_contracts.
select a.customer, a.account, a.service, -sum(a.amount) as amount, -sum(a.advance_part) as advance
from allocations a
join period p on p.month = a.month
join ended_contracts e on e.customer = a.customer
left join allocations o on o.payment = a.reverses and o.month = a.month and o.customer = a.customer
  and o.account = a.account and o.service = a.service
left join lines_in_force l on l.customer = a.customer and l.account = a.account and l.service = a.service
where a.reverses is not null and o.payment is null and l.account is null
group by a.customer, a.account, a.service
