-- How many lines of each Customer and service no tariff prices, so that they are charged nothing.
select customer, service, count(*) as lines
from charges
where untariffed = 1
group by all order by all
