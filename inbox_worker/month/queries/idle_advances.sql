-- What consumers have paid too much on lines that are not charged any more, by Customer and service.
select l.customer, l.service, count(*) as lines, -sum(l.closing) as amount
from lines l
left join lines_in_force f on f.account = l.account and f.customer = l.customer and f.service = l.service
where f.account is null and l.closing < 0
group by all order by all
