-- Payments that no statement of distribution has yet, of one day or ($day null) of all (4.1.7). One row a bank, day,
-- month of account, Customer and service.
select coalesce(a.bank, '') as bank, a.paid_on, a.month, a.customer, a.service, count(*) as count, sum(a.amount) as received, sum(a.fee) as fee, max(a.sequence) as upto
from allocations a
left join distributed d on d.bank = coalesce(a.bank, '') and d.paid_on = a.paid_on and d.month = a.month
where a.sequence > coalesce(d.upto, 0) and ($day is null or a.paid_on = $day)
group by all order by all
