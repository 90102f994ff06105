-- How many lines of each Customer and service have a quantity and no tariff, so that they are charged nothing.
select customer, service, count(*) as lines from quantities q left join tariffs_in_force t using (customer, account, service)
anti join fixed_sums using (customer, account, service)
anti join stopped using (customer, account, service)
where t.tariff is null and q.base <> 'schedule'
group by all order by all
