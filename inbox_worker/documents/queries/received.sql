-- What banks brought in a month, less what went back to them (as the close's own proof counts it). One row.
select coalesce(sum(b.amount), 0)
from (select month, amount from bank_register union all select month, amount from reassigned) b
where b.month = $month
