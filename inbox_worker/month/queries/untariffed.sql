-- How many lines have a quantity and no tariff, so that they are charged nothing.
select count(*) from quantities q left join tariffs_in_force t using (customer, account, service)
anti join fixed_sums using (customer, account, service)
anti join stopped using (customer, account, service)
where t.tariff is null and q.base <> 'schedule'
