-- Customers whose contract had ended before the 1st of the month, by the latest row of the register (10.1, 10.7): their
-- lines stand to the end of the month in which it ended.
-- Empty without rows of every_customers where valid_until is not null.
select c.bin as customer, c.valid_until
from (
  select r.bin, r.valid_until, row_number() over (partition by r.bin order by r.sequence desc, r.row desc) as place
  from customers r
) c
cross join period p
where c.place = 1 and c.valid_until < p.month
