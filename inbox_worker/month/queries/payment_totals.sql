-- The month's payments: received (less what went back to its bank), posted, in suspense, fees, transfers. One row.
select r.received, m.posted, s.suspense, m.fees, m.transfers
from (
  select coalesce(sum(b.amount), 0.00) as received
  from (select month, amount from bank_register union all select month, amount from reassigned) b
  cross join period p where b.month = p.month
) r
cross join (
  select coalesce(sum(amount), 0.00) as posted, coalesce(sum(fee), 0.00) as fees,
    coalesce(sum(amount - fee), 0.00) as transfers
  from month_payments
) m
cross join (
  select coalesce(sum(x.amount), 0.00) as suspense from suspense x cross join period p where x.month = p.month
) s
