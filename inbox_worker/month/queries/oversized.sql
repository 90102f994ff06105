-- Lines whose charge has more digits than a sum can have, the first few; `many`: how many there are.
select q.account, q.customer, q.service, t.tariff, q.quantity, t.submission, count(*) over () as many
from quantities q
join tariffs_in_force t on t.customer = q.customer and t.account = q.account and t.service = q.service
where abs(cast(t.tariff as double) * cast(q.quantity as double)) >= $most
order by q.account, q.customer, q.service limit $shown
