-- How many lines of each Customer and service stand, what they are charged, and how many of them stood in the month before.
select l.customer, l.service, count(*) as lines, sum(l.charged) as charged,
  count(case when v.tariff <> 0 or v.quantity <> 0 or v.charged <> 0 then 1 end) as before
from lines l
join lines_in_force f on f.account = l.account and f.customer = l.customer and f.service = l.service
left join previous v on v.account = l.account and v.customer = l.customer and v.service = l.service
group by all order by all
